/** What this browser can do. An unverified stream is never played in place of a verified one. */
import { mediaSourceClass } from './engine/sound';
import { zoneOf } from '../protocol/hosts';
import type { LinkPolicy } from '../protocol/link';
import type { Refusal } from './state';

const H264_AND_AAC = 'video/mp4; codecs="avc1.42c01e,mp4a.40.2"';

/** Why nothing verified can be played here, or null. */
export function refusalOfDevice(): Refusal | null {
  const Source = mediaSourceClass();
  if (Source === null) return 'noMediaSource';
  return Source.isTypeSupported(H264_AND_AAC) ? null : 'noCodec';
}

/** URL schemes that this page can ask: an https page cannot ask http mirrors. */
export const schemesOf = (protocol: string): readonly string[] => (protocol === 'https:' ? ['https'] : ['https', 'http']);

/**
 * Which addresses a link may lead to beside public ones. Whoever opened a file, or a page of this machine or of the own network,
 * is there already; a page from elsewhere leads nobody into their own network.
 */
export function policyOf({ protocol, hostname }: Location): LinkPolicy {
  const zone = protocol === 'file:' ? 'loopback' : zoneOf(hostname);
  return { loopback: zone === 'loopback', private: zone === 'loopback' || zone === 'private' };
}

export function abilities(): { pictureInPicture: boolean; fullScreen: boolean; volume: boolean } {
  const video = document.createElement('video');
  video.volume = 0.5;
  return {
    pictureInPicture: document.pictureInPictureEnabled === true && 'requestPictureInPicture' in video,
    fullScreen: document.fullscreenEnabled === true || 'webkitEnterFullscreen' in video,
    // on iPhones only the keys of the device change it
    volume: video.volume === 0.5,
  };
}
