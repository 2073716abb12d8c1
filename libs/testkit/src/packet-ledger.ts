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
  /** Time on the way, of packets that were not retransmitted; null before any. */
  readonly latencyMs: { readonly p50: number; readonly p99: number } | null;
}

/** What the ledger is told of one packet. */
export interface Arrival {
  readonly number: number;
  readonly retransmitted: boolean;
  /** `performance.now()`. */
  readonly at: number;
  readonly latencyMs: number;
}

/** Latencies are counted in steps of 0.1 ms up to 200 ms. */
const STEPS_PER_MS = 10;
const LATENCY_STEPS = 2000;

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
  readonly #latencies = new Uint32Array(LATENCY_STEPS + 1);

  /** Books a packet; the result is how many were skipped right before it. */
  add({ number, retransmitted, at, latencyMs }: Arrival): number {
    this.#time(at);
    if (!retransmitted) this.#latency(latencyMs);
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

  /** The longest gap is that of the packets that come from now on, the time since the last one included. */
  measureGapAnew(): void {
    this.#longestGap = 0;
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
      latencyMs: this.#received === 0 ? null : { p50: this.#percentile(0.5), p99: this.#percentile(0.99) },
    };
  }

  #time(now: number): void {
    if (this.#firstAt === null) this.#firstAt = now;
    else this.#longestGap = Math.max(this.#longestGap, now - this.#lastAt);
    this.#lastAt = now;
  }

  #latency(ms: number): void {
    const step = Math.min(LATENCY_STEPS, Math.max(0, Math.round(ms * STEPS_PER_MS)));
    this.#latencies[step] = (this.#latencies[step] ?? 0) + 1;
  }

  #percentile(share: number): number {
    const wanted = share * this.#latencies.reduce((sum, count) => sum + count, 0);
    let seen = 0;
    const step = this.#latencies.findIndex((count) => (seen += count) >= wanted);
    return step / STEPS_PER_MS;
  }

  #grow(number: number): void {
    const larger = new Uint8Array(Math.max(this.#seen.length * 2, number + 1));
    larger.set(this.#seen);
    this.#seen = larger;
  }
}
