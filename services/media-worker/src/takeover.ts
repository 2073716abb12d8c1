/**
 * One worker at a time under one ID: a second one would read the same mailbox and command the same media server. A worker that
 * stopped in order has left the registry; one that died stands in it with a counter that grows no more.
 *
 * This is a check at start, not a lease: two that start in the same instant both pass.
 */
import { sleep, type Beat, type Clock, type LogStore } from '@switchboard/event-log';
import type { WorkerID } from '@switchboard/protocol';

const LOOK_EVERY_MS = 200;
/** Beats come once a second. */
const DEAD_AFTER_MS = 2_200;
const GIVE_UP_MS = 4_000;

class WorkerIsAlive extends Error {
  constructor(id: WorkerID) {
    super(
      `another worker with the ID ${id} is alive: a media server has one worker; ` +
        `stop the other one, or give this one its own KMS_URL and WORKER_ID`,
    );
    this.name = 'WorkerIsAlive';
  }
}

/**
 * Resolves when no other worker of this ID is alive. Rejects with `WorkerIsAlive`, or with the store's LogError.
 * @param signal ends the waiting early
 */
export async function waitForPredecessor(
  store: Pick<LogStore, 'beats'>,
  clock: Clock,
  { id, signal }: { readonly id: WorkerID; readonly signal: AbortSignal },
): Promise<void> {
  const startedAt = clock.monotonic();
  let grewAt = startedAt;
  let last: Beat | undefined;
  while (!signal.aborted) {
    const beat = (await store.beats()).find((other) => other.id === id);
    if (beat === undefined) return;
    const now = clock.monotonic();
    if (last !== undefined && last.counter !== beat.counter) grewAt = now;
    last = beat;
    if (now - grewAt >= DEAD_AFTER_MS) return;
    if (now - startedAt >= GIVE_UP_MS) throw new WorkerIsAlive(id);
    await sleep(clock, LOOK_EVERY_MS, signal);
  }
}
