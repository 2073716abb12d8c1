/** The only clock and timers that the log's loops use; a simulation puts a virtual one in their place. */
export interface Clock {
  /** Milliseconds since some fixed moment; never goes back. */
  monotonic(): number;
  /** Calls `fn` once after `ms`; the returned function cancels. */
  timer(ms: number, fn: () => void): () => void;
}

export const systemClock: Clock = {
  monotonic: () => performance.now(),
  timer: (ms, fn) => {
    const handle = setTimeout(fn, ms);
    return () => {
      clearTimeout(handle);
    };
  },
};

/** Resolves after `ms` of the clock, or at once when `signal` aborts. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    const done = () => {
      cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const cancel = clock.timer(ms, done);
    signal?.addEventListener('abort', done, { once: true });
  });
}

/** How long to wait before attempt `attempt` (0 for the first repeat), ms: doubling from 25 ms to 1 s, the upper half by chance. */
export function backoff(attempt: number, random: () => number): number {
  const full = Math.min(1000, 25 * 2 ** Math.min(attempt, 10));
  return full / 2 + (random() * full) / 2;
}
