/** What was read from the partition's inbox and not yet applied. Invariant: in order, each message once, whoever read it. */
import { compareIDs, compareSeq } from '../order.ts';
import type { IncomingMail, Seq } from '../port.ts';

const most = 512;

export class Inbox {
  #queue: IncomingMail[] = [];
  /** The last that was read of each sender: what a store forgot comes again, and under another ID. */
  readonly #last = new Map<string, Seq>();
  #readTo: string;
  #appliedTo: string;

  constructor(cursor: string) {
    this.#readTo = cursor;
    this.#appliedTo = cursor;
  }

  /** Mail after `from`. What another reader brought already is dropped, and so is what would leave a hole. */
  offer(from: string, mails: readonly IncomingMail[]): void {
    if (compareIDs(from, this.#readTo) > 0) return;
    for (const mail of mails) {
      if (compareIDs(mail.id, this.#readTo) <= 0) continue;
      this.#readTo = mail.id;
      if (compareSeq(mail.seq, this.#last.get(mail.src)) <= 0) continue;
      this.#last.set(mail.src, mail.seq);
      this.#queue.push(mail);
    }
    if (this.#queue.length === 0) this.#appliedTo = this.#readTo;
  }

  take(count: number): IncomingMail[] {
    const mails = this.#queue.splice(0, count);
    this.#appliedTo = mails.at(-1)?.id ?? this.#appliedTo;
    return mails;
  }

  get readTo(): string {
    return this.#readTo;
  }

  get appliedTo(): string {
    return this.#appliedTo;
  }

  get length(): number {
    return this.#queue.length;
  }

  get full(): boolean {
    return this.#queue.length >= most;
  }
}
