/**
 * Runs in every frame of a page under measurement, before the page's own scripts, and touches nothing of it: times of
 * new pictures, and what the barcode in them says. Read by bench/browser.py as window.benchMeter.
 */
(() => {
  const meter = { opened: performance.timeOrigin, firstFrame: null, firstSound: null, pictures: [], played: [], seen: new WeakSet() };
  const canvas = new OffscreenCanvas(128, 8);
  const pen = canvas.getContext('2d', { willReadFrequently: true });

  /** CRC-16/XMODEM, as in huma.media.barcode. */
  const check = (stamp) => {
    let crc = 0;
    for (let shift = 40; shift >= 0; shift -= 8) {
      crc ^= (Math.floor(stamp / 2 ** shift) & 0xff) << 8;
      for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
    }
    return crc & 0xfff;
  };

  /** The Unix milliseconds in the lowest ninth of the picture, or null. Each cell is read at four by four points. */
  const read = (video) => {
    const { videoWidth: width, videoHeight: height } = video;
    if (width === 0) return null;
    const strip = Math.floor(height / 9);
    pen.drawImage(video, 0, height - strip, width, strip, 0, 0, 128, 8);
    const { data } = pen.getImageData(0, 0, 128, 8);
    const cells = [];
    for (let row = 0; row < 2; row += 1)
      for (let column = 0; column < 32; column += 1) {
        let sum = 0;
        for (const y of [1, 2]) for (const x of [1, 2]) sum += data[((row * 4 + y) * 128 + column * 4 + x) * 4 + 1];
        cells.push(sum / 4);
      }
    const white = (cells[0] + cells[63]) / 2;
    const black = (cells[1] + cells[62]) / 2;
    if (white - black < 60) return null;
    const bits = cells.slice(2, 62).map((level) => (level > (white + black) / 2 ? 1 : 0));
    const number = (from, to) => bits.slice(from, to).reduce((sum, bit) => sum * 2 + bit, 0);
    const stamp = number(0, 48);
    return number(48, 60) === check(stamp) ? stamp : null;
  };

  const hook = (video) => {
    if (meter.seen.has(video)) return;
    meter.seen.add(video);
    const onPicture = (now, { expectedDisplayTime, presentedFrames }) => {
      meter.firstFrame ??= now;
      meter.pictures.push([now, performance.timeOrigin + expectedDisplayTime, presentedFrames, read(video), video.playbackRate]);
      video.requestVideoFrameCallback(onPicture);
    };
    video.requestVideoFrameCallback(onPicture);
    let last = 0;
    setInterval(() => {
      if (video.paused || video.currentTime === last) return;
      last = video.currentTime;
      meter.played.push(performance.now());
      if (video.webkitAudioDecodedByteCount > 0) meter.firstSound ??= performance.now();
    }, 20);
  };

  window.benchMeter = {
    /** All pictures since the last call. */
    take: () => meter.pictures.splice(0),
    /** When anything played on, since the last call: sound alone moves no picture. */
    takePlayed: () => meter.played.splice(0),
    now: () => performance.now(),
    first: () => ({ frame: meter.firstFrame, sound: meter.firstSound, origin: performance.timeOrigin }),
  };
  setInterval(() => document.querySelectorAll('video').forEach(hook), 20);
})();
