/**
 * One attempt to carry a call: a pipeline and its legs.
 *
 *   prepared ──JoinLegs──> joined
 *      └──────────┬──────────┘
 *                 └──failed, or released by the Call──> releasing ──pipeline is gone──> over
 *
 * Invariants: at most one pipeline, and one current leg of each party; endpoints are connected to each other only when the Call
 * said `JoinLegs` and both offers were applied, and once joined the current ones are; `MediaFailed` is said at most once, and
 * never after a release; over means that nothing of it is on the media server.
 */
import type { Clock } from '@switchboard/event-log';
import type { Candidate, LegID, LegOwner } from '@switchboard/protocol';
import { KurentoError } from '../kurento/errors.ts';
import type { Endpoint, FoundEndpoint, FoundPipeline, KurentoPort, Pipeline, Tags } from '../kurento/port.ts';
import { legsOf } from './adoption.ts';
import { Bridge } from './bridge.ts';
import { releaseUntilGone } from './disposal.ts';
import { Leg } from './leg.ts';
import type { AttemptName, FailureCause, Outbox } from './outbox.ts';
import { Parties, ROLES } from './parties.ts';
import type { Party } from './party.ts';
import type { LegTags } from './tags.ts';
import { Work } from './work.ts';

export interface AttemptParts {
  readonly name: AttemptName;
  readonly tags: Tags;
  readonly kurento: Pick<KurentoPort, 'createPipeline'>;
  readonly outbox: Outbox;
  readonly clock: Clock;
  /** Told with `MediaFailed`; `code` is that of the error. */
  readonly onFailed: (cause: FailureCause, code: string) => void;
  /** Nothing of it is on the media server any more. */
  readonly onOver: () => void;
}

type State = { readonly kind: 'prepared' | 'joined' } | { readonly kind: 'releasing'; readonly over: Promise<void> };

export class Attempt {
  readonly #parts: AttemptParts;
  #state: State = { kind: 'prepared' };
  #pipeline: Promise<Pipeline> | undefined;
  #pipelineID: string | undefined;
  readonly #parties = new Parties();
  readonly #bridge = new Bridge(() => (this.#state.kind === 'joined' ? this.#parties.answered : undefined));
  readonly #work = new Work();
  /** The pipeline is being released, and all endpoints with it. */
  readonly #ended = new AbortController();
  /** The media server lost everything: there is nothing to release. */
  readonly #lost = new AbortController();

  constructor(parts: AttemptParts) {
    this.#parts = parts;
  }

  get name(): AttemptName {
    return this.#parts.name;
  }

  /** Undefined while there is none. */
  get pipelineID(): string | undefined {
    return this.#pipelineID;
  }

  get legs(): number {
    return this.#parties.legs.length;
  }

