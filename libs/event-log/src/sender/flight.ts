/** What waits for a target, and what is on its way to it. */
import type { LogError } from '../errors.ts';
import type { Mail } from '../port.ts';
import type { SentMail } from './kept.ts';
import type { Stamp } from './options.ts';

export interface Queued {
  readonly mail: Mail;
  readonly stamp: Stamp | undefined;
  readonly refusable: boolean;
  readonly bytes: number;
  /** Undefined: all is well. */
  readonly settle: (error?: LogError) => void;
}

/** On its way; one that is sent again after its acknowledgement was lost has nobody waiting. */
export interface Flying extends SentMail {
  readonly refusable: boolean;
  readonly settle: ((error?: LogError) => void) | undefined;
}

const batchMessages = 128;
const batchBytes = 512 * 1024;

/** How many of those that wait go together: at least one, if there is one. */
export function batchLength(queue: readonly Queued[]): number {
  let count = 0;
  for (let bytes = 0; count < queue.length && count < batchMessages; count += 1) {
    bytes += queue[count]?.bytes ?? 0;
    if (count > 0 && bytes > batchBytes) break;
  }
  return count;
}

/** Takes out what may be refused; the rest is one chain again, after what the first of the batch followed. */
export function withoutRefusable(batch: readonly Flying[]): { rest: Flying[]; refused: Flying[] } {
  const rest: Flying[] = [];
  for (const flying of batch) {
    if (!flying.refusable) rest.push({ ...flying, prev: rest.at(-1)?.seq ?? batch[0]?.prev });
  }
  return { rest, refused: batch.filter(({ refusable }) => refusable) };
}

export function sizeOf(mail: Mail): number {
  return Object.values(mail.blobs ?? {}).reduce((sum, text) => sum + text.length, mail.body.length);
}
