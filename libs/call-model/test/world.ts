/**
 * A world without I/O around the real model: partitions fold commands as the owner does, links between any two parties keep
 * their order and nothing else, and whoever plays chooses which link moves next. Workers answer, devices remember what they
 * were told.
 */
import {
  partitionOfUser,
  type CallID,
  type Command,
  type Device,
  type GatewayMessage,
  type LegID,
  type SessionID,
  type UserID,
  type WorkerID,
  type WorkerMessage,
} from '@switchboard/protocol';
import { createModel, DEFAULT_POLICY, type Effect, type Event, type State } from '../src/index.ts';

export const PARTITIONS = 4;
const model = createModel({ partitions: PARTITIONS, policy: DEFAULT_POLICY });

export interface Told {
  readonly to: SessionID;
  readonly message: GatewayMessage;
}

interface Pending {
  readonly to: { readonly partition: number } | { readonly process: string };
  readonly body: unknown;
}

export class World {
  now = 1_000_000;
  readonly states = new Map<string, State>();
  readonly events: { readonly key: string; readonly event: Event }[] = [];
  readonly told: Told[] = [];
  /** Pipelines that workers hold, as `callID/attempt`, and those that were joined. */
  readonly pipelines = new Set<string>();
  readonly joined = new Set<string>();
  workers: WorkerID[] = ['w1' as WorkerID, 'w2' as WorkerID];
  /** What a worker does with a leg. */
  media: 'answers' | 'fails' | 'is silent' = 'answers';
  private readonly links = new Map<string, Pending[]>();
  private readonly legs = new Map<string, LegID[]>();

  /** Links that have something to deliver, in a stable order. */
  waiting(): string[] {
    return [...this.links.entries()]
      .filter(([, queue]) => queue.length > 0)
      .map(([link]) => link)
      .sort();
  }

  deliver(link: string): void {
    const pending = this.links.get(link)?.shift();
    if (!pending) return;
    if ('partition' in pending.to) this.run(pending.to.partition, [pending.body as Command]);
    else if (pending.to.process.startsWith('w'))
      this.worker(pending.to.process as WorkerID, pending.body as WorkerMessage);
    else this.told.push({ to: (pending.body as GatewayMessage).session, message: pending.body as GatewayMessage });
  }

  settle(): void {
    for (let link = this.waiting()[0]; link; link = this.waiting()[0]) this.deliver(link);
  }

  /** A gateway or worker appends a command. */
  send(src: string, command: Command): void {
    this.post(src, { to: { partition: this.partitionOf(command) }, body: command });
  }

  /** Everything that was due until now fires, then what follows from it. */
  advance(ms: number): void {
    this.now += ms;
    for (const [key, state] of [...this.states].sort()) {
      const due = model.facts(state).deadline;
      if (due !== undefined && due <= this.now)
        this.run(this.partitionOf(model.onDeadline(key)), [model.onDeadline(key)]);
    }
    this.settle();
  }

  lost(process: string): void {
    for (const [key, state] of [...this.states]) {
      if (model.facts(state).watches.includes(process)) {
        const command = model.onLost(key, process);
        this.run(this.partitionOf(command), [command]);
      }
    }
  }

  /** Applies events as the log would replay them. */
  fold(events: World['events']): void {
    for (const { key, event } of events) {
      this.events.push({ key, event });
      const next = model.evolve(this.states.get(key), event);
      if (next) this.states.set(key, next);
      else this.states.delete(key);
    }
  }

  private partitionOf(command: Command): number {
    const key = model.keyOf(command);
    return key.startsWith('line:')
      ? partitionOfUser(key.slice(5) as UserID, PARTITIONS)
      : Number(key.slice(5).split('-')[0]);
  }

  private run(partition: number, queue: Command[]): void {
    for (let command = queue.shift(); command; command = queue.shift()) {
      const key = model.keyOf(command);
      for (const event of model.decide(this.states.get(key), command, this.now)) {
        this.fold([{ key, event }]);
        for (const effect of model.effects(event)) this.follow(partition, effect, queue);
      }
    }
  }

  private follow(partition: number, effect: Effect, queue: Command[]): void {
    if (effect.to === 'shell') {
      const { callID, attempt, exclude } = effect.question;
      const workerID = this.workers.find((worker) => !exclude.includes(worker));
      queue.push({ type: 'WorkerChosen', callID, attempt, workerID });
    } else if (effect.to === 'process') {
      this.post(`p${String(partition)}`, { to: { process: effect.id }, body: effect.message });
    } else if (effect.partition === partition) {
      queue.push(effect.command);
    } else {
      this.post(`p${String(partition)}`, { to: { partition: effect.partition }, body: effect.command });
    }
  }

  private post(src: string, pending: Pending): void {
    const target = 'partition' in pending.to ? `p${String(pending.to.partition)}` : pending.to.process;
    const link = `${src}>${target}`;
    this.links.set(link, [...(this.links.get(link) ?? []), pending]);
  }

  private worker(workerID: WorkerID, message: WorkerMessage): void {
    const { callID, type } = message;
    if (type === 'RemoteCandidate') return;
    const { attempt } = message;
    const name = `${callID}/${String(attempt)}`;
    if (type === 'ReleaseCall') {
      this.pipelines.delete(name);
      this.joined.delete(name);
      this.send(workerID, { type: 'AttemptReleased', callID, attempt, workerID });
    } else if (type === 'PrepareLeg') {
      this.pipelines.add(name);
      const { legID } = message;
      this.legs.set(name, [...(this.legs.get(name) ?? []), legID]);
      if (this.media === 'answers') this.send(workerID, { type: 'LegAnswered', callID, attempt, workerID, legID });
      if (this.media === 'fails')
        this.send(workerID, { type: 'MediaFailed', callID, attempt, workerID, cause: 'setup_failed' });
    } else if (this.media === 'answers') {
      this.joined.add(name);
      for (const legID of this.legs.get(name) ?? [])
        this.send(workerID, { type: 'LegConnected', callID, attempt, workerID, legID });
    }
  }
}

/** Devices and calls by short names, for tests that read like a story. */
export const uid = (name: string) => name as UserID;
export const session = (name: string) => name as SessionID;

export function device(name: string, gateway = 'g1'): Device {
  return { session: session(name), connection: 1, gateway: gateway as Device['gateway'], capabilities: [] };
}

export function callIDOf(caller: string, index: number): CallID {
  const uuid = `0190a000-0000-7000-8000-${String(index).padStart(12, '0')}`;
  return `${String(partitionOfUser(uid(caller), PARTITIONS))}-${uuid}` as CallID;
}
