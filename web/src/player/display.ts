/** Where the browser shows the picture: in the page, over everything, or in a window of its own. */

export function togglePictureInPicture(media: HTMLVideoElement | undefined): void {
  if (media === undefined || !document.pictureInPictureEnabled) return;
  const done = document.pictureInPictureElement === null ? media.requestPictureInPicture() : document.exitPictureInPicture();
  void Promise.resolve(done).catch(() => undefined);
}

/** With our own controls where the browser can; iPhones know only the video itself. */
export function toggleFullScreen(theatre: Element | null, media: (HTMLVideoElement & { webkitEnterFullscreen?: () => void }) | undefined): void {
  if (document.fullscreenElement !== null) void document.exitFullscreen();
  else if (document.fullscreenEnabled) void theatre?.requestFullscreen().catch(() => undefined);
  else media?.webkitEnterFullscreen?.();
}
