/**
 * A world without I/O around the real model: partitions fold commands as the owner does, links between any two parties keep
 * their order and nothing else, and whoever plays chooses which link moves next. Gateways and workers do what the real ones do.
 */
import {
  partitionOfUser,
  PUSH,
  type CallID,
  type Command,
  type GatewayMessage,
  type Presence,
  type PushMessage,
  type UserID,
  type WorkerID,
  type WorkerMessage,
} from '@switchboard/protocol';
import { createModel, DEFAULT_POLICY, type Effect, type Event, type Policy, type State } from '../src/index.ts';
import { Gateways, type Told } from './gateways.ts';
import { Workers } from './workers.ts';

export const PARTITIONS = 4;

interface Mail {
  readonly to: { readonly partition: number } | { readonly process: string };
  readonly body: unknown;
  readonly refs: readonly string[];
}

export class World {
  now = 1_000_000;
  /** How many IDs were drawn. */
  drawn = 0;
  readonly policy: Policy;
  readonly states = new Map<string, State>();
  readonly events: { readonly key: string; readonly event: Event }[] = [];
  readonly told: Told[] = [];
  readonly presence: { readonly gateway: string; readonly userID: UserID; readonly state: Presence }[] = [];
  readonly pushed: PushMessage[] = [];
  readonly gateways = new Gateways(this);
  readonly workers = new Workers(this);
  /** Processes that died: nothing reaches them. */
  readonly dead = new Set<string>();
  private readonly links = new Map<string, readonly Mail[]>();
  private readonly model;

  constructor(policy: Partial<Policy> = {}) {
    this.policy = { ...DEFAULT_POLICY, ...policy };
    this.model = createModel({ partitions: PARTITIONS, policy: this.policy });
  }

  /** The same world, to go on in another way. */
  fork(): World {
    const fork = new World(this.policy);
    fork.now = this.now;
    fork.drawn = this.drawn;
    for (const [key, state] of this.states) fork.states.set(key, state);
    for (const [link, queue] of this.links) fork.links.set(link, queue);
    for (const each of this.dead) fork.dead.add(each);
    fork.events.push(...this.events);
    fork.told.push(...this.told);
    fork.presence.push(...this.presence);
    fork.pushed.push(...this.pushed);
    fork.gateways.copy(this.gateways);
    fork.workers.copy(this.workers);
    return fork;
  }

  /** All that decides how this world can go on, and which ends were told. */
  signature(): string {
    const states = [...this.states].map(([key, state]) => `${key}=${nameOf(state)}`);
    const mail = [...this.links].map(([link, queue]) => `${link}=${queue.map(nameOf).join()}`);
    const ends = this.told.flatMap(({ to, message }) => (message.type === 'Ended' ? [to + nameOf(message)] : []));
    const others = JSON.stringify([this.gateways.signature(), this.workers.signature()]);
    return [...states.sort(), ...mail.sort(), ...ends, others].join(' ');
  }

  draw(): number {
    this.drawn += 1;
    return this.drawn;
  }

  /** Links that have something to deliver, in a stable order. */
  waiting(): string[] {
    return [...this.links.keys()].sort();
  }

  deliver(link: string): void {
    const mail = this.take(link);
    if (!mail) return;
    if ('partition' in mail.to) this.run(mail.to.partition, [mail.body as Command]);
    else this.receive(mail.to.process, mail);
  }

  /** Several messages for one partition arrive at once: what follows from each comes after all of them. */
  deliverTogether(links: readonly string[]): void {
    const commands = links.flatMap((link) => {
      const mail = this.take(link);
      return mail ? [mail.body as Command] : [];
    });
    this.run(Number(links[0]?.split('>p')[1]), commands);
  }

  /** Everything arrives, and all that follows from it. */
  settle(): void {
    let steps = 0;
    for (let link = this.waiting()[0]; link; link = this.waiting()[0]) {
      this.deliver(link);
      steps += 1;
      if (steps > 5_000) throw new Error('messages without an end');
    }
  }

  /** A gateway or worker appends a command. */
  send(src: string, command: Command): void {
    if (!this.dead.has(src)) this.post(src, { to: { partition: this.partitionOf(command) }, body: command, refs: [] });
  }

  /** Everything that was due until now fires, the earliest first, then what follows from it. */
  advance(ms: number): void {
    this.now += ms;
    for (const key of this.due()) this.wake(key);
    this.settle();
  }

