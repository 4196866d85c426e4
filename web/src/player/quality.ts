/** What a viewer can choose, and what each choice costs. */
import type { AudioRendition, Event, VideoRendition } from '../protocol/event';
import { audiosOf, bandwidthOf, isFast, soundFor, videosOf } from './multivariant';

export type Quality = { readonly kind: 'auto' } | { readonly kind: 'fixed'; readonly rendition: string };

export interface QualityChoice {
  readonly rendition: string;
  readonly height: number;
  readonly megabytesPerHour: number;
}

/** Bits a second as megabytes an hour. */
export const megabytesPerHour = (bandwidth: number): number => Math.round((bandwidth * 3600) / 8 / 1_000_000);

/** The pictures of the fast ladder, best first. */
export function qualityChoices(event: Event): QualityChoice[] {
  const audio = audiosOf(event);
  return videosOf(event)
    .filter(isFast)
    .map((video) => ({
      rendition: video.name,
      height: video.height,
      megabytesPerHour: megabytesPerHour(bandwidthOf(video, audio)),
    }));
}

/** The picture of data saver: the slow ladder's where there is one, else the smallest. */
export function saverOf(event: Event): VideoRendition | null {
  const videos = videosOf(event);
  return videos.find((video) => !isFast(video)) ?? videos.at(-1) ?? null;
}

/** The sound that plays by itself: narrow under data saver or on a thin line. */
export function soundOnlyOf(event: Event, language: string, narrow: boolean): AudioRendition | null {
  const audio = audiosOf(event);
  const spoken = audio.filter((rendition) => rendition.language === language);
  const candidates = [...(spoken.length > 0 ? spoken : audio)].sort((a, b) => a.bandwidth - b.bandwidth);
  return (narrow ? candidates[0] : candidates.at(-1)) ?? null;
}

/** What the best that there is costs. */
export function mostCost(event: Event): number {
  const pictures = qualityChoices(event).map(({ megabytesPerHour: cost }) => cost);
  return videosOf(event).length === 0 ? soundOnlyCost(event, false) : Math.max(0, ...pictures);
}

export function saverCost(event: Event): number {
  const saver = saverOf(event);
  return saver === null ? soundOnlyCost(event, true) : megabytesPerHour(bandwidthOf(saver, soundFor(saver, audiosOf(event))));
}

export function soundOnlyCost(event: Event, narrow: boolean): number {
  const sound = soundOnlyOf(event, '', narrow);
  return sound === null ? 0 : megabytesPerHour(sound.bandwidth);
}
