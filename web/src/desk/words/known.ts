import { COMMON_ALARMS, COMMON_REFUSALS } from '../../shared/words/known';

/** What `huma desk` may say by a code of an alarm, a place, a store or a turn. A code that is not here is shown as it is. */
export const ALARM_CODES = [
  ...COMMON_ALARMS,
  'off-air',
  'late',
  'forged',
  'forged-segment',
  'nothing-live',
  'too-large',
  'resting',
  'conflict',
  'cold-reads',
  'keys-locked',
  'keys-missing',
  'keys-damaged',
  'keys-io',
  'keys-unwritable',
] as const;
export type AlarmCode = (typeof ALARM_CODES)[number];

export const REFUSALS = [
  ...COMMON_REFUSALS,
  'bad-url',
  'malformed',
  'mirror-id',
  'last-mirror',
  'event-toml',
  'no-key',
  'not-sealed',
  'keys-locked',
  'keys-missing',
  'threshold',
  'empty',
] as const;
export type RefusalCode = (typeof REFUSALS)[number];

export const CLASSES = ['server', 'cdn', 'home', 'onion', 'lan'] as const;
export type MirrorClass = (typeof CLASSES)[number];
export const TIERS = ['volunteer', 'trusted'] as const;
export type Tier = (typeof TIERS)[number];
