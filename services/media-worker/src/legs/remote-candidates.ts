/**
 * The candidates of a party. Invariants: bounded while they wait, in order; none reaches the endpoint before its offer was applied
 * and the callee accepted. While it rings the party has no answer yet: checks of its candidates would fail, and after some seconds
 * of that ICE gives up.
 */
import { MAX_HELD_CANDIDATES, type Candidate } from '@switchboard/protocol';
import { isGone } from '../kurento/errors.ts';
import type { Endpoint } from '../kurento/port.ts';

export class RemoteCandidates {
  readonly #held: Candidate[];
  readonly #onGone: (error: unknown) => void;
  #endpoint: Endpoint | undefined;
  #accepted = false;

  /** @param onGone the media server does not have the endpoint any more */
  constructor(held: readonly Candidate[], onGone: (error: unknown) => void) {
    this.#held = [...held];
    this.#onGone = onGone;
  }

  add(candidate: Candidate): void {
    if (this.#held.length < MAX_HELD_CANDIDATES) this.#held.push(candidate);
    this.#passOn();
  }

  accept(): void {
    this.#accepted = true;
    this.#passOn();
  }

  /** @param endpoint its offer was applied */
  open(endpoint: Endpoint): void {
    this.#endpoint = endpoint;
    this.#passOn();
  }

  #passOn(): void {
    if (this.#endpoint === undefined || !this.#accepted) return;
    for (const candidate of this.#held.splice(0)) void this.#give(this.#endpoint, candidate);
  }

  /** A candidate that the media server refuses is the client's fault, and others may do. */
  async #give(endpoint: Endpoint, candidate: Candidate): Promise<void> {
    try {
      if (candidate.candidate !== '') await endpoint.addIceCandidate(candidate);
    } catch (error) {
      if (isGone(error)) this.#onGone(error);
    }
  }
}
