/**
 * `npm run mutants`: does the simulation bite? Each patch in tests/simulation/mutants puts one fault into a copy of the sources;
 * seeds are played until an invariant breaks. Fails if a mutant survives or a patch does not apply.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { bundleSimulation } from '../tests/simulation/tools/bundle.mjs';
import { runSeeds } from '../tests/simulation/tools/run-seeds.mjs';

const help = `npm run mutants -- [options]
  --only a,b,c   these only (default: all)
  --seeds N      after so many a mutant has survived (default 3000)
  --jobs N       seeds at a time (default: all cores)`;

const root = fileURLToPath(new URL('..', import.meta.url));
const patches = path.join(root, 'tests/simulation/mutants');
const packages = path.join(root, 'node_modules');
const work = mkdtempSync(path.join(tmpdir(), 'switchboard-mutants-'));
const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    seeds: { type: 'string', default: '3000' },
    jobs: { type: 'string', default: String(availableParallelism()) },
    help: { type: 'boolean', default: false },
  },
});

/** What the simulation is made of, below `to`. @param {string} to */
function copySources(to) {
  const libs = readdirSync(path.join(root, 'libs')).map((name) => path.join('libs', name, 'src'));
  for (const folder of [...libs, 'services/call-orchestrator/src', 'tests/simulation'])
    cpSync(path.join(root, folder), path.join(to, folder), { recursive: true });
  symlinkSync(packages, path.join(to, 'node_modules'));
}

/** The simulation as a module, with a fault if a patch is named. @param {string} name @param {string} [patch] */
async function build(name, patch) {
  const [copy, outDir] = [path.join(work, name, 'sources'), path.join(work, name, 'out')];
  copySources(copy);
  mkdirSync(outDir);
  if (patch !== undefined) apply(patch, copy);
  return bundleSimulation({ root: copy, outDir, packages });
}

/** @param {string} patch @param {string} to */
function apply(patch, to) {
  const { status, stderr } = spawnSync('git', ['apply', '--recount', '-C1', patch], { cwd: to, encoding: 'utf8' });
  if (status !== 0) throw new Error(`the patch does not apply: ${stderr.trim()}`);
}

/** The first seed that breaks here and holds without the fault. @param {string} file @param {string} sound */
async function hunt(file, sound) {
  /** @type {import('../tests/simulation/tools/types.mjs').Simulation} */
  const without = await import(sound);
  const count = Number(values.seeds);
  let played = 0;
  for (let from = 1; from <= count;) {
    const options = { file, from, count: count - from + 1, jobs: Number(values.jobs), stopAfter: 1, shrinks: false };
    const result = await runSeeds(options);
    const [failure] = result.failures;
    played += result.played;
    if (failure === undefined) break;
    if ((await without.check(failure.seed, { shrinks: false })) === undefined) return { ...failure, played };
    from = failure.seed + 1;
  }
  return undefined;
}

/** True if it was killed. @param {string} name @param {string} sound */
async function kill(name, sound) {
  const patch = path.join(patches, `${name}.patch`);
  const what = readFileSync(patch, 'utf8').split('\n')[0] ?? '';
  const found = await hunt(await build(name, patch), sound);
  const end = found
    ? `killed by seed ${String(found.seed)} after ${String(found.played)} seeds: ${found.invariant}`
    : `SURVIVED ${values.seeds} seeds`;
  console.log(`${name.padEnd(24)} ${end}\n${' '.repeat(25)}${what}`);
  rmSync(path.join(work, name), { recursive: true, force: true });
  return found !== undefined;
}

async function main() {
  const all = readdirSync(patches)
    .filter((name) => name.endsWith('.patch'))
    .map((name) => path.basename(name, '.patch'));
  const names = values.only?.split(',') ?? all;
  const unknown = names.filter((name) => !all.includes(name));
  if (unknown.length > 0) throw new Error(`no such mutant: ${unknown.join(', ')}`);
  const sound = await build('none');
  let alive = 0;
  for (const name of names) {
    const killed = await kill(name, sound).catch((/** @type {unknown} */ error) => {
      console.log(`${name.padEnd(24)} ${String(error)}`);
      return false;
    });
    if (!killed) alive += 1;
  }
  console.log(`\n${String(names.length - alive)} of ${String(names.length)} mutants killed`);
  return alive === 0 ? 0 : 1;
}

if (values.help) console.log(help);
else process.exitCode = await main().finally(() => rmSync(work, { recursive: true, force: true }));
