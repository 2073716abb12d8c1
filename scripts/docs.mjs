/**
 * `npm run docs`: writes docs/protocol/ from the sources. With --check it writes nothing and fails if a file is stale.
 * `npm run record -- v2` (`--record v2`): records the events of this version of the model (tests/replay/README.md).
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { load } from './lib/load.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** @param {string} path @returns {string | undefined} */
function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** @param {boolean} check @returns {Promise<number>} the exit code */
async function docs(check) {
  const { generate } = /** @type {{ generate: (root: string) => Promise<Map<string, string>> }} */ (
    await load(root, 'tests/docs/files.ts')
  );
  const files = [...(await generate(root))];
  const stale = files.filter(([path, text]) => read(join(root, path)) !== text);
  const list = stale.map(([path]) => `  ${path}`).join('\n');
  if (check && stale.length > 0) {
    console.error(`Not what the sources say now:\n${list}\nRun \`npm run docs\` and commit what it writes.`);
    return 1;
  }
  for (const [path, text] of stale) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  console.log(stale.length === 0 ? `${files.length} documents are fresh.` : `Written:\n${list}`);
  return 0;
}

/** @param {string} version @returns {Promise<number>} the exit code */
async function recordEvents(version) {
  const { record } = /** @type {{ record: (folder: string, version: string) => number }} */ (
    await load(root, 'tests/replay/record.ts')
  );
  try {
    console.log(`${record(join(root, 'tests/replay'), version)} stories are recorded in tests/replay/${version}.`);
    return 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  }
}

const args = process.argv.slice(2);
const wrong = args.find((arg, index) => arg.startsWith('-') && !(index === 0 && ['--check', '--record'].includes(arg)));
if (wrong !== undefined) {
  console.error(`Unknown option ${wrong}: only --check, or --record and a version.`);
  process.exitCode = 1;
} else {
  process.exitCode = args[0] === '--record' ? await recordEvents(args[1] ?? '') : await docs(args[0] === '--check');
}
