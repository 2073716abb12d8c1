const FIRST_MS = 500;
const LONGEST_MS = 15_000;

/** Doubles with each failure; half of it is chance, so that the clients of a lost gateway do not come all at once. */
export function backoffMs(failures: number, chance: number): number {
  const whole = Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1));
  return Math.round(whole / 2 + (whole / 2) * chance);
}
