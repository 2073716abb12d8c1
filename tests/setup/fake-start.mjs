/**
 * `npm start` with fake services: the same steps, the same Redis, the same supervisor.
 * FAKE_STAGES: JSON of stages, each a list of `{ name, words }`; FAKE_PREPARE_MS: how long packages and build take.
 */
import { fileURLToPath } from 'node:url';

import { makeContext } from '../../scripts/lib/context.mjs';
import { run } from '../../scripts/lib/run.mjs';
import { start } from '../../scripts/lib/start.mjs';

const fake = fileURLToPath(new URL('fake-child.mjs', import.meta.url));
const { FAKE_STAGES = '[]', FAKE_PREPARE_MS = '0' } = process.env;

const child = ({ name, words = [] }) => ({
  name,
  command: process.execPath,
  args: (ready) => [fake, String(ready.get(name)?.port ?? 0), ...words],
  env: () => process.env,
  readyDeadlineMs: words.includes('never-ready') ? 1_000 : 20_000,
  stopGraceMs: 1_000,
});

const parts = {
  prepare: async (context) => {
    context.say.step('Preparing');
    const code = `setTimeout(() => undefined, ${FAKE_PREPARE_MS})`;
    await run(context, process.execPath, ['-e', code, 'fake-tool'], { deadlineMs: 60_000 });
  },
  makePlan: ({ redis }) => [
    ...(redis.child === undefined ? [] : [[redis.child]]),
    ...JSON.parse(FAKE_STAGES).map((stage) => stage.map(child)),
  ],
};

process.exit(await start(makeContext(), process.argv.slice(2), parts));
