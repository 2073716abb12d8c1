/**
 * One leg: the way of one party's media to the media server.
 *
 *   preparing ──offer applied──> answered ──replaced──> outgoing ──release()──> gone
 *       └───────────────────────replaced────────────────────────────────────────^
 *
 * Invariants: it says `LegAnswered` and `LegConnected` once each, and again only when it is asked to (`announce`); nothing once it
 * was replaced; an endpoint of no use is given back to `dispose`, unless the attempt ended.
 */
import { answerRef, type LegID, type LegOwner } from '@switchboard/protocol';
import { isGone } from '../kurento/errors.ts';
import type { Endpoint, EndpointEvents, FoundEndpoint, Pipeline, Tags } from '../kurento/port.ts';
import { LocalCandidates } from './local-candidates.ts';
import type { AttemptName, Outbox } from './outbox.ts';
import { RemoteCandidates, type RemoteCandidate } from './remote-candidates.ts';
import { readCandidateTags, tagsOfLeg, tagsOfOwner, type LegTags } from './tags.ts';

export interface LegParts extends LegTags {
  readonly name: AttemptName;
  readonly outbox: Outbox;
  /** False once the attempt ended: nothing is said or asked any more. */
  readonly live: () => boolean;
  readonly onAnswered: () => void;
  readonly onFailed: (error: unknown) => void;
  /** ICE gave up, or the media server reports an error of the endpoint: `code` is `ice` or `endpoint`. */
  readonly onBroken: (code: string, wasConnected: boolean) => void;
  /** The endpoint is of no use any more. */
  readonly dispose: (endpoint: Endpoint) => void;
}

type State =
  | { readonly kind: 'preparing' }
  | { readonly kind: 'answered' | 'outgoing'; readonly endpoint: Endpoint }
  | { readonly kind: 'gone' };

export class Leg {
  readonly #parts: LegParts;
  #state: State = { kind: 'preparing' };
  readonly #remote: RemoteCandidates;
  readonly #local: LocalCandidates;
  #prepared: Promise<void> = Promise.resolve();

