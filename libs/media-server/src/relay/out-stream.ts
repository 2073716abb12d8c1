/**
 * What one peer receives under one SSRC. Invariant: to the receiver the sequence numbers and timestamps never go
 * back when another source takes over, so its jitter buffer and the SRTP roll-over counter stay right.
 */
export class OutStream {
  readonly ssrc: number;
  readonly payloadType: number;
  readonly #clockRate: number;
  #lastSequence = -1;
  #lastTimestamp = 0;
  #lastAt = 0;
  packets = 0;
  bytes = 0;

  constructor(ssrc: number, payloadType: number, clockRate: number) {
    this.ssrc = ssrc;
    this.payloadType = payloadType;
    this.#clockRate = clockRate;
  }

  /** What to add to a new source's sequence numbers so that its `first` follows the last one sent. */
  sequenceShift(first: number): number {
    return this.#lastSequence < 0 ? 0 : (this.#lastSequence + 1 - first) & 0xffff;
  }

  /** What to add to a new source's timestamps (codec clock) so that `first` stands for `now` (ms). */
  timestampShift(first: number, now: number): number {
    if (this.#lastSequence < 0) return 0;
    const elapsed = Math.max(1, Math.round(((now - this.#lastAt) * this.#clockRate) / 1000));
    return (this.#lastTimestamp + elapsed - first) >>> 0;
  }

  sent(sequence: number, timestamp: number, bytes: number, now: number): void {
    this.packets += 1;
    this.bytes += bytes;
    const ahead = (sequence - this.#lastSequence) & 0xffff;
    if (this.#lastSequence >= 0 && (ahead === 0 || ahead > 0x8000)) return;
    this.#lastSequence = sequence;
    this.#lastTimestamp = timestamp;
    this.#lastAt = now;
  }
}
