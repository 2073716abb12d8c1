/** Keeps account of numbered packets: which arrived, which are missing, and the longest silence between two. */

export interface LedgerStats {
  /** Different packets that arrived. */
  readonly received: number;
  /** Numbers between the first and the last that never arrived. */
  readonly lost: number;
  readonly duplicates: number;
  /** Of those received, how many came only as a retransmission. */
  readonly recovered: number;
  /** Numbers of the first and last packet, -1 before any. */
  readonly firstNumber: number;
  readonly lastNumber: number;
  /** `performance.now()` of the first packet, null before it. */
  readonly firstPacketAt: number | null;
  readonly longestGapMs: number;
}

export class PacketLedger {
  /** One byte a packet, by its number. */
  #seen = new Uint8Array(1024);
  #received = 0;
  #duplicates = 0;
  #recovered = 0;
  #first = -1;
  #last = -1;
  #firstAt: number | null = null;
  #lastAt = 0;
  #longestGap = 0;

  /** Books a packet that arrived at `now` (ms); the result is how many were skipped right before it. */
  add(number: number, retransmitted: boolean, now: number): number {
    this.#time(now);
    if (number >= this.#seen.length) this.#grow(number);
    if (this.#seen[number] === 1) {
      this.#duplicates += 1;
      return 0;
    }
    this.#seen[number] = 1;
    this.#received += 1;
    if (retransmitted) this.#recovered += 1;
    if (this.#first < 0 || number < this.#first) this.#first = number;
    const skipped = this.#last < 0 ? 0 : Math.max(0, number - this.#last - 1);
    this.#last = Math.max(this.#last, number);
    return skipped;
  }

  stats(): LedgerStats {
    const span = this.#first < 0 ? 0 : this.#last - this.#first + 1;
    return {
      received: this.#received,
      lost: span - this.#received,
      duplicates: this.#duplicates,
      recovered: this.#recovered,
      firstNumber: this.#first,
      lastNumber: this.#last,
      firstPacketAt: this.#firstAt,
      longestGapMs: this.#longestGap,
    };
  }

  #time(now: number): void {
    if (this.#firstAt === null) this.#firstAt = now;
    else this.#longestGap = Math.max(this.#longestGap, now - this.#lastAt);
    this.#lastAt = now;
  }

  #grow(number: number): void {
    const larger = new Uint8Array(Math.max(this.#seen.length * 2, number + 1));
    larger.set(this.#seen);
    this.#seen = larger;
  }
}
