/** Where a loudness stands on a meter, and what is too loud. EBU R 128. */

export const LOWEST_LUFS = -50;
export const HIGHEST_LUFS = 0;
/** For television and radio in Europe, and for platforms on the net. */
export const TARGETS_LUFS = [-23, -16] as const;
/** What every later coding can take. */
export const HIGHEST_PEAK_DBTP = -1;

/** How far along the meter, in per cent; nothing measured is nothing. */
export function place(lufs: number | null): number {
  if (lufs === null) return 0;
  const share = (lufs - LOWEST_LUFS) / (HIGHEST_LUFS - LOWEST_LUFS);
  return Math.round(Math.min(1, Math.max(0, share)) * 1000) / 10;
}

export const peaksTooHigh = (truePeak: number | null): boolean => truePeak !== null && truePeak > HIGHEST_PEAK_DBTP;
