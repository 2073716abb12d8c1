/**
 * The media workers of the world: a pipeline for each attempt, in it the current leg of each party. A leg is connected once
 * the legs are joined and its client has the answer.
 */
import type { CallID, Command, LegID, Role, WorkerID, WorkerMessage } from '@switchboard/protocol';

interface Pipeline {
  readonly callID: CallID;
  readonly attempt: number;
  readonly workerID: WorkerID;
  readonly legs: Partial<Record<Role, LegID>>;
  readonly connected: readonly LegID[];
  readonly joined: boolean;
}

/** What they need of the world around them. */
export interface AroundWorkers {
  readonly dead: ReadonlySet<string>;
  readonly gateways: { hasAnswer(legID: LegID): boolean };
  /** A number that no other has. */
  draw(): number;
  send(src: string, command: Command): void;
}

export class Workers {
  ids: WorkerID[] = ['w1', 'w2'] as WorkerID[];
  /** What a worker does with a leg. */
  media: 'answers' | 'fails' | 'is silent' = 'answers';
  /** By `callID/attempt`. */
  readonly pipelines = new Map<string, Pipeline>();
  private readonly world: AroundWorkers;

  constructor(world: AroundWorkers) {
    this.world = world;
  }

  copy({ ids, media, pipelines }: Workers): void {
    this.ids = ids;
    this.media = media;
    for (const [name, pipeline] of pipelines) this.pipelines.set(name, pipeline);
  }

  signature(): unknown {
    return [...this.pipelines].sort();
  }

  choose(exclude: readonly WorkerID[]): WorkerID | undefined {
    return this.ids.find((id) => !exclude.includes(id) && !this.world.dead.has(id));
  }

  died(process: string): void {
    if (!this.ids.includes(process as WorkerID)) return;
    for (const [name, { workerID }] of this.pipelines) if (workerID === process) this.pipelines.delete(name);
    this.ids = [...this.ids.filter((id) => id !== process), `w${String(this.world.draw())}` as WorkerID];
  }

  /** Its media server was restarted, with nothing on it; the worker is well. */
  lost(workerID: WorkerID): void {
    for (const [name, { callID, attempt, ...pipeline }] of this.pipelines) {
      if (pipeline.workerID !== workerID) continue;
      this.pipelines.delete(name);
      this.world.send(workerID, { type: 'MediaFailed', callID, attempt, workerID, cause: 'media_server_lost' });
    }
  }

  receive(workerID: WorkerID, message: WorkerMessage): void {
    if (message.type === 'RemoteCandidate' || message.type === 'Reconcile') return;
    const { callID, attempt } = message;
    const name = `${callID}/${String(attempt)}`;
    const known = this.pipelines.get(name) ?? { callID, attempt, workerID, legs: {}, connected: [], joined: false };
    switch (message.type) {
      case 'ReleaseCall':
        this.pipelines.delete(name);
        this.world.send(workerID, { type: 'AttemptReleased', callID, attempt, workerID });
        break;
      case 'PrepareLeg':
        this.pipelines.set(name, { ...known, legs: { ...known.legs, [message.party]: message.legID } });
        this.prepare(known, message.legID);
        break;
      case 'JoinLegs':
        this.pipelines.set(name, { ...known, joined: true });
        this.connect();
        break;
      case 'MoveLeg':
        break;
      default:
        message satisfies never;
    }
  }

  /** A client has an answer, or a leg was joined: what can be connected is. */
  connect(): void {
    if (this.media !== 'answers') return;
    for (const [name, pipeline] of this.pipelines) {
      if (!pipeline.joined) continue;
      const { callID, attempt, workerID, connected } = pipeline;
      const ready = Object.values(pipeline.legs).filter(
        (legID) => !connected.includes(legID) && this.world.gateways.hasAnswer(legID),
      );
      if (ready.length > 0) this.pipelines.set(name, { ...pipeline, connected: [...connected, ...ready] });
      for (const legID of ready) this.world.send(workerID, { type: 'LegConnected', callID, attempt, workerID, legID });
    }
  }

  private prepare({ callID, attempt, workerID }: Pipeline, legID: LegID): void {
    const which = { callID, attempt, workerID };
    if (this.media === 'answers') this.world.send(workerID, { type: 'LegAnswered', ...which, legID });
    if (this.media === 'fails') this.world.send(workerID, { type: 'MediaFailed', ...which, cause: 'setup_failed' });
  }
}
