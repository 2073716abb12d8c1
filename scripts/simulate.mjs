/**
 * `npm run simulate -- --seeds 100000`: plays many seeds on all cores. A failing one is shrunk and printed; `--seed S` replays one
 * and shows it. See tests/simulation/README.md.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { bundleSimulation } from '../tests/simulation/tools/bundle.mjs';
import { runSeeds } from '../tests/simulation/tools/run-seeds.mjs';

const help = `npm run simulate -- [options]
  --seeds N   how many seeds (default 10000)
  --from S    the first of them (default 1)
  --seed S    this one only: prints its shortest script
  --trace     with --seed: everything that happens, line by line
  --jobs N    how many at a time (default: all cores)`;

const root = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '10000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    trace: { type: 'boolean', default: false },
    jobs: { type: 'string', default: String(availableParallelism()) },
    help: { type: 'boolean', default: false },
  },
});

/** @param {string} text @param {number} least */
function whole(text, least) {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= least) return number;
  console.error(`${text} is not a whole number of at least ${String(least)}`);
  process.exit(2);
}

/** @param {string} file @param {number} seed */
async function one(file, seed) {
  /** @type {import('../tests/simulation/tools/types.mjs').Simulation} */
  const simulation = await import(file);
  const trace = values.trace ? (/** @type {string} */ line) => console.log(line) : undefined;
  const failure = await simulation.check(seed, { shrinks: true, ...(trace && { trace }) });
  if (failure === undefined && trace) await simulation.play(seed, trace);
  console.log(failure?.report ?? `seed ${String(seed)}: every invariant holds`);
  return failure === undefined ? 0 : 1;
}

/** @param {string} file */
async function many(file) {
  const count = whole(values.seeds, 1);
  const options = {
    file,
    from: whole(values.from, 0),
    count,
    jobs: whole(values.jobs, 1),
    stopAfter: 5,
    shrinks: true,
  };
  const { failures, played, seconds } = await runSeeds({ ...options, onProgress: progress(count), onFailure: said });
  console.log(`\n${String(played)} seeds, ${String(failures.length)} failed, ${(played / seconds).toFixed(1)} seeds/s`);
  return failures.length === 0 ? 0 : 1;
}

/** @param {{ report: string }} failure */
function said({ report }) {
  console.log(`\n${report}\n`);
}

/** @param {number} count */
function progress(count) {
  return (/** @type {number} */ played, /** @type {number} */ seconds) => {
    const rate = played / seconds;
    const left = Math.round((count - played) / Math.max(rate, 0.001));
    const line = `${String(played)} of ${String(count)} seeds, ${rate.toFixed(1)} seeds/s, ${String(left)} s left`;
    if (process.stdout.isTTY) process.stdout.write(`\r${line}   `);
    else console.log(line);
  };
}

if (values.help) {
  console.log(help);
} else {
  const outDir = mkdtempSync(path.join(tmpdir(), 'switchboard-simulation-'));
  const file = await bundleSimulation({ root, outDir, packages: path.join(root, 'node_modules') });
  process.exitCode = values.seed === undefined ? await many(file) : await one(file, whole(values.seed, 0));
  rmSync(outDir, { recursive: true, force: true });
}
