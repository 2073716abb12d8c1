/**
 * The candidates of one leg, both ways. Own ones are held until the offer was sent and kept until the leg is connected, since
 * they may be lost with the socket; the server's are held until its answer is set. Both keep their order, and are bounded.
 */
import type { Candidate, MAX_HELD_CANDIDATES } from '@switchboard/protocol';

const MAX_HELD: typeof MAX_HELD_CANDIDATES = 64;

export class OwnCandidates {
  readonly #send: (candidate: Candidate) => void;
  #kept: Candidate[] = [];
  #state: 'held' | 'sent' | 'settled' = 'held';

  constructor(send: (candidate: Candidate) => void) {
    this.#send = send;
  }

  found(found: RTCIceCandidate | null): void {
    if (!found?.candidate) return;
    const candidate = {
      candidate: found.candidate,
      sdpMid: found.sdpMid ?? '0',
      sdpMLineIndex: found.sdpMLineIndex ?? 0,
    };
    if (this.#state !== 'settled' && this.#kept.length < MAX_HELD) this.#kept.push(candidate);
    if (this.#state !== 'held') this.#send(candidate);
  }

  /** The offer is on its way, be it again: what was found may follow. */
  offerSent(): void {
    if (this.#state === 'settled') return;
    this.#state = 'sent';
    this.#kept.forEach((candidate) => this.#send(candidate));
  }

  repeat(): void {
    if (this.#state === 'sent') this.offerSent();
  }

  /** The leg is connected: nobody needs them again. */
  settled(): void {
    this.#state = 'settled';
    this.#kept = [];
  }
}

export class TheirCandidates {
  readonly #take: (candidate: Candidate) => void;
  #held: Candidate[] | 'taken' = [];

  constructor(take: (candidate: Candidate) => void) {
    this.#take = take;
  }

  add(candidate: Candidate): void {
    if (this.#held === 'taken') this.#take(candidate);
    else if (this.#held.length < MAX_HELD) this.#held.push(candidate);
  }

  answerSet(): void {
    const held = this.#held;
    this.#held = 'taken';
    if (held !== 'taken') held.forEach((candidate) => this.#take(candidate));
  }
}
