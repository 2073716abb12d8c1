/** What was read from the partition's inbox and not yet applied. Invariant: in order, each message once, whoever read it. */
import { compareIDs } from '../order.ts';
import type { IncomingMail } from '../port.ts';

const most = 512;

export class Inbox {
  #queue: IncomingMail[] = [];
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
      this.#queue.push(mail);
      this.#readTo = mail.id;
    }
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
