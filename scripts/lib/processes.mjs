/**
 * Every process a script starts, each the leader of a process group of its own: a Ctrl-C in the terminal reaches the
 * script alone, and the script stops the whole group, so that no grandchild stays.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** @typedef {import('node:child_process').ChildProcess} ChildProcess */
/** @typedef {{ code: number | null, signal: NodeJS.Signals | null }} Exit */
/** @typedef {{ pid: number, child: ChildProcess, exited: Promise<Exit> }} Started */

export class Processes {
  /** @type {Set<number>} */
  #groups = new Set();

  constructor() {
    process.once('exit', () => this.killAll());
  }

  /**
   * @param {string} command
   * @param {readonly string[]} args
   * @param {{ cwd?: string, env: NodeJS.ProcessEnv, stdio: import('node:child_process').StdioOptions }} options
   * @returns {Promise<Started>} rejects when the command can't be started (ENOENT, EACCES, …)
   */
  start(command, args, options) {
    const child = spawn(command, args, { ...options, detached: true });
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('spawn', () => resolve(this.#keep(child)));
    });
  }

  /** @param {ChildProcess} child @returns {Started} */
  #keep(child) {
    const pid = child.pid ?? 0;
    this.#groups.add(pid);
    /** @type {Promise<Exit>} */
    const exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        killGroup(pid, 'SIGKILL');
        this.#groups.delete(pid);
        resolve({ code, signal });
      });
    });
    return { pid, child, exited };
  }

  /** Ends every group at once, without asking. */
  killAll() {
    for (const pid of this.#groups) killGroup(pid, 'SIGKILL');
  }
}

/**
 * Asks a process to stop and insists after a while.
 * @param {Started} started
 * @param {number} graceMs how long it may take on its own
 * @returns {Promise<Exit>}
 */
export async function stopProcess({ pid, exited }, graceMs) {
  killGroup(pid, 'SIGTERM');
  const timer = setTimeout(() => killGroup(pid, 'SIGKILL'), graceMs);
  const exit = await exited;
  clearTimeout(timer);
  return exit;
}

/** @param {number} pid @param {NodeJS.Signals} signal */
function killGroup(pid, signal) {
  if (pid <= 0) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Nobody is left in it.
  }
}

/** A process that has ended but was not collected by its parent yet counts as gone. @param {number} pid */
export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** @param {number} pid */
function isZombie(pid) {
  try {
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
