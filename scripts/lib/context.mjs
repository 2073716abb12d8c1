/** What the steps of a script share, and the one way it is interrupted. */
import { fileURLToPath } from 'node:url';

import { Processes } from './processes.mjs';
import { Interrupted, makeSay } from './say.mjs';

/**
 * @typedef {object} Context
 * @property {string} root the project's folder
 * @property {NodeJS.ProcessEnv} env
 * @property {import('./say.mjs').Say} say
 * @property {Processes} processes
 * @property {AbortSignal} signal aborted, with an `Interrupted`, by the first signal
 */

const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

/**
 * npm passes on the Ctrl-C that the terminal has sent to us as well: what comes so soon after the first signal is the
 * same key press.
 */
const samePressMs = 500;

/** @param {{ root?: string }} [options] @returns {Context} */
export function makeContext({ root = projectRoot } = {}) {
  const processes = new Processes();
  const say = makeSay();
  const interruption = new AbortController();
  let firstAt = 0;
  const onSignal = (/** @type {NodeJS.Signals} */ signal) => {
    if (!interruption.signal.aborted) {
      firstAt = performance.now();
      interruption.abort(new Interrupted(signal));
    } else if (performance.now() - firstAt > samePressMs) {
      say.problem('Stopped at once.');
      processes.killAll();
      process.exit(1);
    }
  };
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
    process.on(signal, () => onSignal(signal));
  return { root, env: process.env, say, processes, signal: interruption.signal };
}
