/**
 * The video packets since the last key frame, so that a sink connected in the middle sees a picture at once.
 * Invariant: it holds a key frame's beginning and all that came after it in order of arrival, or nothing.
 */
import type { BeginsKeyFrame } from './key-frames.ts';
import type { RtpView } from './rtp.ts';

/** Enough for some seconds of a call's first, slow pictures; a longer run is not worth a burst of that size. */
const MAX_PACKETS = 384;
const MAX_BYTES = 400_000;

export type Cached = 'kept' | 'nothing' | 'overflow';

export class FrameCache {
  readonly #beginsKeyFrame: BeginsKeyFrame;
  #packets: Buffer[] = [];
  #bytes = 0;
  #keyTimestamp = -1;

  constructor(beginsKeyFrame: BeginsKeyFrame) {
    this.#beginsKeyFrame = beginsKeyFrame;
  }

  /** Oldest first. */
  get packets(): readonly Buffer[] {
    return this.#packets;
  }

  /** `overflow` says that the run grew too long and was let go: the next key frame begins a new one. */
  push(packet: Buffer, view: RtpView): Cached {
    if (view.timestamp !== this.#keyTimestamp && this.#beginsKeyFrame(packet, view)) {
      this.clear();
      this.#keyTimestamp = view.timestamp;
    }
    if (this.#keyTimestamp < 0) return 'nothing';
    this.#packets.push(packet);
    this.#bytes += packet.length;
    if (this.#packets.length <= MAX_PACKETS && this.#bytes <= MAX_BYTES) return 'kept';
    this.clear();
    return 'overflow';
  }

  clear(): void {
    this.#packets = [];
    this.#bytes = 0;
    this.#keyTimestamp = -1;
  }
}
