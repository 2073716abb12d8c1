/** When a child that died is started again, and when it is given up. Pure: times are handed in. */

export const windowMs = 60_000;
export const deathsToGiveUp = 5;
const firstDelayMs = 200;
const longestDelayMs = 5_000;

/**
 * @typedef {object} Deaths
 * @property {readonly number[]} recent when it died within the last minute, in ms
 * @property {number} inARow deaths since it last lived for a minute
 */

/** @type {Deaths} */
export const noDeaths = { recent: [], inARow: 0 };

/**
 * @param {Deaths} before
 * @param {{ at: number, livedMs: number }} death
 * @returns {Deaths}
 */
export function addDeath(before, { at, livedMs }) {
  return {
    recent: [...before.recent.filter((time) => time > at - windowMs), at],
    inARow: livedMs >= windowMs ? 1 : before.inARow + 1,
  };
}

/** @param {Deaths} deaths */
export function isGivenUp(deaths) {
  return deaths.recent.length >= deathsToGiveUp;
}

/**
 * 200 ms, doubling with each death in a row up to 5 s, spread by a quarter either way so that children that died
 * together don't come back together.
 * @param {Deaths} deaths
 * @param {number} chance from 0 to 1
 * @returns {number} ms
 */
export function restartDelay({ inARow }, chance) {
  const delay = Math.min(longestDelayMs, firstDelayMs * 2 ** Math.max(0, inARow - 1));
  return delay * (0.75 + chance / 2);
}
