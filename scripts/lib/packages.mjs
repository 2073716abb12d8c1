/** Installs the npm packages when they are missing or older than the lock file. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { lastLines, run } from './run.mjs';
import { UserError } from './say.mjs';

const installDeadlineMs = 10 * 60_000;

/**
 * Never changes the lock file: should npm want to, it is put back, and under CI that is an error.
 * @param {import('./context.mjs').Context} context
 */
export async function ensurePackages(context) {
  const stamp = join(context.root, 'node_modules', '.switchboard-lock');
  const wanted = wantedStamp(context.root);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  context.say.step('Installing the npm packages (a minute or two the first time)');
  const lockFile = join(context.root, 'package-lock.json');
  const before = readFileSync(lockFile);
  const result = await install(context);
  const drifted = !readFileSync(lockFile).equals(before);
  if (drifted) writeFileSync(lockFile, before);
  if (!result.ok) throw new UserError(`npm install failed (${result.why}):\n${lastLines(result.output, 15)}`);
  if (drifted) reportDrift(context);
  writeFileSync(stamp, wanted);
}

/** @param {import('./context.mjs').Context} context */
function install(context) {
  const npm = context.env['npm_execpath'];
  const args = ['install', '--no-audit', '--no-fund'];
  const options = { deadlineMs: installDeadlineMs };
  return npm !== undefined && /npm-cli\.c?js$/.test(npm) && existsSync(npm)
    ? run(context, process.execPath, [npm, ...args], options)
    : run(context, 'npm', args, options);
}

/** @param {import('./context.mjs').Context} context */
function reportDrift({ env, say }) {
  const text = 'package-lock.json does not fit package.json: run `npm install` and commit the lock file.';
  if (env['CI']) throw new UserError(text);
  say.note(text);
}

/** Native packages depend on the platform and on Node's version too. @param {string} root */
function wantedStamp(root) {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch} ${process.versions.modules}`);
  for (const file of ['package.json', 'package-lock.json']) hash.update(readFileSync(join(root, file)));
  return hash.digest('hex');
}
