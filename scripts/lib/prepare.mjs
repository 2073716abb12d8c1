import { join } from 'node:path';

import { build } from './build.mjs';
import { waitForLock } from './lock.mjs';
import { ensurePackages } from './packages.mjs';
import { UserError } from './say.mjs';

const lockDeadlineMs = 15 * 60_000;

/**
 * Packages and build, one script at a time: `npm start` and `npm test` may run at once.
 * @param {import('./context.mjs').Context} context
 * @param {{ compile?: boolean }} [options]
 */
export async function prepare(context, { compile = true } = {}) {
  const release = await waitForLock(join(context.root, '.cache/prepare.lock'), {
    deadlineMs: lockDeadlineMs,
    signal: context.signal,
    onWait: (owner) => context.say.note(`Waiting for another build (process ${owner}).`),
  });
  if (release === undefined) throw new UserError('Another build does not come to an end; stop it and try again.');
  try {
    await ensurePackages(context);
    if (compile) await build(context);
  } finally {
    release();
  }
}
