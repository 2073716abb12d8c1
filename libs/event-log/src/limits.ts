/** What a store may hold of what clients cause; nothing grows without bound. */
import { isPartitionKey, type Address } from './port.ts';

export interface Limits {
  /** Messages in a partition's inbox before a process is told `full`. */
  readonly inboxMessages: number;
  /** Messages in a process's mailbox before anybody is told `full`. */
  readonly mailboxMessages: number;
  /** A process's mailbox goes when neither settled nor beaten for so long, ms. */
  readonly mailboxTtlMs: number;
  /** A sender that was silent for so long is forgotten, and so is a tombstone, ms. */
  readonly producerIdleMs: number;
}

export const defaultLimits: Limits = {
  inboxMessages: 10_000,
  mailboxMessages: 10_000,
  mailboxTtlMs: 120_000,
  producerIdleMs: 3_600_000,
};

const partitionsHeadroom = 10;

/** Messages that a mailbox may hold when `src` appends. Partitions have more room: two that wait for each other would never end. */
export function capacity(limits: Limits, to: Address, src: string): number {
  if (to.kind === 'process') return limits.mailboxMessages;
  return limits.inboxMessages * (isPartitionKey(src) ? partitionsHeadroom : 1);
}
