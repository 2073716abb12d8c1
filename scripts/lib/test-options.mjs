/** The command line of `npm test`. */
import { UserError } from './say.mjs';

export const tiers = /** @type {const} */ (['static', 'unit', 'int', 'e2e', 'chaos']);

/** @typedef {(typeof tiers)[number]} Tier */
/** @typedef {{ tiers: Tier[], filters: string[], help: boolean }} TestOptions */

export const testHelp = `npm test -- [tiers] [filters]: sets up what is missing and runs the tests

  npm test                      everything: ${tiers.join(', ')}
  npm test -- unit              one tier (also: --only unit)
  npm test -- unit libs/client  one tier, only files whose path contains libs/client
  npm test -- libs/client       the same in unit, int, e2e and chaos`;

/** @param {readonly string[]} argv @returns {TestOptions} */
export function readTestOptions(argv) {
  const words = argv.flatMap((word) => (word.startsWith('--only=') ? ['--only', word.slice(7)] : [word]));
  /** @type {Tier[]} */
  const wanted = [];
  /** @type {string[]} */
  const filters = [];
  for (const [index, word] of words.entries()) {
    if (word === '--only' || word === '--help') continue;
    if (isTier(word)) wanted.push(word);
    else if (words[index - 1] === '--only') throw new UserError(`There is no tier "${word}": ${tiers.join(', ')}.`);
    else if (word.startsWith('-')) throw new UserError(`Unknown option ${word}. \`npm test -- --help\` lists them.`);
    else filters.push(word);
  }
  if (words.at(-1) === '--only') throw new UserError(`--only needs a tier: ${tiers.join(', ')}.`);
  const usual = tiers.filter((tier) => filters.length === 0 || tier !== 'static');
  return {
    tiers: wanted.length > 0 ? tiers.filter((tier) => wanted.includes(tier)) : usual,
    filters,
    help: words.includes('--help'),
  };
}

/** @param {string} word @returns {word is Tier} */
function isTier(word) {
  return tiers.some((tier) => tier === word);
}
