/** What `huma live` may say by a code. A code that is not here is shown as it is. */

export const ALARM_CODES = [
  'silence',
  'black',
  'frozen',
  'slate',
  'slow',
  'store-unreachable',
  'store-slow',
  'store-broken',
  'store-busy',
  'store-status',
  'store-refused',
  'store-auth',
  'store-full',
  'store-too-large',
  'store-no-put',
  'store-old',
  'disk-full',
  'clock-behind',
  'key-used-elsewhere',
  'key-window',
  'rendition-stuck',
  'revoked',
  'log-damaged',
  'bad-segment',
  'bug',
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
  'trust-old',
  'trust-expired',
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
  'away',
  'token',
  'input-away',
  'input-unknown',
  'language-unknown',
  'delay',
  'command',
  'number',
  'bug',
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

/** The words for a code, or nothing where it has none: whatever stands in a prototype is no word. */
export function known<Code extends string, Words>(table: { readonly [C in Code]: Words }, code: string): Words | null {
  return Object.hasOwn(table, code) ? table[code as Code] : null;
}
