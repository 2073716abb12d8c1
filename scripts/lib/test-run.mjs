/** `npm test`, step by step. */
import { findChromium } from './chromium.mjs';
import { environmentFor } from './env.mjs';
import { prepare } from './prepare.mjs';
import { findRedis } from './redis-ways.mjs';
import { explain, Interrupted } from './say.mjs';
import { lastLine, sum, table } from './summary.mjs';
import { readTestOptions, testHelp } from './test-options.mjs';
import { runStatic, runVitest } from './tiers.mjs';

/** @typedef {import('./context.mjs').Context} Context */
/** @typedef {import('./summary.mjs').TierResult} TierResult */
/** @typedef {import('./test-options.mjs').Tier} Tier */

/**
 * Always ends with the line `N passed, N failed`, whatever went wrong before.
 * @param {Context} context
 * @param {readonly string[]} argv
 * @returns {Promise<number>} the exit code
 */
export async function test(context, argv) {
  /** @type {TierResult[]} */
  const results = [];
  let code = 1;
  try {
    const options = readTestOptions(argv);
    if (options.help) return (context.say.note(testHelp), 0);
    await runTiers(context, options, results);
    code = 0;
  } catch (error) {
    context.say.problem(explain(error));
    const note = error instanceof Interrupted ? 'the rest did not run' : 'see above';
    results.push({ tier: 'set-up', passed: 0, failed: 1, skipped: 0, ms: 0, note });
  }
  const total = sum(results);
  process.stdout.write(`\n${table(results)}\n\n${lastLine(total)}\n`);
  return total.failed > 0 || total.passed === 0 ? 1 : code;
}

/** @param {Context} context @param {import('./test-options.mjs').TestOptions} options @param {TierResult[]} results */
async function runTiers(context, { tiers, filters }, results) {
  const needsCluster = tiers.some((tier) => tier === 'int' || tier === 'e2e' || tier === 'chaos');
  const tools = needsCluster ? await prepareAll(context) : await prepare(context, { compile: false });
  // Settings for a running Switchboard are none for the tests.
  const ready = { ...context, env: { ...environmentFor(context.env), ...tools } };
  for (const tier of tiers) {
    context.say.step(`Tests: ${tier}`);
    results.push(await runTier(ready, tier, filters));
  }
}

/** Packages first (Playwright may be asked for a browser), then the tools, then the build. @param {Context} context */
async function prepareAll(context) {
  await prepare(context, { compile: false });
  await findRedis(context, { useUrl: false, useDocker: false });
  const chromium = await findChromium(context);
  await prepare(context);
  return { CHROMIUM_PATH: chromium };
}

/** @param {Context} context @param {Tier} tier @param {readonly string[]} filters */
function runTier(context, tier, filters) {
  return tier === 'static' ? runStatic(context) : runVitest(context, tier, filters);
}
