/**
 * The multivariant playlist for hls.js, made here from the signed event.json. Its origin does not exist: every address
 * below it is answered by our loaders, and one that is not would be refused by name resolution and by the policy.
 */
import { FAST_TICKS } from '../protocol/event';
import type { AudioRendition, Event, Rendition, VideoRendition } from '../protocol/event';
import { livePath } from '../protocol/names';

export const ORIGIN = 'https://huma.invalid/';
export const MASTER_URL = `${ORIGIN}index.m3u8`;

/** What hls.js is to choose from. One instance holds both ladders, so that a thin line changes over without a break. */
export interface Offer {
  readonly video: readonly VideoRendition[];
  readonly audio: readonly AudioRendition[];
  /** The sound language that starts. */
  readonly language: string;
}

/** The rendition named by an address of ours, or null. */
export function renditionOf(url: string): string | null {
  return /^https:\/\/huma\.invalid\/live\/([a-z0-9-]+)\.m3u8$/.exec(url)?.[1] ?? null;
}

export const isFast = (rendition: Rendition): boolean => rendition.ticksPerSegment === FAST_TICKS;

/** Best first. */
export const videosOf = (event: Event): VideoRendition[] =>
  event.renditions.filter((each) => each.kind === 'video').sort((a, b) => b.bandwidth - a.bandwidth);

export const audiosOf = (event: Event): AudioRendition[] => event.renditions.filter((each) => each.kind === 'audio');

/** Sound of the same ladder as `video`; of any, where that ladder has none. */
export function soundFor(video: VideoRendition, audio: readonly AudioRendition[]): readonly AudioRendition[] {
  const same = audio.filter(({ ticksPerSegment }) => ticksPerSegment === video.ticksPerSegment);
  return same.length > 0 ? same : audio;
}

const groupOf = (ticks: number): string => `sound-${ticks}`;

/** Without CHANNELS: hls.js would throw away all sound that it holds when stereo and mono take turns. */
function soundLine(rendition: AudioRendition, event: Event, language: string): string {
  const name = event.languages.find(({ code }) => code === rendition.language)?.name ?? rendition.name;
  const chosen = rendition.language === language ? 'YES' : 'NO';
  const attributes = [
    'TYPE=AUDIO',
    `GROUP-ID="${groupOf(rendition.ticksPerSegment)}"`,
    `NAME="${name.replaceAll('"', '')}"`,
    `LANGUAGE="${rendition.language}"`,
    `DEFAULT=${chosen}`,
    'AUTOSELECT=YES',
    `URI="${livePath(rendition.name)}"`,
  ];
  return `#EXT-X-MEDIA:${attributes.join(',')}`;
}

/** What a variant needs of the line, its sound included. */
export function bandwidthOf(video: VideoRendition, audio: readonly AudioRendition[]): number {
  return video.bandwidth + Math.max(0, ...soundFor(video, audio).map(({ bandwidth }) => bandwidth));
}

function variantLines(video: VideoRendition, offer: Offer): string[] {
  const sound = soundFor(video, offer.audio);
  const codecs = [video.codecs, ...new Set(sound.map(({ codecs: each }) => each))].join(',');
  const attributes = [
    `BANDWIDTH=${bandwidthOf(video, offer.audio)}`,
    `CODECS="${codecs}"`,
    `RESOLUTION=${video.width}x${video.height}`,
    `FRAME-RATE=${(video.frameRate[0] / video.frameRate[1]).toFixed(3)}`,
  ];
  if (sound[0] !== undefined) attributes.push(`AUDIO="${groupOf(sound[0].ticksPerSegment)}"`);
  return [`#EXT-X-STREAM-INF:${attributes.join(',')}`, livePath(video.name)];
}

export function renderMaster(event: Event, offer: Offer): string {
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    '#EXT-X-INDEPENDENT-SEGMENTS',
    ...offer.audio.map((rendition) => soundLine(rendition, event, offer.language)),
    ...offer.video.flatMap((video) => variantLines(video, offer)),
  ];
  return `${lines.join('\n')}\n`;
}
