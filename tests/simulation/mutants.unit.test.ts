/** The simulation bites: three of the faults that are kept beside it; `npm run mutants` takes them all. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const script = fileURLToPath(new URL('../../scripts/mutants.mjs', import.meta.url));
const three = ['callee-line-kept', 'dedupe-dropped', 'timers-before-backlog'];

test('three mutants are killed', { timeout: 600_000 }, () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--jobs', '1', '--only', three.join()], {
    encoding: 'utf8',
  });
  expect({ status, said: stdout + stderr }).toEqual({
    status: 0,
    said: expect.stringContaining('3 of 3 mutants killed'),
  });
});
