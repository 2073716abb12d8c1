/** What was acknowledged lately, so that writes which the store lost in a failover can be sent again. Bounded by age and number. */
import { compareSeq } from '../order.ts';
import type { Mail, Seq } from '../port.ts';

export interface SentMail {
  readonly mail: Mail;
  readonly seq: Seq;
  prev: Seq | undefined;
}

const keptMs = 10_000;
const keptMessages = 1024;

export class Kept {
  #entries: { readonly sent: SentMail; readonly at: number }[] = [];

  add(sent: SentMail, now: number): void {
    this.#entries.push({ sent, at: now });
    if (this.#entries.length > 2 * keptMessages) this.#entries = this.#entries.slice(-keptMessages);
  }

  /** Those after `last`, in order. */
  since(last: Seq | undefined): SentMail[] {
    return this.#entries.filter(({ sent }) => compareSeq(sent.seq, last) > 0).map(({ sent }) => sent);
  }

  /** Takes back what `since` gave out: it is not acknowledged any more. */
  removeSince(last: Seq | undefined): void {
    this.#entries = this.#entries.filter(({ sent }) => compareSeq(sent.seq, last) <= 0);
  }

  /** Takes back the last one. */
  takeLast(): SentMail | undefined {
    return this.#entries.pop()?.sent;
  }

  /** Drops what is too old; true if nothing is left. */
  expire(now: number): boolean {
    const first = this.#entries.findIndex(({ at }) => now - at < keptMs);
    if (first !== 0) this.#entries = first < 0 ? [] : this.#entries.slice(first);
    return first < 0;
  }
}