  /** Replaces the party's leg. One that is there already, or was replaced, stays as it is. */
  prepare(leg: Omit<LegTags, 'replaced'>, offer: string, held: readonly Candidate[]): void {
    const party = this.#parties[leg.party];
    if (!this.#isLive() || party.knows(leg.legID)) return;
    const made = this.#newLeg({ ...leg, replaced: party.replacedByNext }, held);
    party.put(made);
    this.#pipeline ??= this.#create();
    this.#work.add(made.prepare(this.#pipeline, this.#parts.tags, offer));
  }

  /** False if nothing is known of the leg. */
  addCandidate(leg: LegID, candidate: Candidate): boolean {
    this.#parties.find(leg)?.addCandidate(candidate);
    return this.#parties.knows(leg);
  }

  join(): void {
    if (this.#state.kind !== 'prepared') return;
    this.#state = { kind: 'joined' };
    for (const leg of this.#parties.legs) leg.accepted();
    this.#work.add(this.#connect());
  }

  moveLeg(leg: LegID, owner: LegOwner): void {
    if (this.#isLive()) this.#parties.find(leg)?.moveTo(owner);
  }

  /** Resolves when nothing of it is on the media server any more. Never rejects. */
  release(): Promise<void> {
    if (this.#state.kind !== 'releasing') {
      this.#ended.abort();
      this.#state = { kind: 'releasing', over: this.#work.add(this.#dispose()) };
    }
    return this.#state.over;
  }

  /** Resolves when nothing is in hand any more. */
  idle(): Promise<void> {
    return this.#work.idle();
  }

  fail(cause: FailureCause, code: string): void {
    if (!this.#isLive()) return;
    this.#parts.outbox.toCall(this.name, { type: 'MediaFailed', cause });
    this.#parts.onFailed(cause, code);
    void this.release();
  }

  /** The media server was restarted, or is gone for good. */
  lost(): void {
    this.#lost.abort();
    this.fail('media_server_lost', 'lost');
  }

  /**
   * Takes over what an earlier life of this worker left on the media server: of each party the newest leg that was answered.
   * Rejects with a KurentoError.
   */
  async adopt(found: FoundPipeline): Promise<void> {
    this.#pipeline = Promise.resolve(found.pipeline);
    this.#pipelineID = found.pipeline.id;
    const endpoints = await found.endpoints();
    for (const role of ROLES) {
      const party = this.#parties[role];
      for (const { tags, endpoint } of legsOf(role, endpoints)) {
        if (party.current === undefined) await this.#adoptLeg(tags, endpoint);
        else this.#discard(endpoint);
      }
    }
  }

  async #adoptLeg(tags: LegTags, endpoint: FoundEndpoint): Promise<void> {
    const leg = this.#newLeg(tags, []);
    if (await leg.adopt(endpoint)) this.#parties[tags.party].put(leg);
  }

  async #create(): Promise<Pipeline> {
    const pipeline = await this.#parts.kurento.createPipeline(this.#parts.tags);
    this.#pipelineID = pipeline.id;
    return pipeline;
  }

  #newLeg(tags: LegTags, held: readonly Candidate[]): Leg {
    const { name, outbox } = this.#parts;
    const parts = {
      ...tags,
      ...{ name, outbox },
      live: () => this.#isLive(),
      onAnswered: () => void this.#work.add(this.#answered(this.#parties[tags.party])),
      onFailed: (error: unknown) => this.#failBy(error),
      onBroken: (code: string, wasConnected: boolean) => this.#broken(code, wasConnected),
      dispose: (endpoint: Endpoint) => this.#discard(endpoint),
    };
    const leg = new Leg(parts, held);
    if (this.#state.kind === 'joined') leg.accepted();
    return leg;
  }

  /**
   * While it rings the party has no answer yet, so ICE may well give up; it recovers when the party begins. Of a connection that
   * was there the client knows more: it may be reloading, or in another network, and comes with a new offer.
   */
  #broken(code: string, wasConnected: boolean): void {
    if (code !== 'ice' || (this.#state.kind === 'joined' && !wasConnected)) this.fail('setup_failed', code);
  }

  /** The leg before it goes only after its successor has taken its place. */
  async #answered(party: Party): Promise<void> {
    const outgoing = party.takeOutgoing();
    await this.#connect();
    outgoing?.release();
  }

  /** Never rejects. */
  async #connect(): Promise<void> {
    if (this.#pipeline === undefined) return;
    await this.#bridge.connect(this.#pipeline).catch((error: unknown) => this.#failBy(error));
  }

  #failBy(error: unknown): void {
    const code = error instanceof KurentoError ? error.code : 'internal';
    this.fail(code === 'unreachable' || code === 'lost' ? 'media_server_lost' : 'setup_failed', code);
  }

  #discard(endpoint: Pick<Endpoint, 'release'>): void {
    this.#work.add(releaseUntilGone(endpoint, this.#parts.clock, this.#ended.signal));
  }

  async #dispose(): Promise<void> {
    const pipeline = await this.#pipeline?.catch(() => undefined);
    if (pipeline !== undefined) await releaseUntilGone(pipeline, this.#parts.clock, this.#lost.signal);
    this.#parts.onOver();
  }

  #isLive(): boolean {
    return this.#state.kind !== 'releasing';
  }
}