  /** @param held candidates that came before the leg */
  constructor(parts: LegParts, held: readonly RemoteCandidate[]) {
    this.#parts = parts;
    this.#remote = new RemoteCandidates(held, (error) => this.#failed(error));
    const { name, legID, outbox } = parts;
    this.#local = new LocalCandidates(parts.owner, ({ gateway, ...to }, candidate) =>
      outbox.toGateway(gateway, { type: 'LocalCandidate', ...to, ...name, legID, candidate }),
    );
  }

  get legID(): LegID {
    return this.#parts.legID;
  }

  get replaced(): readonly LegID[] {
    return this.#parts.replaced;
  }

  /** The endpoint, once its offer was applied and until the leg is replaced. */
  get endpoint(): Endpoint | undefined {
    return this.#state.kind === 'answered' ? this.#state.endpoint : undefined;
  }

  /** Never rejects: what fails goes to `onFailed`. */
  prepare(pipeline: Promise<Pipeline>, tags: Tags, offer: string): Promise<void> {
    this.#prepared = this.#prepare(pipeline, tags, offer);
    return this.#prepared;
  }

  /**
   * Takes a leg of an earlier life of this worker over. What it may have said already it says again: the Call knows.
   * @returns false if its offer was never applied: it has to be made anew
   */
  async adopt(found: FoundEndpoint): Promise<boolean> {
    const endpoint = await found.adopt(this.#events());
    const answer = await endpoint.localDescription().catch((error: unknown) => {
      if (isGone(error)) throw error;
    });
    if (answer === undefined) {
      this.#state = { kind: 'gone' };
      this.#parts.dispose(endpoint);
      return false;
    }
    this.#takeOver(endpoint, answer);
    if (await endpoint.isConnected()) this.#connected();
    else await this.#goOn(endpoint, answer, found.tags);
    return true;
  }

  addCandidate(candidate: RemoteCandidate): void {
    this.#remote.add(candidate);
  }

  /** The callee accepted: the party gets its answer now, so its candidates can be tried. */
  accepted(): void {
    this.#remote.accept();
  }

  /** Resolves when an heir of this worker would know. Never rejects. */
  async moveTo(owner: LegOwner): Promise<void> {
    this.#local.moveTo(owner);
    await this.#prepared;
    await this.endpoint?.tag(tagsOfOwner(owner)).catch(() => undefined);
  }

  /** Says again what it is, to a Call that may have forgotten it. Never rejects. */
  async announce(): Promise<void> {
    await this.#look(async (answer) => {
      const said = this.#sayAnswered(answer);
      await Promise.all([said, this.#local.isConnected ? this.#sayConnected() : undefined]);
    });
  }

  /** Events may have been missed: asks what they told. Never rejects. */
  async catchUp(): Promise<void> {
    if (!this.#local.isConnected) await this.#look(() => undefined);
  }

  /** Its candidates are not needed any more. */
  close(): void {
    this.#remote.close();
  }

  /** Another leg takes its place. `outgoing`: it has an endpoint, to be given back with `release`. */
  replace(): 'outgoing' | 'gone' {
    this.close();
    const { endpoint } = this;
    const next = endpoint === undefined ? ({ kind: 'gone' } as const) : ({ kind: 'outgoing', endpoint } as const);
    this.#state = next;
    return next.kind;
  }

  /** Of a leg that was replaced. */
  release(): void {
    if (this.#state.kind !== 'outgoing') return;
    const { endpoint } = this.#state;
    this.#state = { kind: 'gone' };
    this.#parts.dispose(endpoint);
  }

  async #prepare(pipeline: Promise<Pipeline>, tags: Tags, offer: string): Promise<void> {
    try {
      const made = await this.#make(pipeline, tags, offer);
      if (made === undefined) return;
      this.#takeOver(made.endpoint, made.answer);
      await made.endpoint.gatherCandidates();
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Undefined if nobody wants it any more. */
  async #make(
    pipeline: Promise<Pipeline>,
    tags: Tags,
    offer: string,
  ): Promise<{ readonly endpoint: Endpoint; readonly answer: string } | undefined> {
    const made = await pipeline;
    if (!this.#isWanted()) return undefined;
    const endpoint = await made.createEndpoint(tagsOfLeg(tags, this.#parts), this.#events());
    const answer = this.#isWanted() ? await this.#applied(endpoint, offer) : undefined;
    if (answer !== undefined && this.#isWanted()) return { endpoint, answer };
    this.#parts.dispose(endpoint);
    return undefined;
  }

  async #applied(endpoint: Endpoint, offer: string): Promise<string | undefined> {
    try {
      return await endpoint.processOffer(offer);
    } catch (error) {
      this.#failed(error);
      return undefined;
    }
  }

  /** Its offer was applied. */
  #takeOver(endpoint: Endpoint, answer: string): void {
    this.#state = { kind: 'answered', endpoint };
    void this.#sayAnswered(answer);
    this.#parts.onAnswered();
    this.#remote.open(endpoint);
  }

  /** What the earlier life of the worker had in hand. */
  async #goOn(endpoint: Endpoint, answer: string, tags: Tags): Promise<void> {
    this.#local.addMissed(answer);
    for (const candidate of readCandidateTags(tags)) this.#remote.add({ candidate, done: () => undefined });
    // A second time is refused.
    await endpoint.gatherCandidates().catch(() => undefined);
  }

  /** @param tell gets the answer, before the leg says that it is connected */
  async #look(tell: (answer: string) => unknown): Promise<void> {
    const { endpoint } = this;
    if (endpoint === undefined || !this.#isWanted()) return;
    try {
      const [answer, connected] = await Promise.all([endpoint.localDescription(), endpoint.isConnected()]);
      if (!this.#isWanted()) return;
      await tell(answer);
      this.#local.addMissed(answer);
      if (connected) this.#connected();
    } catch (error) {
      if (isGone(error)) this.#failed(error);
    }
  }

  #sayAnswered(answer: string): Promise<void> {
    const { outbox, name, legID } = this.#parts;
    return outbox.toCall(name, { type: 'LegAnswered', legID }, { [answerRef(legID)]: answer });
  }

  #sayConnected(): Promise<void> {
    const { outbox, name, legID } = this.#parts;
    return outbox.toCall(name, { type: 'LegConnected', legID });
  }

  #events(): EndpointEvents {
    return {
      candidate: (candidate) => {
        if (this.#isWanted()) this.#local.add(candidate);
      },
      gathered: () => undefined,
      connected: () => this.#connected(),
      failed: (code) => {
        if (this.#isWanted()) this.#parts.onBroken(code, this.#local.isConnected);
      },
    };
  }

  #connected(): void {
    if (!this.#isWanted() || this.#local.isConnected) return;
    this.#local.connected();
    void this.#sayConnected();
  }

  /** The connection of a client that was replaced is expected to break. */
  #failed(error: unknown): void {
    if (this.#isWanted()) this.#parts.onFailed(error);
  }

  #isWanted(): boolean {
    return this.#parts.live() && (this.#state.kind === 'preparing' || this.#state.kind === 'answered');
  }
}
