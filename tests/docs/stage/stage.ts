/**
 * The real model, played without I/O: partitions run commands as their owner does, everything that is sent waits in one queue and
 * arrives in its order. Each message is checked against its schema, each step is written down, each event is kept.
 */
import {
  callKey,
  createModel,
  DEFAULT_POLICY,
  type Effect,
  type Event,
  type Policy,
  type State,
} from '@switchboard/call-model';
import {
  command as commandSchema,
  gatewayMessage,
  partitionOfCall,
  partitionOfUser,
  PUSH,
  pushMessage,
  workerMessage,
  type CallID,
  type Command,
  type GatewayMessage,
  type UserID,
  type WorkerID,
  type WorkerMessage,
} from '@switchboard/protocol';
import { Client, SDP } from './client.ts';
import { Gateways, type Blobs } from './gateway.ts';
import type { Message, Step } from './steps.ts';
import { Workers } from './worker.ts';

export const PARTITIONS = 16;
type Mail = Extract<Effect, { to: 'process' }>;

export class Stage {
  now = 1_760_000_000_000;
  readonly policy: Policy;
  readonly states = new Map<string, State>();
  readonly events: { readonly key: string; readonly event: Event; readonly state: State | undefined }[] = [];
  readonly steps: Step[] = [];
  readonly clients = new Map<string, Client>();
  readonly partitions = PARTITIONS;
  readonly gateways = new Gateways(this);
  readonly workers = new Workers(this);
  private readonly model: ReturnType<typeof createModel>;
  private readonly queue: (() => void)[] = [];
  private readonly dead = new Set<string>();
  private uuids = 0;

  constructor(policy: Partial<Policy> = {}) {
    this.policy = { ...DEFAULT_POLICY, ...policy };
    this.model = createModel({ partitions: PARTITIONS, policy: this.policy });
  }

  /** A user's device, named after him: `ben` or `ben.2`. It is not logged in yet. */
  client(name: string, gateway: string): Client {
    const client = new Client(this, name, gateway);
    this.clients.set(name, client);
    return client;
  }

  /** What happened until now is not part of the show. */
  curtainUp(): void {
    this.settle();
    this.steps.length = 0;
  }

  /** Something goes from one player to another; it arrives after all that is on its way. */
  send(from: string, to: string, message: Message, arrive: () => void): void {
    this.queue.push(() => {
      if (this.dead.has(to)) return;
      this.write({ kind: 'message', from, to, message });
      arrive();
    });
  }

  /** After all that is on its way. */
  later(happen: () => void): void {
    this.queue.push(happen);
  }

  sendCommand(from: string, command: Command): void {
    commandSchema.parse(command);
    this.send(from, this.ownerOf(command), command, () => this.run(command));
  }

  note(over: string, text: string): void {
    this.write({ kind: 'note', over, text });
  }

  settle(): void {
    for (let next = this.queue.shift(); next; next = this.queue.shift()) next();
  }

  /** Time passes; whatever is due is done at its time, and what follows from it. */
  advance(ms: number, over: string): void {
    this.settle();
    this.note(over, `${String(ms / 1000)} s later`);
    const end = this.now + ms;
    for (let next = this.nextDue(end); next; next = this.nextDue(end)) {
      this.now = Math.max(this.now, next.at);
      this.ownerSays(this.model.onDeadline(next.key));
      this.settle();
    }
    this.now = end;
  }

  private nextDue(end: number): { at: number; key: string } | undefined {
    const due = [...this.states].flatMap(([key, state]) => {
      const at = this.model.facts(state).deadline;
      return at !== undefined && at <= end ? [{ at, key }] : [];
    });
    return due.sort((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1))[0];
  }

  /** A gateway or worker is gone, and with it what was on its way there. */
  dies(...processes: string[]): void {
    for (const process of processes) {
      this.dead.add(process);
      this.note(process, 'dies');
    }
    for (const process of processes) {
      for (const [key, state] of [...this.states]) {
        if (this.model.facts(state).watches.includes(process)) this.ownerSays(this.model.onLost(key, process));
      }
    }
  }

  isDead(process: string): boolean {
    return this.dead.has(process);
  }

