/**
 * One leg: the way of one party's media to the media server.
 *
 *   preparing ──offer applied──> answered   (ICE and DTLS up: told once, changes nothing here)
 *
 * Invariants: it says `LegAnswered` and `LegConnected` at most once each; no remote candidate reaches the endpoint before its offer
 * was applied and the callee accepted. While it rings the party has no answer yet: checks of its candidates would fail, and after
 * some seconds of that ICE gives up.
 */
import { answerRef, MAX_HELD_CANDIDATES, type Candidate } from '@switchboard/protocol';
import { isGone } from '../kurento/errors.ts';
import type { Endpoint, EndpointEvents, FoundEndpoint, Pipeline, Tags } from '../kurento/port.ts';
import type { AttemptName, Outbox } from './outbox.ts';
import { tagsOfLeg, type LegTags } from './tags.ts';

export interface LegParts extends LegTags {
  readonly name: AttemptName;
  readonly outbox: Outbox;
  /** False once the attempt ended: nothing is said or asked any more. */
  readonly live: () => boolean;
  readonly onAnswered: () => void;
  readonly onFailed: (error: unknown) => void;
  /** ICE gave up, or the media server reports an error of the endpoint: `code` is `ice` or `endpoint`. */
  readonly onBroken: (code: string, wasConnected: boolean) => void;
}

type State = { readonly kind: 'preparing' } | { readonly kind: 'answered'; readonly endpoint: Endpoint };

export class Leg {
  readonly #parts: LegParts;
  #state: State = { kind: 'preparing' };
  #accepted = false;
  #saidConnected = false;
  readonly #held: Candidate[];

  /** @param held candidates that came before the leg */
  constructor(parts: LegParts, held: readonly Candidate[]) {
    this.#parts = parts;
    this.#held = [...held];
  }

  /** The endpoint, once its offer was applied. */
  get endpoint(): Endpoint | undefined {
    return this.#state.kind === 'preparing' ? undefined : this.#state.endpoint;
  }

  /** Never rejects: what fails goes to `onFailed`. */
  async prepare(pipeline: Promise<Pipeline>, tags: Tags, offer: string): Promise<void> {
    const { live } = this.#parts;
    try {
      const made = await pipeline;
      if (!live()) return;
      const endpoint = await made.createEndpoint(tagsOfLeg(tags, this.#parts), this.#events());
      if (!live()) return;
      const answer = await endpoint.processOffer(offer);
      if (!live()) return;
      await this.#answered(endpoint, answer);
    } catch (error) {
      this.#parts.onFailed(error);
    }
  }

  /**
   * Takes a leg of an earlier life of this worker over. What it may have said already it says again: the Call knows.
   * @returns false if its offer was never applied: it has to be made anew
   */
  async adopt(found: FoundEndpoint): Promise<boolean> {
    const endpoint = await found.adopt(this.#events());
    // It may have been accepted in the earlier life.
    this.#accepted = true;
    const answer = await endpoint.localDescription().catch((error: unknown) => {
      if (isGone(error)) throw error;
    });
    if (answer === undefined) {
      await endpoint.release();
      return false;
    }
    // Gathering a second time may be refused.
    await this.#answered(endpoint, answer, () => undefined);
    return true;
  }

  addCandidate(candidate: Candidate): void {
    if (this.#held.length < MAX_HELD_CANDIDATES) this.#held.push(candidate);
    this.#passOn();
  }

  /** The callee accepted: the party gets its answer now, so its candidates can be tried. */
  accepted(): void {
    this.#accepted = true;
    this.#passOn();
  }

  async #answered(endpoint: Endpoint, answer: string, onGatherFailed?: () => void): Promise<void> {
    const { outbox, name, legID, onAnswered } = this.#parts;
    this.#state = { kind: 'answered', endpoint };
    outbox.toCall(name, { type: 'LegAnswered', legID }, { [answerRef(legID)]: answer });
    onAnswered();
    this.#passOn();
    const gathering = endpoint.gatherCandidates();
    await (onGatherFailed === undefined ? gathering : gathering.catch(onGatherFailed));
  }

  #passOn(): void {
    if (this.#state.kind === 'preparing' || !this.#accepted) return;
    for (const candidate of this.#held.splice(0)) void this.#add(this.#state.endpoint, candidate);
  }

  /** A candidate that the media server refuses is the client's fault, and others may do. */
  async #add(endpoint: Endpoint, candidate: Candidate): Promise<void> {
    try {
      if (candidate.candidate !== '') await endpoint.addIceCandidate(candidate);
    } catch (error) {
      if (isGone(error)) this.#parts.onFailed(error);
    }
  }

  #events(): EndpointEvents {
    const { name, outbox, legID, owner, live, onBroken } = this.#parts;
    const { gateway, ...to } = owner;
    return {
      candidate: (candidate) => {
        if (live()) outbox.toGateway(gateway, { type: 'LocalCandidate', ...to, ...name, legID, candidate });
      },
      gathered: () => undefined,
      connected: () => this.#connected(),
      failed: (code) => onBroken(code, this.#saidConnected),
    };
  }

  #connected(): void {
    const { live, name, outbox, legID } = this.#parts;
    if (!live() || this.#saidConnected) return;
    this.#saidConnected = true;
    outbox.toCall(name, { type: 'LegConnected', legID });
  }
}
