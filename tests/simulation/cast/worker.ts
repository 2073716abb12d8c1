/**
 * A media worker in front of its KMS, as services/media-worker is: it makes legs, joins and releases them, and takes over what an
 * earlier life left on the KMS.
 */
import { Beater, MailReader, Sender, type IncomingMail, type LogStore } from '@switchboard/event-log';
import {
  answerRef,
  offerRef,
  partitionOfCall,
  workerMessage,
  type CallID,
  type Command,
  type LegID,
  type WorkerID,
  type WorkerMessage,
} from '@switchboard/protocol';
import type { SimProcess } from '../engine/process.ts';
import type { Weather } from '../engine/weather.ts';
import type { KmsLeg, MediaServer, Pipeline } from './media-server.ts';

type Of<T extends WorkerMessage['type']> = Extract<WorkerMessage, { type: T }>;
/** What its next leg comes to. */
export type Mishap = 'fails' | 'is silent' | 'is full';

export interface WorkerParts {
  readonly id: WorkerID;
  readonly process: SimProcess;
  readonly store: LogStore;
  readonly weather: Weather;
  readonly kms: MediaServer;
  /** What happens to its next leg; taken by asking. */
  readonly mishap: () => Mishap | undefined;
  readonly fail: (invariant: string, what: string) => void;
  /** It was taken for dead. */
  readonly onGone: () => void;
}

const capacity = 20;

export class Worker {
  readonly #parts: WorkerParts;
  readonly #sender: Sender;
  readonly #closed = new Set<string>();
  /** What it has in hand. */
  #busy = 0;

  constructor(parts: WorkerParts) {
    const { process, store, id, kms, onGone } = parts;
    const { clock, random } = process;
    this.#parts = parts;
    this.#sender = new Sender({ store, clock, random, src: process.name, onGone });
    const info = () => JSON.stringify({ workerID: id, state: 'serving', calls: kms.pipelines.size, capacity });
    void new Beater({ store, clock, id, kind: 'worker', info }).start();
    this.#adopt();
    const handle = (mails: readonly IncomingMail[]) => Promise.resolve(this.#handle(mails));
    new MailReader({ store, clock, random, process: id, handle }).start();
  }

  get process(): SimProcess {
    return this.#parts.process;
  }

  /** The last message that it handled. */
  handled = '0';

  /** Messages that are not acknowledged, and work in hand. */
  get pending(): number {
    return this.#sender.pending + this.#busy;
  }

  /** A leg's ICE and DTLS are up. */
  connected(pipeline: Pipeline, leg: KmsLeg): void {
    this.#say(pipeline, { type: 'LegConnected', legID: leg.legID });
  }

  /** The KMS lost everything. */
  lost(pipelines: readonly Pipeline[]): void {
    for (const pipeline of pipelines) this.#say(pipeline, { type: 'MediaFailed', cause: 'media_server_lost' });
  }

  /** What it may have said already it says again: the Call knows. A leg without its answer has to be made anew. */
  #adopt(): void {
    for (const [name, pipeline] of this.#parts.kms.pipelines) {
      for (const [role, leg] of pipeline.legs) {
        if (!leg.answered) pipeline.legs.delete(role);
        else this.#answered(pipeline, leg.legID);
        if (leg.up) this.#say(pipeline, { type: 'LegConnected', legID: leg.legID });
      }
      if (pipeline.legs.size > 0) continue;
      this.#parts.kms.pipelines.delete(name);
      this.#say(pipeline, { type: 'MediaFailed', cause: 'setup_failed' });
    }
  }

  #handle(mails: readonly IncomingMail[]): void {
    this.handled = mails.at(-1)?.id ?? this.handled;
    for (const { body, blobs } of mails) {
      const parsed = workerMessage.safeParse(JSON.parse(body));
      if (!parsed.success) this.#parts.fail('a message that no worker can read', body);
      else this.#do(parsed.data, blobs ?? {});
    }
  }

  #do(message: WorkerMessage, blobs: Readonly<Record<string, string>>): void {
    if (message.type === 'PrepareLeg' && blobs[offerRef(message.legID)] !== undefined) this.#prepare(message);
    else if (message.type === 'JoinLegs') this.#join(message);
    else if (message.type === 'ReleaseCall') this.#release(message);
  }

  #prepare(message: Of<'PrepareLeg'>): void {
    const { callID, attempt, party, legID } = message;
    const name = nameOf(message);
    if (this.#closed.has(name)) return;
    const mishap = this.#parts.mishap();
    if (mishap === 'is full' || mishap === 'fails') return this.#refuse(message, mishap);
    const pipeline = this.#parts.kms.pipelines.get(name) ?? this.#parts.kms.create(name, callID, attempt);
    if (pipeline.legs.get(party)?.legID === legID) return;
    const leg: KmsLeg = { legID, answered: false, up: false };
    pipeline.legs.set(party, leg);
    if (mishap === 'is silent') return;
    this.#later(`answers ${legID}`, 30, () => {
      if (pipeline.legs.get(party) !== leg || !this.#parts.kms.pipelines.has(name)) return;
      leg.answered = true;
      this.#answered(pipeline, legID);
    });
  }

  #refuse({ callID, attempt }: Of<'PrepareLeg'>, mishap: 'fails' | 'is full'): void {
    const name = nameOf({ callID, attempt });
    this.#closed.add(name);
    this.#parts.kms.pipelines.delete(name);
    this.#say({ callID, attempt }, { type: 'MediaFailed', cause: mishap === 'fails' ? 'setup_failed' : 'no_capacity' });
  }

  #join(message: Of<'JoinLegs'>): void {
    const pipeline = this.#parts.kms.pipelines.get(nameOf(message));
    if (pipeline !== undefined) this.#parts.kms.join(pipeline);
  }

  #release({ callID, attempt }: Of<'ReleaseCall'>): void {
    const name = nameOf({ callID, attempt });
    this.#closed.add(name);
    this.#later(`releases ${name}`, 20, () => {
      this.#parts.kms.pipelines.delete(name);
      this.#say({ callID, attempt }, { type: 'AttemptReleased' });
    });
  }

  #answered({ callID, attempt }: { callID: CallID; attempt: number }, legID: LegID): void {
    this.#say({ callID, attempt }, { type: 'LegAnswered', legID }, { [answerRef(legID)]: `answer to ${legID}` });
  }

  #say(
    { callID, attempt }: { callID: CallID; attempt: number },
    what:
      | { type: 'LegAnswered' | 'LegConnected'; legID: LegID }
      | { type: 'MediaFailed'; cause: 'setup_failed' | 'media_server_lost' | 'no_capacity' }
      | { type: 'AttemptReleased' },
    blobs?: Readonly<Record<string, string>>,
  ): void {
    const command = { ...what, callID, attempt, workerID: this.#parts.id } satisfies Command;
    const mail = { body: JSON.stringify(command), ...(blobs === undefined ? {} : { blobs }) };
    void this.#sender.send({ kind: 'partition', partition: partitionOfCall(callID) }, mail).catch(() => undefined);
  }

  #later(what: string, most: number, act: () => void): void {
    this.#busy += 1;
    this.#parts.process.clock.timer(this.#parts.weather.between(2, most, `${this.#parts.id} ${what}`), () => {
      this.#busy -= 1;
      act();
    });
  }
}

const nameOf = ({ callID, attempt }: { callID: CallID; attempt: number }): string => `${callID}/${String(attempt)}`;
