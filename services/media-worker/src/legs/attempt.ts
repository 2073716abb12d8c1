/**
 * One attempt to carry a call: a pipeline and its legs.
 *
 *   live ──failed, or released by the Call──> releasing ──pipeline is gone──> over
 *
 * Invariants: at most one pipeline; endpoints are connected to each other only when the Call said `JoinLegs` and both offers were
 * applied; `MediaFailed` is said at most once, and never after a release; over means that nothing of it is on the media server.
 */
import { backoff, sleep, type Clock } from '@switchboard/event-log';
import type { Candidate, LegID } from '@switchboard/protocol';
import { isGone, KurentoError } from '../kurento/errors.ts';
import type { FoundPipeline, KurentoPort, Pipeline, Tags } from '../kurento/port.ts';
import { Leg } from './leg.ts';
import type { AttemptName, FailureCause, Outbox } from './outbox.ts';
import { readLegTags, type LegTags } from './tags.ts';

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

interface Join {
  readonly callerLeg: LegID;
  readonly calleeLeg: LegID;
}

type State = { readonly kind: 'live' } | { readonly kind: 'releasing'; readonly over: Promise<void> };

export class Attempt {
  readonly #parts: AttemptParts;
  #state: State = { kind: 'live' };
  #pipeline: Promise<Pipeline> | undefined;
  #pipelineID: string | undefined;
  readonly #legs = new Map<LegID, Leg>();
  /** What is in hand: promises that never reject. */
  readonly #work = new Set<Promise<void>>();
  #join: Join | undefined;
  #joined = false;
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
    return this.#legs.size;
  }

  /** A leg that is there already stays as it is. */
  prepare(leg: LegTags, offer: string, held: readonly Candidate[]): void {
    if (!this.#isLive() || this.#legs.has(leg.legID)) return;
    this.#pipeline ??= this.#create();
    this.#track(this.#addLeg(leg, held).prepare(this.#pipeline, this.#parts.tags, offer));
  }

  /** False if the leg is not there. */
  addCandidate(leg: LegID, candidate: Candidate): boolean {
    const known = this.#legs.get(leg);
    known?.addCandidate(candidate);
    return known !== undefined;
  }

  join(join: Join): void {
    this.#join = join;
    for (const leg of this.#legs.values()) leg.accepted();
    this.#track(this.#joinIfReady());
  }

  /** Resolves when nothing of it is on the media server any more. Never rejects. */
  release(): Promise<void> {
    if (this.#state.kind === 'live') this.#state = { kind: 'releasing', over: this.#track(this.#dispose()) };
    return this.#state.over;
  }

  /** Resolves when nothing is in hand any more. */
  async idle(): Promise<void> {
    while (this.#work.size > 0) await Promise.all(this.#work);
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

  /** Takes over what an earlier life of this worker left on the media server. Rejects with a KurentoError. */
  async adopt(found: FoundPipeline): Promise<void> {
    this.#pipeline = Promise.resolve(found.pipeline);
    this.#pipelineID = found.pipeline.id;
    for (const endpoint of await found.endpoints()) {
      const tags = readLegTags(endpoint.tags);
      if (tags === undefined) continue;
      const kept = await this.#addLeg(tags, []).adopt(endpoint);
      if (!kept) this.#legs.delete(tags.legID);
    }
  }

  async #create(): Promise<Pipeline> {
    const pipeline = await this.#parts.kurento.createPipeline(this.#parts.tags);
    this.#pipelineID = pipeline.id;
    return pipeline;
  }

  #addLeg(tags: LegTags, held: readonly Candidate[]): Leg {
    const { name, outbox } = this.#parts;
    const leg = new Leg(
      {
        ...tags,
        name,
        outbox,
        live: () => this.#isLive(),
        onAnswered: () => this.#track(this.#joinIfReady()),
        onFailed: (error) => this.#failBy(error),
        onBroken: (code, wasConnected) => this.#broken(code, wasConnected),
      },
      held,
    );
    this.#legs.set(tags.legID, leg);
    if (this.#join !== undefined) leg.accepted();
    return leg;
  }

  /** While it rings the party has no answer yet, so ICE may well give up; it recovers when the party begins. */
  #broken(code: string, wasConnected: boolean): void {
    if (code !== 'ice' || wasConnected || this.#join !== undefined) this.fail('setup_failed', code);
  }

  async #joinIfReady(): Promise<void> {
    if (this.#join === undefined || this.#joined || !this.#isLive()) return;
    const caller = this.#legs.get(this.#join.callerLeg)?.endpoint;
    const callee = this.#legs.get(this.#join.calleeLeg)?.endpoint;
    if (caller === undefined || callee === undefined || this.#pipeline === undefined) return;
    this.#joined = true;
    try {
      const pipeline = await this.#pipeline;
      if (this.#isLive()) await pipeline.connectBoth(caller, callee);
    } catch (error) {
      this.#failBy(error);
    }
  }

  #failBy(error: unknown): void {
    const code = error instanceof KurentoError ? error.code : 'internal';
    this.fail(code === 'unreachable' || code === 'lost' ? 'media_server_lost' : 'setup_failed', code);
  }

  async #dispose(): Promise<void> {
    const pipeline = await this.#pipeline?.catch(() => undefined);
    const lost = this.#lost.signal;
    for (let tries = 0; pipeline !== undefined && !lost.aborted; tries += 1) {
      if (await released(pipeline)) break;
      await sleep(this.#parts.clock, backoff(tries, Math.random), lost);
    }
    this.#parts.onOver();
  }

  #track(work: Promise<void>): Promise<void> {
    this.#work.add(work);
    void work.then(() => this.#work.delete(work));
    return work;
  }

  #isLive(): boolean {
    return this.#state.kind === 'live';
  }
}

/** False: try again. */
async function released(pipeline: Pipeline): Promise<boolean> {
  try {
    await pipeline.release();
    return true;
  } catch (error) {
    return isGone(error) || !(error instanceof KurentoError);
  }
}
