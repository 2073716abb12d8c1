/**
 * The table of attempts: what this worker carries, and what it does with a message.
 *
 * Invariants: whatever the order of messages, nothing is made for an attempt after its end; every pipeline of this worker belongs to an attempt
 * of the table, and one that does not is released by `sweep`.
 */
import { silentLogger, type Clock, type Logger } from '@switchboard/event-log';
import { offerRef, partitionOfCall, type WorkerMessage } from '@switchboard/protocol';
import type { FoundPipeline, KurentoPort } from '../kurento/port.ts';
import { Attempt } from './attempt.ts';
import { ClosedAttempts } from './closed.ts';
import { HeldCandidates } from './held.ts';
import { attemptKey, type AttemptName, type FailureCause, type Outbox } from './outbox.ts';
import { isTaggedBy, readPipelineTags, tagsOfPipeline } from './tags.ts';

export interface TableOptions {
  /** Names this worker in its cluster; written on every pipeline. */
  readonly worker: string;
  readonly kurento: Pick<KurentoPort, 'createPipeline' | 'listPipelines'>;
  readonly outbox: Outbox;
  readonly clock: Clock;
  /** Attempts at a time. */
  readonly capacity: number;
  readonly log?: Logger;
  readonly onFailed?: (cause: FailureCause, code: string) => void;
}

type Of<T extends WorkerMessage['type']> = Extract<WorkerMessage, { type: T }>;
type Blobs = Readonly<Record<string, string>>;

export class AttemptTable {
  readonly #options: TableOptions;
  readonly #log: Logger;
  readonly #attempts = new Map<string, Attempt>();
  readonly #held: HeldCandidates;
  readonly #closed: ClosedAttempts;
  #open = true;
  #strays: ReadonlySet<string> = new Set();

  constructor(options: TableOptions) {
    this.#options = options;
    this.#log = options.log ?? silentLogger;
    this.#held = new HeldCandidates(options.clock);
    this.#closed = new ClosedAttempts(options.clock);
  }

  /** Attempts that have, or may have, something on the media server. */
  get calls(): number {
    return this.#attempts.size;
  }

