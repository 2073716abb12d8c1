/** What `npm run chaos` and `npm run soak` share: their options, the build that they need, how they end. */
import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { makeContext } from './context.mjs';
import { load } from './load.mjs';
import { prepare } from './prepare.mjs';
import { findRedis } from './redis-ways.mjs';
import { explain, UserError } from './say.mjs';

/**
 * @typedef {{ wrong: readonly string[], table: string, markdown: string }} Report
 * @typedef {object} RunOptions
 * @property {number} minutes
 * @property {string} seed
 * @property {readonly string[]} only
 * @property {(text: string) => void} say
 * @property {AbortSignal} signal
 */

/** @param {string} name @param {string} minutes the usual ones */
const help = (name, minutes) => `npm run ${name} -- [options]
  --minutes N   how long (default ${minutes})
  --seed S      draws the same faults again, as far as real processes let themselves be repeated
  --only a,b    these faults only
  --out FILE    the table as Markdown, too

Ctrl-C stops everything and shows what was measured so far.`;

/**
 * Never returns: ends the process, with code 0 if nothing was wrong.
 * @param {{ name: string, minutes: string, module: string }} what `module` exports a function `run`
 */
export async function longRun({ name, minutes, module }) {
  const context = makeContext();
  try {
    const options = readOptions(name, minutes);
    if (options === undefined) process.exit(0);
    await prepare(context);
    await findRedis(context, { useUrl: false, useDocker: false });
    /** @type {{ run: (options: RunOptions) => Promise<Report> }} */
    const { run } = await load(context.root, module);
    context.say.step(`${name}: ${options.minutes} min, seed ${options.seed}`);
    const asked = { ...options, signal: context.signal, say: (/** @type {string} */ text) => context.say.note(text) };
    process.exit(end(context, await run(asked), options.out));
  } catch (error) {
    context.say.problem(explain(error));
    process.exit(1);
  }
}

/** @param {import('./context.mjs').Context} context @param {Report} report @param {string | undefined} out */
function end({ say }, report, out) {
  process.stdout.write(`\n${report.table}\n\n`);
  if (out !== undefined) writeFileSync(out, `${report.markdown}\n`);
  for (const line of report.wrong) say.problem(line);
  say.note(report.wrong.length === 0 ? 'nothing was wrong' : `${report.wrong.length} things were wrong`);
  return report.wrong.length === 0 ? 0 : 1;
}

/** @param {string} name @param {string} usual minutes @returns what was asked for; undefined: the help, which is shown */
function readOptions(name, usual) {
  const text = /** @type {const} */ ({ type: 'string' });
  const { values } = parseArgs({
    options: { minutes: { ...text, default: usual }, seed: text, only: text, out: text, help: { type: 'boolean' } },
  });
  if (values.help) return void process.stdout.write(`${help(name, usual)}\n`);
  const minutes = Number(values.minutes);
  if (!(minutes > 0 && minutes <= 24 * 60)) throw new UserError(`--minutes ${values.minutes}: 0 to 1440 are possible.`);
  const only = (values.only ?? '').split(',').filter((each) => each !== '');
  return { minutes, only, seed: values.seed ?? String(randomInt(1_000_000)), out: values.out };
}
