/** Runs one tier of the tests. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { run } from './run.mjs';
import { countsOf } from './summary.mjs';

/** @typedef {import('./context.mjs').Context} Context */
/** @typedef {import('./summary.mjs').TierResult} TierResult */

const minute = 60_000;
const checkDeadlineMs = 5 * minute;
const tierDeadlineMs = { unit: 10 * minute, int: 20 * minute, e2e: 20 * minute, chaos: 20 * minute };

/** Each counts as one test. `npm run X`, without npm in between. */
const checks = [
  { name: 'types', args: ['node_modules/ts7/bin/tsc', '-p', 'tsconfig.json'] },
  { name: 'types of the page', args: ['node_modules/vue-tsc/bin/vue-tsc.js', '--noEmit', '-p', 'apps/web'] },
  { name: 'types of the scripts', args: ['node_modules/ts7/bin/tsc', '-p', 'scripts'] },
  { name: 'lint', args: ['node_modules/eslint/bin/eslint.js', '.'] },
  { name: 'format', args: ['node_modules/prettier/bin/prettier.cjs', '--check', '.'] },
  {
    name: 'dependencies point inward',
    args: ['node_modules/dependency-cruiser/bin/dependency-cruise.mjs', '--config', '.dependency-cruiser.cjs'].concat([
      'libs',
      'services',
      'apps',
    ]),
  },
];

/** @param {Context} context @returns {Promise<TierResult>} */
export async function runStatic(context) {
  const startedAt = performance.now();
  const result = { passed: 0, failed: 0, skipped: 0 };
  for (const { name, args } of checks) {
    const { ok, output, why } = await run(context, process.execPath, args, { deadlineMs: checkDeadlineMs });
    result[ok ? 'passed' : 'failed'] += 1;
    if (ok) context.say.note(`${name}: ok`);
    else context.say.problem(`${name}: ${why}\n${output.trimEnd()}`);
  }
  return { tier: 'static', ...result, ms: performance.now() - startedAt };
}

/**
 * @param {Context} context
 * @param {keyof typeof tierDeadlineMs} tier
 * @param {readonly string[]} filters
 * @returns {Promise<TierResult>}
 */
export async function runVitest(context, tier, filters) {
  const startedAt = performance.now();
  const dir = mkdtempSync(join(tmpdir(), 'switchboard-test-'));
  try {
    const file = join(dir, 'report.json');
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const args = ['node_modules/vitest/vitest.mjs', 'run', '--project', tier, '--passWithNoTests', ...reporters];
    const options = { deadlineMs: tierDeadlineMs[tier], show: true };
    const { ok, why } = await run(context, process.execPath, [...args, ...filters], options);
    if (!ok) context.say.problem(`${tier}: ${why}`);
    const counts = countsOf(readReport(file), { ok, mayBeEmpty: filters.length > 0 });
    return { tier, ...counts, ms: performance.now() - startedAt };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** @param {string} file @returns {unknown} */
function readReport(file) {
  try {
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  } catch {
    return undefined;
  }
}