  /** Whatever was due when it woke is done, or it would wake forever. */
  wake(key: string): void {
    const command = this.model.onDeadline(key);
    this.run(this.partitionOf(command), [command]);
    const state = this.states.get(key);
    const deadline = state && this.model.facts(state).deadline;
    if (deadline !== undefined && deadline <= this.now) throw new Error(`${key} wakes again and again`);
  }

  /** A process died a while ago, and the owners say so: what it had not yet appended is lost. */
  lost(process: string): void {
    this.dead.add(process);
    this.gateways.died(process);
    this.workers.died(process);
    for (const link of [...this.links.keys()]) if (link.startsWith(`${process}>`)) this.links.delete(link);
    for (const [key, state] of [...this.states]) {
      if (!this.model.facts(state).watches.includes(process)) continue;
      const command = this.model.onLost(key, process);
      this.run(this.partitionOf(command), [command]);
    }
  }

  effects(event: Event): readonly Effect[] {
    return this.model.effects(event);
  }

  /** Applies events as the log would replay them. */
  fold(events: World['events']): void {
    for (const { key, event } of events) {
      this.events.push({ key, event });
      const next = this.model.evolve(this.states.get(key), event);
      if (next) this.states.set(key, next);
      else this.states.delete(key);
    }
  }

  private due(): string[] {
    return [...this.states]
      .map(([key, state]) => ({ key, at: this.model.facts(state).deadline ?? Infinity }))
      .filter(({ at }) => at <= this.now)
      .sort((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1))
      .map(({ key }) => key);
  }

  private partitionOf(command: Command): number {
    const key = this.model.keyOf(command);
    return key.startsWith('line:')
      ? partitionOfUser(key.slice(5) as UserID, PARTITIONS)
      : Number(key.slice(5).split('-')[0]);
  }

  private run(partition: number, queue: Command[]): void {
    for (let command = queue.shift(); command; command = queue.shift()) {
      const key = this.model.keyOf(command);
      for (const event of this.model.decide(this.states.get(key), command, this.now)) {
        this.fold([{ key, event }]);
        for (const effect of this.model.effects(event)) this.follow(partition, effect, queue);
      }
    }
  }

  private follow(partition: number, effect: Effect, queue: Command[]): void {
    const src = `p${String(partition)}`;
    if (effect.to === 'shell') {
      const { callID, attempt, exclude } = effect.question;
      queue.push({ type: 'WorkerChosen', callID, attempt, workerID: this.workers.choose(exclude) });
    } else if (effect.to === 'process') {
      this.post(src, { to: { process: effect.id }, body: effect.message, refs: effect.refs });
    } else if (effect.partition === partition) {
      queue.push(effect.command);
    } else {
      this.post(src, { to: { partition: effect.partition }, body: effect.command, refs: effect.refs });
    }
  }

  private take(link: string): Mail | undefined {
    const [mail, ...rest] = this.links.get(link) ?? [];
    if (rest.length > 0) this.links.set(link, rest);
    else this.links.delete(link);
    return mail;
  }

  private post(src: string, mail: Mail): void {
    const target = 'partition' in mail.to ? `p${String(mail.to.partition)}` : mail.to.process;
    const link = `${src}>${target}`;
    this.links.set(link, [...(this.links.get(link) ?? []), mail]);
  }

  private receive(process: string, { body, refs }: Mail): void {
    if (this.dead.has(process)) return;
    if (process === PUSH) this.pushed.push(body as PushMessage);
    else if (process.startsWith('w')) this.workers.receive(process as WorkerID, body as WorkerMessage);
    else this.gateways.receive(process, body as GatewayMessage, refs);
  }
}

const names = new WeakMap<object, string>();
const numbers = new Map<string, number>();
/** A short name for what something says; nothing that has one changes. */
function nameOf(thing: object): string {
  const known = names.get(thing);
  if (known !== undefined) return known;
  const content = JSON.stringify(thing);
  const number = numbers.get(content) ?? numbers.size;
  numbers.set(content, number);
  names.set(thing, String(number));
  return String(number);
}

/** Calls by short names: the lower index wins a glare. */
export function callIDOf(caller: string, index: number): CallID {
  const uuid = `0190a000-0000-7000-8000-${String(index).padStart(12, '0')}`;
  return `${String(partitionOfUser(caller as UserID, PARTITIONS))}-${uuid}` as CallID;
}
