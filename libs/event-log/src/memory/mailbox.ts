/**
 * A mailbox in memory. Invariant: per sender, messages enter in the order of `seq`, each once, none before the one it
 * follows. The same rules as `redis/lua/append.lua`.
 */
import { compareIDs, compareSeq } from '../order.ts';
import type { AppendResult, IncomingMail, OutgoingMail, Seq } from '../port.ts';

interface Producer {
  /** `'dead'`: a tombstone. */
  readonly last: Seq | 'dead';
  readonly at: number;
}

export class MemoryMailbox {
  #mails: IncomingMail[] = [];
  readonly #producers = new Map<string, Producer>();
  #lastMs = 0;
  #lastN = 0;

  append(src: string, batch: readonly OutgoingMail[], at: { now: number; capacity: number }): AppendResult {
    const producer = this.#producers.get(src);
    if (producer?.last === 'dead') return { kind: 'gone' };
    let last = producer?.last;
    let duplicates = 0;
    const room = this.#mails.length < at.capacity;
    for (const [index, mail] of batch.entries()) {
      if (last !== undefined && compareSeq(mail.seq, last) <= 0) {
        duplicates += 1;
        continue;
      }
      if (!room) return { kind: 'full' };
      if (compareSeq(mail.prev, last) !== 0) return { kind: 'gap', at: index, last };
      last = mail.seq;
      this.#store(src, mail, at.now);
      this.#producers.set(src, { last, at: at.now });
    }
    return { kind: 'appended', duplicates };
  }

  /** Up to `count` messages after `cursor`. */
  read(cursor: string, count: number): IncomingMail[] {
    let from = 0;
    let to = this.#mails.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (compareIDs(this.#mails[middle]?.id ?? '0', cursor) > 0) to = middle;
      else from = middle + 1;
    }
    return this.#mails.slice(from, from + count);
  }

  has(id: string): boolean {
    return this.#mails.some((mail) => mail.id === id);
  }

  /** Forgets everything up to and including `id`. */
  cut(id: string): void {
    const kept = this.#mails.findIndex((mail) => compareIDs(mail.id, id) > 0);
    this.#mails = kept < 0 ? [] : this.#mails.slice(kept);
  }

  bury(src: string, now: number): void {
    this.#producers.set(src, { last: 'dead', at: now });
  }

  sweep(before: number): void {
    for (const [src, producer] of this.#producers) if (producer.at < before) this.#producers.delete(src);
  }

  get length(): number {
    return this.#mails.length;
  }

  #store(src: string, mail: OutgoingMail, now: number): void {
    const ms = Math.max(Math.floor(now), this.#lastMs);
    this.#lastN = ms === this.#lastMs ? this.#lastN + 1 : 0;
    this.#lastMs = ms;
    const { seq, body, blobs } = mail;
    const id = `${String(ms)}-${String(this.#lastN)}`;
    this.#mails.push({ id, src, seq, body, ...(blobs === undefined ? {} : { blobs }) });
  }
}
