/** The first try is made nearly at once: another gateway is there, and calls wait. The rest has time. */
const FIRST_MS = 250;
const NEXT_MS = 500;
const LONGEST_MS = 15_000;

/** Doubles with each failure; half of it is chance, all of it the first time, so that the clients of a lost gateway do not come all at once. */
export function backoffMs(failures: number, chance: number): number {
  if (failures <= 1) return Math.round(FIRST_MS * chance);
  const whole = Math.min(LONGEST_MS, NEXT_MS * 2 ** (failures - 2));
  return Math.round(whole / 2 + (whole / 2) * chance);
}