  /** The partition of this user lost its last writes, those of his Line and of its calls among them. */
  forgets(user: string, gateway: string): void {
    const partition = partitionOfUser(user as UserID, PARTITIONS);
    for (const key of [...this.states.keys()]) if (this.partitionAt(key) === partition) this.states.delete(key);
    this.note(`Line ${user}`, 'is forgotten');
    this.sendToGateway('owner', gateway, { type: 'Reconcile', partition });
  }

  newUuid(): string {
    return `0190a000-0000-7000-8000-${String((this.uuids += 1)).padStart(12, '0')}`;
  }

  /** `call 1` and so on: nobody reads uuids. */
  callName(callID: string): string {
    return `call ${String(Number(callID.slice(-12)))}`;
  }

  private write(step: Step): void {
    this.steps.push(step);
  }

  private ownerOf(command: Command): string {
    return this.playerOf(this.model.keyOf(command));
  }

  private playerOf(key: string): string {
    return key.startsWith('line:') ? `Line ${key.slice(5)}` : this.callName(key.slice(5));
  }

  private ownerSays(command: Command): void {
    const worker = command.type === 'WorkerChosen' ? ` ${command.workerID ?? 'none'}` : '';
    this.note(this.ownerOf(command), `${command.type}${worker}`);
    this.run(command);
  }

  /** One commit: the command, and all that follows from it in the same partition. */
  private run(first: Command): void {
    const partition = this.partitionOf(first);
    const local: (() => Command)[] = [() => first];
    for (let next = local.shift(); next; next = local.shift()) {
      const command = next();
      const key = this.model.keyOf(command);
      for (const event of this.model.decide(this.states.get(key), command, this.now)) {
        this.happen(key, event);
        for (const effect of this.model.effects(event)) this.follow(key, partition, effect, local);
      }
    }
  }

  private happen(key: string, event: Event): void {
    const before = summary(this.states.get(key));
    const state = this.model.evolve(this.states.get(key), event);
    if (state) this.states.set(key, state);
    else this.states.delete(key);
    this.events.push({ key, event, state });
    const after = summary(state);
    if (before !== after) this.note(this.playerOf(key), `${event.type}: ${after}`);
  }

  private follow(key: string, partition: number, effect: Effect, local: (() => Command)[]): void {
    const from = this.playerOf(key);
    if (effect.to === 'shell') {
      const { callID, attempt, exclude } = effect.question;
      local.push(() => {
        const workerID = this.workers.choose(exclude);
        this.note(from, `WorkerChosen ${workerID ?? 'none'}`);
        return { type: 'WorkerChosen', callID, attempt, workerID };
      });
    } else if (effect.to === 'process') {
      this.toProcess(from, effect);
    } else if (effect.partition === partition) {
      const { command } = effect;
      local.push(() => {
        this.write({ kind: 'message', from, to: this.ownerOf(command), message: commandSchema.parse(command) });
        return command;
      });
    } else {
      this.sendCommand(from, effect.command);
    }
  }

  private toProcess(from: string, { id, message, refs }: Mail): void {
    if (id.startsWith('w')) this.sendToWorker(from, id as WorkerID, workerMessage.parse(message));
    else if (id === PUSH) this.send(from, id, pushMessage.parse(message), () => undefined);
    else this.sendToGateway(from, id, gatewayMessage.parse(message), Object.fromEntries(refs.map((ref) => [ref, SDP])));
  }

  sendToWorker(from: string, id: WorkerID, message: WorkerMessage): void {
    this.send(from, id, message, () => this.workers.take(id, message));
  }

  sendToGateway(from: string, id: string, message: GatewayMessage, blobs: Blobs = {}): void {
    this.send(from, id, message, () => this.gateways.mail(id, message, blobs));
  }

  private partitionOf(command: Command): number {
    return this.partitionAt(this.model.keyOf(command));
  }

  private partitionAt(key: string): number {
    return key.startsWith(callKey('' as CallID))
      ? partitionOfCall(key.slice(5) as CallID)
      : partitionOfUser(key.slice(5) as UserID, PARTITIONS);
  }
}

/** What a reader wants to see change. */
function summary(state: State | undefined): string {
  if (!state) return 'no record';
  if (state.kind === 'line') return state.engaged?.kind ?? 'free';
  return state.phase === 'ended' ? `ended, ${state.ending.reason}` : state.phase;
}
