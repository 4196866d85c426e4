import { COMMON_ALARMS, COMMON_REFUSALS } from '../../shared/words/known';

/** What `huma live` may say by a code. A code that is not here is shown as it is. */

export const ALARM_CODES = [
  ...COMMON_ALARMS,
  'silence',
  'black',
  'frozen',
  'slate',
  'slow',
  'disk-full',
  'clock-behind',
  'key-used-elsewhere',
  'key-window',
  'rendition-stuck',
  'revoked',
  'log-damaged',
  'bad-segment',
  'output-unreachable',
  'output-refused',
  'output-closed',
  'output-stuck',
  'output-crashed',
  'output-missing',
  'output-failed',
  'output-waiting',
  'record-full',
  'record-refused',
  'record-disk',
  'record-slow',
  'record-soon-full',
  'key-ends',
  'srt-missing',
  'srt-passphrase',
  'srt-setting',
  'srt-crashed',
  'srt-failed',
] as const;
export type AlarmCode = (typeof ALARM_CODES)[number];

export const PLACES = ['picture', 'encoder', 'publisher', 'recording'] as const;
export type Place = (typeof PLACES)[number];

export const REFUSALS = [
  ...COMMON_REFUSALS,
  'input-away',
  'input-unknown',
  'language-unknown',
  'delay',
  'number',
] as const;
export type RefusalCode = (typeof REFUSALS)[number];

export const TURNED_AWAY = [
  'wrong-key',
  'expired-key',
  'missing-key',
  'already-publishing',
  'codec',
  'wrong-application',
  'play',
  'garbage',
  'handshake-time-out',
  'silent',
  'idle',
  'crowded',
  'unread',
  'taken-over',
  'key-withdrawn',
  'rtmp-malformed',
  'rtmp-too-large',
  'stopped',
  'busy',
  'not-mpegts',
  'old',
  'passphrase',
  'streamid',
  'too-fast',
] as const;
export type TurnedAway = (typeof TURNED_AWAY)[number];
