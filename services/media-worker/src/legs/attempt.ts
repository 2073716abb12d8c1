/**
 * One attempt to carry a call: a pipeline and its legs.
 *
 *   prepared ──JoinLegs──> joined
 *      └──────────┬──────────┘
 *                 └──failed, or released by the Call──> releasing ──pipeline is gone──> over
 *
 * Invariants: at most one pipeline, and one current leg of each party; endpoints are connected to each other only when the Call
 * said `JoinLegs` and both offers were applied, and once joined the current ones are; `MediaFailed` is said at most once, and
 * never after a release; over means that nothing of it is on the media server. What is done stands in the tags of pipeline and
 * endpoints: an heir of this worker finds it there.
 */
import type { Clock } from '@switchboard/event-log';
import type { LegID, LegOwner } from '@switchboard/protocol';
import { KurentoError, type OwnCode } from '../kurento/errors.ts';
import type { Endpoint, FoundEndpoint, FoundPipeline, KurentoPort, Pipeline, Tags } from '../kurento/port.ts';
import { legsOf } from './adoption.ts';
import { Bridge } from './bridge.ts';
import { releaseUntilGone } from './disposal.ts';
import { Leg } from './leg.ts';
import type { AttemptName, FailureCause, Outbox } from './outbox.ts';
import { Parties, ROLES } from './parties.ts';
import type { Party } from './party.ts';
import type { RemoteCandidate } from './remote-candidates.ts';
import { JOINED, readPipelineTags, type LegTags } from './tags.ts';
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

/** The media server does not answer: another one may do. */
const AWAY: readonly string[] = ['unreachable', 'timeout', 'lost'] satisfies OwnCode[];

export class Attempt {
  readonly #parts: AttemptParts;
  #state: State = { kind: 'prepared' };
  #pipeline: Promise<Pipeline> | undefined;
  #pipelineID: string | undefined;
  readonly #parties = new Parties();
  readonly #bridge = new Bridge(() => (this.#state.kind === 'joined' ? this.#parties.answered : undefined));
  readonly #work = new Work();
  readonly #preparing = new Work();
  /** The end of telling the Call that it failed. */
  #told: Promise<void> = Promise.resolve();
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

  /**
   * Replaces the party's leg. One that is there already, or was replaced, stays as it is. Resolves when its offer was applied, or
   * the Call knows that it failed. Never rejects, as none of the following do.
   */
  async prepare(leg: Omit<LegTags, 'replaced'>, offer: string, held: readonly RemoteCandidate[]): Promise<void> {
    const party = this.#parties[leg.party];
    if (!this.#isLive() || party.knows(leg.legID)) return held.forEach(({ done }) => done());
    const made = this.#newLeg({ ...leg, replaced: party.replacedByNext }, held);
    party.put(made);
    this.#pipeline ??= this.#create();
    await this.#work.add(this.#preparing.add(made.prepare(this.#pipeline, this.#parts.tags, offer)));
    await this.#told;
  }

  /** False if nothing is known of the leg. */
  addCandidate(leg: LegID, candidate: RemoteCandidate): boolean {
    const found = this.#parties.find(leg);
    found?.addCandidate(candidate);
    const known = this.#parties.knows(leg);
    if (known && found === undefined) candidate.done();
    return known;
  }

  /** Resolves when the tags say so, or the Call knows that it failed. */
  async join(): Promise<void> {
    if (this.#state.kind !== 'prepared') return;
    this.#state = { kind: 'joined' };
    for (const leg of this.#parties.legs) leg.accepted();
    await this.#work.add(this.#joined());
    await this.#told;
  }

  async moveLeg(leg: LegID, owner: LegOwner): Promise<void> {
    if (this.#isLive()) await this.#parties.find(leg)?.moveTo(owner);
  }

  /** Says again what it has. */
  async announce(): Promise<void> {
    await Promise.all(this.#parties.legs.map((leg) => leg.announce()));
  }

  /** The connection to the media server was away for a moment. */
  async catchUp(): Promise<void> {
    await Promise.all(this.#parties.legs.map((leg) => leg.catchUp()));
  }

  /** Resolves when nothing of it is on the media server any more. */
  release(): Promise<void> {
    if (this.#state.kind !== 'releasing') {
      for (const leg of this.#parties.legs) leg.close();
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
    this.#told = this.#parts.outbox.toCall(this.name, { type: 'MediaFailed', cause });
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
    const tags = readPipelineTags(found.tags);
    if (tags?.joined === true) this.#state = { kind: 'joined' };
    this.#bridge.recall(tags?.bridge);
    const endpoints = await found.endpoints();
    for (const role of ROLES) {
      const party = this.#parties[role];
      for (const { tags, endpoint } of legsOf(role, endpoints)) {
        if (party.current === undefined) await this.#adoptLeg(tags, endpoint);
        else this.#discard(endpoint);
      }
    }
    this.#work.add(this.#connect());
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

  #newLeg(tags: LegTags, held: readonly RemoteCandidate[]): Leg {
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

  /** What connects a pair notes it too; without one the pipeline must say that there is to be one. */
  async #joined(): Promise<void> {
    await this.#connect();
    await this.#preparing.idle();
    await this.#connect();
    if (this.#bridge.stands || !this.#isLive()) return;
    await this.#pipeline?.then((made) => made.tag(JOINED)).catch((error: unknown) => this.#failBy(error));
  }

  /** Never rejects. */
  async #connect(): Promise<void> {
    if (this.#pipeline === undefined) return;
    await this.#bridge.connect(this.#pipeline).catch((error: unknown) => this.#failBy(error));
  }

  #failBy(error: unknown): void {
    const code = error instanceof KurentoError ? error.code : 'internal';
    this.fail(AWAY.includes(code) ? 'media_server_lost' : 'setup_failed', code);
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
