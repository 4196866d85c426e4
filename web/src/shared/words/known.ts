/** What both consoles may say by a code. A code that is not here is shown as it is. */

export const COMMON_ALARMS = [
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
  'bug',
  'trust-old',
  'trust-expired',
] as const;
export type CommonAlarm = (typeof COMMON_ALARMS)[number];

export const COMMON_REFUSALS = ['away', 'token', 'command', 'bug'] as const;
export type CommonRefusal = (typeof COMMON_REFUSALS)[number];

/** The words for a code, or nothing where it has none: whatever stands in a prototype is no word. */
export function known<Code extends string, Words>(table: { readonly [C in Code]: Words }, code: string): Words | null {
  return Object.hasOwn(table, code) ? table[code as Code] : null;
}
