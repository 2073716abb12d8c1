/**
 * The candidates of a party. Invariants: bounded while they wait, in order; none reaches the endpoint before its offer was applied
 * and the callee accepted. While it rings the party has no answer yet: checks of its candidates would fail, and after some seconds
 * of that ICE gives up. What waits for the accept is noted in the endpoint's tags: it outlives the worker.
 */
import { MAX_HELD_CANDIDATES, type Candidate } from '@switchboard/protocol';
import { isGone } from '../kurento/errors.ts';
import type { Endpoint } from '../kurento/port.ts';
import { tagsOfCandidates } from './tags.ts';

export interface RemoteCandidate {
  readonly candidate: Candidate;
  /** Called when the media server has it, or nobody needs it; a second time changes nothing. */
  readonly done: () => void;
}

export class RemoteCandidates {
  readonly #held: RemoteCandidate[];
  readonly #onGone: (error: unknown) => void;
  #endpoint: Endpoint | undefined;
  #state: 'ringing' | 'accepted' | 'closed' = 'ringing';
  /** How many of those that are held are in the tags. */
  #noted = 0;
  #isNoting = false;

  /** @param onGone the media server does not have the endpoint any more */
  constructor(held: readonly RemoteCandidate[], onGone: (error: unknown) => void) {
    this.#held = [...held];
    this.#onGone = onGone;
  }

  add(one: RemoteCandidate): void {
    if (this.#state === 'closed' || this.#held.length >= MAX_HELD_CANDIDATES) return one.done();
    this.#held.push(one);
    this.#passOn();
  }

  accept(): void {
    if (this.#state === 'ringing') this.#state = 'accepted';
    this.#passOn();
  }

  /** @param endpoint its offer was applied */
  open(endpoint: Endpoint): void {
    this.#endpoint = endpoint;
    this.#passOn();
  }

  /** Nobody needs them any more. */
  close(): void {
    this.#state = 'closed';
    for (const { done } of this.#held.splice(0)) done();
  }

  #passOn(): void {
    if (this.#endpoint === undefined) return;
    if (this.#state !== 'ringing') for (const one of this.#held.splice(0)) void this.#give(this.#endpoint, one);
    else if (!this.#isNoting) void this.#note(this.#endpoint);
  }

  /** What comes meanwhile goes with the next request. */
  async #note(endpoint: Endpoint): Promise<void> {
    this.#isNoting = true;
    while (this.#state === 'ringing' && this.#noted < this.#held.length) {
      const fresh = this.#held.slice(this.#noted);
      const tags = tagsOfCandidates(
        this.#noted,
        fresh.map(({ candidate }) => candidate),
      );
      this.#noted = this.#held.length;
      await this.#tried(endpoint.tag(tags));
      for (const { done } of fresh) done();
    }
    this.#isNoting = false;
  }

  async #give(endpoint: Endpoint, { candidate, done }: RemoteCandidate): Promise<void> {
    if (candidate.candidate !== '') await this.#tried(endpoint.addIceCandidate(candidate));
    done();
  }

  /** A candidate that the media server refuses is the client's fault, and others may do. */
  async #tried(request: Promise<void>): Promise<void> {
    try {
      await request;
    } catch (error) {
      if (isGone(error)) this.#onGone(error);
    }
  }
}
