/** A lock between scripts, as a file that holds the owner's pid. A lock whose owner is dead counts as free. */
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { isAlive } from './processes.mjs';

/**
 * @param {string} file
 * @returns {{ release: () => void } | { owner: number }} the lock, or the pid of who holds it
 */
export function tryLock(file) {
  mkdirSync(dirname(file), { recursive: true });
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, `${process.pid}\n`);
  try {
    if (!link(mine, file)) {
      const owner = ownerOf(file);
      if (owner !== undefined && runsNode(owner)) return { owner };
      rmSync(file, { force: true });
      if (!link(mine, file)) return { owner: ownerOf(file) ?? 0 };
    }
  } finally {
    rmSync(mine, { force: true });
  }
  const release = () => rmSync(file, { force: true });
  process.once('exit', release);
  return { release: () => (process.off('exit', release), release()) };
}

/** Makes `file` appear with its content at once. @param {string} from @param {string} file @returns {boolean} */
function link(from, file) {
  try {
    linkSync(from, file);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Waits until the lock is free.
 * @param {string} file
 * @param {{ deadlineMs: number, signal: AbortSignal, onWait: (owner: number) => void }} options
 * @returns {Promise<(() => void) | undefined>} how to release it; undefined when the deadline has passed
 */
export async function waitForLock(file, { deadlineMs, signal, onWait }) {
  const until = performance.now() + deadlineMs;
  for (let first = true; performance.now() < until; first = false) {
    signal.throwIfAborted();
    const lock = tryLock(file);
    if ('release' in lock) return lock.release;
    if (first) onWait(lock.owner);
    await delay(200);
  }
  return undefined;
}

/** @param {string} file */
function ownerOf(file) {
  try {
    const pid = Number.parseInt(readFileSync(file, 'utf8'), 10);
    return pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** A pid is used again after a reboot: where the system tells, only a Node process counts as the owner. @param {number} pid */
function runsNode(pid) {
  if (!isAlive(pid)) return false;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('node');
  } catch {
    return true;
  }
}