  get legs(): number {
    return [...this.#attempts.values()].reduce((sum, attempt) => sum + attempt.legs, 0);
  }

  /**
   * Resolves when nothing of the message would be lost with this process: the media server has it, or the Call knows that it has
   * not. Handling it again, in the same place among the others, changes nothing. Never rejects: what fails becomes a report to the Call.
   */
  async handle(message: WorkerMessage, blobs: Blobs = {}): Promise<void> {
    switch (message.type) {
      case 'PrepareLeg':
        return this.#prepare(message, blobs[offerRef(message.legID)]);
      case 'JoinLegs':
        return this.#attempts.get(attemptKey(message))?.join();
      case 'MoveLeg':
        return this.#attempts.get(attemptKey(message))?.moveLeg(message.legID, message.owner);
      case 'ReleaseCall':
        return this.#release(message);
      case 'Reconcile':
        return this.#announce(message.partition);
      case 'RemoteCandidate':
        return this.#addCandidate(message);
      default:
        message satisfies never;
    }
  }

  /** From now on new attempts are refused. */
  refuseNew(): void {
    this.#open = false;
  }

  /** Resolves when no leg is being prepared and nothing is being released. */
  async idle(): Promise<void> {
    await Promise.all([...this.#attempts.values()].map((attempt) => attempt.idle()));
  }

  /** Call it when the backlog was handled. Attempts of which an earlier life left nothing, and nobody asked for anything, are given up. */
  endEmpty(): void {
    const empty = [...this.#attempts.values()].filter(({ legs }) => legs === 0);
    for (const attempt of empty) attempt.fail('media_server_lost', 'adoption');
  }

  /** The connection to the media server was away for a moment, and what it told is missed. Never rejects. */
  async catchUp(): Promise<void> {
    await Promise.all([...this.#attempts.values()].map((attempt) => attempt.catchUp()));
  }

  /** The media server lost everything. */
  lost(): void {
    for (const attempt of [...this.#attempts.values()]) attempt.lost();
  }

  /** At start: takes over what an earlier life of this worker left. Rejects with a KurentoError. */
  async adopt(): Promise<void> {
    const found = await this.#options.kurento.listPipelines();
    const ours = found.filter(({ tags }) => isTaggedBy(this.#options.worker, tags));
    await Promise.all(ours.map((pipeline) => this.#adoptOne(pipeline)));
  }

  /** Releases pipelines of this worker that no attempt knows, when they were unknown the last time too. */
  async sweep(): Promise<void> {
    const known = [...this.#attempts.values()].flatMap(({ pipelineID }) => pipelineID ?? []);
    const found = await this.#options.kurento.listPipelines(new Set(known));
    const unknown = found.filter(({ tags }) => isTaggedBy(this.#options.worker, tags));
    const strays = unknown.filter(({ pipeline }) => this.#strays.has(pipeline.id));
    this.#strays = new Set(unknown.map(({ pipeline }) => pipeline.id));
    if (strays.length > 0) this.#log.warn({ pipelines: strays.length }, 'releasing pipelines without an attempt');
    await Promise.all(strays.map(({ pipeline }) => pipeline.release()));
  }

  async #prepare(message: Of<'PrepareLeg'>, offer: string | undefined): Promise<void> {
    if (offer === undefined || this.#closed.has(message)) return;
    const known = this.#attempts.get(attemptKey(message));
    if (known === undefined && (!this.#open || this.calls >= this.#options.capacity)) return this.#refuse(message);
    const attempt = known ?? this.#add(message);
    const { party, legID, owner } = message;
    await attempt.prepare({ party, legID, owner }, offer, this.#held.take(message, legID));
  }

  #refuse({ callID, attempt }: AttemptName): Promise<void> {
    this.#closed.add({ callID, attempt });
    this.#options.onFailed?.('no_capacity', 'no_capacity');
    return this.#options.outbox.toCall({ callID, attempt }, { type: 'MediaFailed', cause: 'no_capacity' });
  }

  async #release({ callID, attempt }: AttemptName): Promise<void> {
    const name = { callID, attempt };
    this.#closed.add(name);
    await this.#attempts.get(attemptKey(name))?.release();
    await this.#options.outbox.toCall(name, { type: 'AttemptReleased' });
  }

  async #announce(partition: number): Promise<void> {
    const asked = [...this.#attempts.values()].filter(({ name }) => partitionOfCall(name.callID) === partition);
    await Promise.all(asked.map((attempt) => attempt.announce()));
  }

  async #addCandidate(message: Of<'RemoteCandidate'>): Promise<void> {
    if (this.#closed.has(message)) return;
    const { legID, candidate } = message;
    const attempt = this.#attempts.get(attemptKey(message));
    await new Promise<void>((done) => {
      const one = { candidate, done };
      if (attempt?.addCandidate(legID, one) !== true) this.#held.hold(message, legID, one);
    });
  }

  #add({ callID, attempt: number }: AttemptName): Attempt {
    const name = { callID, attempt: number };
    const key = attemptKey(name);
    const { worker, kurento, outbox, clock, onFailed } = this.#options;
    const attempt: Attempt = new Attempt({
      ...{ name, kurento, outbox, clock },
      tags: tagsOfPipeline(worker, name),
      onFailed: (cause, code) => {
        this.#closed.add(name);
        this.#log.warn({ ...name, cause, code }, 'media failed');
        onFailed?.(cause, code);
      },
      onOver: () => this.#attempts.delete(key),
    });
    this.#attempts.set(key, attempt);
    return attempt;
  }

  async #adoptOne(found: FoundPipeline): Promise<void> {
    const tags = readPipelineTags(found.tags);
    if (tags === undefined || this.#attempts.has(attemptKey(tags))) return found.pipeline.release();
    const name = { callID: tags.callID, attempt: tags.attempt };
    const attempt = this.#add(name);
    try {
      await attempt.adopt(found);
    } catch (error) {
      this.#log.warn({ ...name, err: error }, 'a pipeline could not be taken over');
      attempt.fail('media_server_lost', 'adoption');
    }
  }
}
