/** Reads the inboxes of all owned partitions with one waiter. Invariant: an owner gets mail only from where it asked for it. */
import { backoff, sleep, type Clock } from '../clock.ts';
import type { Logger } from '../observe.ts';
import { addressKey, type Cursor, type LogStore, type Waiter } from '../port.ts';
import type { PartitionOwner } from '../owner/partition-owner.ts';

export interface MailPumpParts {
  readonly store: Pick<LogStore, 'waiter'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: () => number;
  readonly owners: () => Iterable<PartitionOwner>;
}

const blockMs = 2000;

export class MailPump {
  readonly #parts: MailPumpParts;
  readonly #waiter: Waiter;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;

  constructor(parts: MailPumpParts) {
    this.#parts = parts;
    this.#waiter = parts.store.waiter();
    this.#running = this.#run();
  }

  /** The owners or what they want changed. */
  wake(): void {
    this.#waiter.wake();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#waiter.wake();
    await this.#running;
    await this.#waiter.close();
  }

  async #run(): Promise<void> {
    for (let failures = 0; !this.#stop.signal.aborted;) {
      try {
        await this.#round();
        failures = 0;
      } catch (error) {
        const { clock, log, random } = this.#parts;
        if (failures === 0) log.warn({ error: String(error) }, 'the inboxes cannot be read');
        await sleep(clock, backoff(failures++, random), this.#stop.signal);
      }
    }
  }

  async #round(): Promise<void> {
    const cursors = new Map<string, Cursor>();
    const owners = new Map<string, { owner: PartitionOwner; cursor: string }>();
    for (const owner of this.#parts.owners()) {
      const cursor = owner.wants;
      if (cursor === undefined) continue;
      const from = { kind: 'partition', partition: owner.partition } as const;
      cursors.set(addressKey(from), { from, cursor });
      owners.set(addressKey(from), { owner, cursor });
    }
    for (const [key, mails] of await this.#waiter.wait(cursors, blockMs)) {
      const asked = owners.get(key);
      asked?.owner.offer(asked.cursor, mails);
    }
  }
}
