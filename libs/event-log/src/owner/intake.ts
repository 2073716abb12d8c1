/** The way of mail into the ledger. Invariant: in order, each message once; what nobody can apply is counted and skipped. */
import type { IncomingMail, LogStore } from '../port.ts';
import type { AnyDomain } from './any-domain.ts';
import type { Work } from './batch.ts';
import type { Ledger } from './ledger.ts';
import type { Patience } from './patience.ts';

export interface IntakeParts {
  readonly store: Pick<LogStore, 'read'>;
  readonly domain: Pick<AnyDomain, 'parse'>;
  readonly partition: number;
  readonly ledger: Ledger;
  readonly patience: Patience;
  /** Called when there is room for mail again. */
  readonly onRoom: () => void;
}

const batchSize = 256;

export class Intake {
  readonly #parts: IntakeParts;
  #taken = 0;

  constructor(parts: IntakeParts) {
    this.#parts = parts;
  }

  /** How many messages were applied or skipped so far. */
  get taken(): number {
    return this.#taken;
  }

  /** Applies one batch of what was read. */
  async work(): Promise<void> {
    const { ledger, onRoom } = this.#parts;
    const wasFull = ledger.inbox.full;
    const mails = ledger.inbox.take(batchSize);
    this.#taken += mails.length;
    if (wasFull && !ledger.inbox.full) onRoom();
    await ledger.apply(mails.flatMap((mail) => this.#parse(mail)));
  }

  /** Applies everything that was in the inbox when it was called. */
  async drain(): Promise<void> {
    const { store, partition, patience } = this.#parts;
    const { inbox } = this.#parts.ledger;
    const from = { kind: 'partition', partition } as const;
    for (let more = true; more;) {
      const cursor = inbox.readTo;
      const mails = await patience.look(() => store.read(from, cursor, batchSize));
      inbox.offer(cursor, mails);
      more = mails.length === batchSize;
      while (inbox.length > (more ? batchSize : 0)) await this.work();
    }
  }

  #parse({ id, src, body, blobs }: IncomingMail): Work[] {
    const { domain, ledger } = this.#parts;
    try {
      const command = domain.parse(body);
      if (command !== undefined) return [{ command, depth: 0, ...(blobs === undefined ? {} : { blobs }) }];
      ledger.skip('unparsable', { id, src });
    } catch (error) {
      ledger.skip('unparsable', { id, src, error: String(error) });
    }
    return [];
  }
}
