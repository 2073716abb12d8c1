/** Runs a tool to its end: npm, tsc, apt-get. */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { stopProcess } from './processes.mjs';

/** @typedef {import('./context.mjs').Context} Context */

/**
 * @typedef {object} RunOptions
 * @property {number} deadlineMs
 * @property {NodeJS.ProcessEnv} [env] added to the context's; undefined removes a variable
 * @property {string} [cwd]
 * @property {boolean} [show] pass the output on to the terminal as it comes
 */

/** @typedef {{ ok: boolean, output: string, why: string }} RunResult `why`: how it failed, in plain words */

const keptOutput = 64 * 1024;
const stopGraceMs = 5_000;
/** How long the last output may trail behind the exit. */
const outputGraceMs = 1_000;

/**
 * Never rejects for a tool that fails; throws `Interrupted` when the script is being stopped, with the tool stopped.
 * @param {Context} context
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} options
 * @returns {Promise<RunResult>}
 */
export async function run(context, command, args, { deadlineMs, env = {}, cwd = context.root, show = false }) {
  context.signal.throwIfAborted();
  /** @type {import('./processes.mjs').Started} */
  let started;
  try {
    const stdio = /** @type {const} */ (['ignore', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe']);
    started = await context.processes.start(command, args, { cwd, env: { ...context.env, ...env }, stdio: [...stdio] });
  } catch (error) {
    return { ok: false, output: '', why: `${command} can't be started (${codeOf(error)})` };
  }
  const output = collect(started.child);
  const overdue = await endOf(started, deadlineMs, context.signal);
  const { code, signal } = await started.exited;
  await Promise.race([output.complete, delay(outputGraceMs)]);
  context.signal.throwIfAborted();
  const why = overdue ? `not done within ${deadlineMs / 1000} s` : `ended by ${signal ?? `exit code ${code}`}`;
  return { ok: code === 0 && !overdue, output: output.text(), why };
}

/** @param {import('./processes.mjs').Started} started @param {number} deadlineMs @param {AbortSignal} signal */
async function endOf(started, deadlineMs, signal) {
  let overdue = false;
  const stop = () => void stopProcess(started, stopGraceMs);
  const timer = setTimeout(() => {
    overdue = true;
    stop();
  }, deadlineMs);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  await started.exited;
  clearTimeout(timer);
  signal.removeEventListener('abort', stop);
  return overdue;
}

/** @param {import('node:child_process').ChildProcess} child @returns what it printed last, and when that is all of it */
function collect(child) {
  let text = '';
  const complete = new Promise((resolve) => child.once('close', resolve));
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk) => (text = (text + chunk).slice(-keptOutput)));
  }
  return { text: () => text, complete };
}

/** @param {unknown} error */
function codeOf(error) {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

/**
 * The first of `names` that is a program on the PATH.
 * @param {readonly string[]} names
 * @param {string | undefined} path
 * @returns {string | undefined} its absolute path
 */
export function findProgram(names, path) {
  const folders = (path ?? '').split(delimiter).filter(Boolean);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram);
}

/** @param {string} file */
function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** @param {string} text @param {number} count @returns {string} its last lines, indented */
export function lastLines(text, count) {
  const lines = text.trimEnd().split('\n').slice(-count);
  return lines.map((line) => `    ${line}`).join('\n');
}
