/**
 * What the media server gathered for a leg, and where it goes.
 *
 *   gathering ──ICE and DTLS are up──> connected
 *
 * Invariant: until the leg is connected, its owner was sent all that was gathered, whenever it became the owner. Bounded.
 */
import {
  candidate as candidateSchema,
  MAX_HELD_CANDIDATES,
  type Candidate,
  type LegOwner,
} from '@switchboard/protocol';

type State = { readonly kind: 'gathering'; readonly found: Candidate[] } | { readonly kind: 'connected' };

export class LocalCandidates {
  readonly #send: (owner: LegOwner, candidate: Candidate) => void;
  #owner: LegOwner;
  #state: State = { kind: 'gathering', found: [] };

  constructor(owner: LegOwner, send: (owner: LegOwner, candidate: Candidate) => void) {
    this.#owner = owner;
    this.#send = send;
  }

  get isConnected(): boolean {
    return this.#state.kind === 'connected';
  }

  add(candidate: Candidate): void {
    if (this.#state.kind === 'gathering' && this.#state.found.length < MAX_HELD_CANDIDATES) {
      this.#state.found.push(candidate);
    }
    this.#send(this.#owner, candidate);
  }

  /** @param description the server's, with all that it found by now: some of it may not have been told */
  addMissed(description: string): void {
    if (this.#state.kind === 'connected') return;
    const { found } = this.#state;
    const isKnown = (one: Candidate) =>
      found.some(({ candidate, sdpMLineIndex }) => candidate === one.candidate && sdpMLineIndex === one.sdpMLineIndex);
    for (const one of candidatesIn(description)) if (!isKnown(one)) this.add(one);
  }

  moveTo(owner: LegOwner): void {
    this.#owner = owner;
    if (this.#state.kind === 'connected') return;
    for (const candidate of this.#state.found) this.#send(owner, candidate);
  }

  /** Nobody needs what was gathered any more. */
  connected(): void {
    this.#state = { kind: 'connected' };
  }
}

function candidatesIn(description: string): readonly Candidate[] {
  const [, ...sections] = description.split(/^m=/m);
  return sections.flatMap((section, sdpMLineIndex) => {
    const sdpMid = /^a=mid:(\S+)/m.exec(section)?.[1];
    return [...section.matchAll(/^a=(candidate:.*\S)/gm)].flatMap(
      ([, candidate]) => candidateSchema.safeParse({ candidate, sdpMid, sdpMLineIndex }).data ?? [],
    );
  });
}
