/** Plays seeds in threads, one stride each, until all are played or enough have failed. */
import { Worker } from 'node:worker_threads';

/** @typedef {import('./types.mjs').Failure} Failure */
/**
 * @typedef {object} Options
 * @property {string} file what `bundleSimulation` made
 * @property {number} from
 * @property {number} count
 * @property {number} jobs
 * @property {number} stopAfter failures after which no more is played
 * @property {boolean} shrinks
 * @property {(played: number, seconds: number) => void} [onProgress] about once in two seconds
 * @property {(failure: Failure) => void} [onFailure]
 */

const progressMs = 2000;

/**
 * @param {Options} options
 * @returns {Promise<{ failures: Failure[]; played: number; seconds: number }>}
 */
export async function runSeeds({ file, from, count, jobs, stopAfter, shrinks, onProgress, onFailure }) {
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  /** @type {Failure[]} */
  const failures = [];
  let played = 0;
  const threads = Array.from({ length: Math.min(jobs, count) }, (_, index) => {
    const workerData = { file, first: from + index, end: from + count, step: Math.min(jobs, count), shrinks };
    return new Worker(new URL('./seed-thread.mjs', import.meta.url), { workerData });
  });
  const timer = setInterval(() => onProgress?.(played, seconds()), progressMs);
  const ends = threads.map(
    (thread) =>
      new Promise((resolve, reject) => {
        thread.on('message', (/** @type {Failure | undefined} */ failure) => {
          played += 1;
          if (failure === undefined) return;
          failures.push(failure);
          onFailure?.(failure);
          if (failures.length >= stopAfter) for (const each of threads) void each.terminate();
        });
        thread.on('error', reject);
        thread.on('exit', resolve);
      }),
  );
  await Promise.all(ends).finally(() => {
    clearInterval(timer);
  });
  return { failures, played, seconds: seconds() };
}
