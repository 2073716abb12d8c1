/** Compiles the TypeScript and packs the page, each only when its sources have changed. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { lastLines, run } from './run.mjs';
import { UserError } from './say.mjs';

const buildDeadlineMs = 5 * 60_000;

/** What the page is made of, apart from packages. */
const webInputs = ['apps/web', 'libs/client/src', 'libs/protocol/src', 'package-lock.json', 'tsconfig.base.json'];

/** @param {import('./context.mjs').Context} context */
export async function build(context) {
  context.say.step('Compiling');
  const tsc = join(context.root, 'node_modules/ts7/bin/tsc');
  await tool(context, 'The TypeScript build', [tsc, '-b', 'tsconfig.build.json']);
  await buildWeb(context);
}

/** @param {import('./context.mjs').Context} context */
async function buildWeb(context) {
  const web = join(context.root, 'apps/web');
  const dist = join(web, 'dist');
  const stamp = join(dist, '.inputs');
  if (!existsSync(join(web, 'vite.config.ts'))) return;
  const wanted = hashOf(context.root, webInputs);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  context.say.step('Packing the page');
  const next = join(context.root, '.cache/web');
  mkdirSync(join(context.root, '.cache'), { recursive: true });
  const vite = join(context.root, 'node_modules/vite/bin/vite.js');
  await tool(context, 'The build of the page', [vite, 'build', '--outDir', next, '--emptyOutDir'], web);
  writeFileSync(join(next, '.inputs'), wanted);
  // A running gateway serves this folder: it is swapped as a whole.
  rmSync(dist, { recursive: true, force: true });
  renameSync(next, dist);
}

/**
 * @param {import('./context.mjs').Context} context
 * @param {string} name
 * @param {readonly string[]} args of node
 * @param {string} [cwd]
 */
async function tool(context, name, args, cwd = context.root) {
  const { ok, output, why } = await run(context, process.execPath, args, { deadlineMs: buildDeadlineMs, cwd });
  if (!ok) throw new UserError(`${name} failed (${why}):\n${lastLines(output, 25)}`);
}

/** @param {string} root @param {readonly string[]} paths @returns {string} a hash of all files' names and contents */
export function hashOf(root, paths) {
  const hash = createHash('sha256');
  for (const path of paths) addTo(hash, root, path);
  return hash.digest('hex');
}

/** @param {import('node:crypto').Hash} hash @param {string} root @param {string} path */
function addTo(hash, root, path) {
  const full = join(root, path);
  if (!existsSync(full)) return;
  const names = entriesOf(full);
  if (names === undefined) hash.update(`${path}\0`).update(readFileSync(full));
  else for (const name of names) addTo(hash, root, `${path}/${name}`);
}

/** @param {string} path @returns {string[] | undefined} undefined for a file */
function entriesOf(path) {
  try {
    const names = readdirSync(path).filter((name) => !['node_modules', 'dist'].includes(name));
    return names.filter((name) => !name.endsWith('.tsbuildinfo')).sort();
  } catch {
    return undefined;
  }
}
