/** A state as `huma live` gives it, for tests. */
import type { ConsoleState, Input, Language } from './state';

export const AT = '2026-11-23T18:00:00.000Z';

export const anInput = (more: Partial<Input> = {}): Input => ({
  name: 'main',
  language: null,
  protocol: 'rtmp',
  status: 'playing',
  on_air: true,
  kbps: 4_000,
  key_interval_s: 1,
  frame_rate: 25,
  width: 1280,
  height: 720,
  codecs: ['h264', 'aac'],
  faults: 0,
  opened: 1,
  delay_s: 0,
  held_s: 0.6,
  door: null,
  ...more,
});

export const aLanguage = (more: Partial<Language> = {}): Language => ({
  code: 'fa',
  name: 'فارسی',
  levels: { momentary: -22, short_term: -23, integrated: -23.1, true_peak: -3 },
  own: null,
  ...more,
});

export const aState = (more: Partial<ConsoleState> = {}): ConsoleState => ({
  v: 1,
  at: AT,
  event: { id: 'x', title: { en: 'Try', fa: 'آزمایش' }, start_ms: 0, end_ms: 1, tick_ms: 1_067 },
  copy: false,
  programme: { source: 'playing', origin: 'programme', dropped: 0, late_ms: 0, speed: 1, messages: [] },
  publisher: { tick: 7, programme_s: 8, delay_ms: 140, age_ms: 300, code: '' },
  inputs: [anInput()],
  input: { on_air: 'main', held: false, switches: 0 },
  languages: [aLanguage()],
  slate: false,
  delay_s: 0,
  stores: [],
  outputs: [],
  recording: null,
  trust: [],
  alarms: [],
  ...more,
});
