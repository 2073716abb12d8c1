/** The real owners with the real rules on any store, and a caller, a callee and a worker who speak to them by hand. */
import { DEFAULT_POLICY, type Event, type Policy } from '@switchboard/call-model';
import {
  Beater,
  Sender,
  startOrchestration,
  type Clock,
  type LogStore,
  type Observer,
  type Orchestration,
} from '@switchboard/event-log';
import {
  isLineCommand,
  makeCallID,
  makeLegID,
  partitionOfCall,
  partitionOfUser,
  type Command,
  type Device,
  type GatewayID,
  type SessionID,
  type UserID,
  type WorkerID,
} from '@switchboard/protocol';
import { createDomain, Placement } from '../src/index.ts';

export interface Store {
  readonly clock: Clock;
  /** A handle of its own for each process; those of one name see each other. */
  open(namespace: string): Promise<LogStore>;
  /** Lets at least `ms` pass for the store. */
  pass(ms: number): Promise<void>;
  close(): Promise<void>;
}

/** An event as it was committed. */
export type Happened = Event & {
  /** When it was decided, ms of the store's time. */
  readonly at: number;
};

const PARTITIONS = 4;
const GATEWAY = 'g1' as GatewayID;
const WORKER = 'w1' as WorkerID;
const worker = {
  id: WORKER,
  counter: 1,
  info: JSON.stringify({ workerID: WORKER, state: 'serving', calls: 0, capacity: 9 }),
};

export const CALLER = person('anna');
export const CALLEE = person('ben');
export const PARTITION = partitionOfUser(CALLER.userID, PARTITIONS);
export const CALL = makeCallID(PARTITION, '0190a000-0000-7000-8000-000000000001');

function person(name: string) {
  const session = `${name}-1` as SessionID;
  const device: Device = { session, connection: 1, gateway: GATEWAY, capabilities: ['native'] };
  return { userID: name as UserID, device, legID: makeLegID(session, 'leg'), speaker: { session, connection: 1 } };
}
export type Person = ReturnType<typeof person>;

interface Parts {
  readonly store: Store;
  readonly namespace: string;
  readonly policy: Policy;
  /** The test's own handle. */
  readonly log: LogStore;
  /** From the clock's time to the store's, ms. */
  readonly offset: number;
}

export class Switchroom {
  /** When the call's partition was taken, in order, ms of the store's time. */
  readonly takenAt: number[] = [];
  readonly #parts: Parts;
  readonly #sender: Sender;
  readonly #handles: LogStore[];
  readonly #beaters: Beater[] = [];
  readonly #owners: Orchestration[] = [];

  private constructor(parts: Parts) {
    this.#parts = parts;
    this.#handles = [parts.log];
    this.#sender = new Sender({ store: parts.log, src: GATEWAY, clock: parts.store.clock });
  }

  /** Gateway and worker live; nobody owns anything yet. */
  static async open(store: Store, namespace: string, policy: Partial<Policy>): Promise<Switchroom> {
    const log = await store.open(namespace);
    const offset = (await log.now()) - store.clock.monotonic();
    const room = new Switchroom({ store, namespace, policy: { ...DEFAULT_POLICY, ...policy }, log, offset });
    await room.#beat(GATEWAY, 'gateway');
    await room.#beat(WORKER, 'worker');
    return room;
  }

  /** Starts so many owners; resolves when they share the partitions. */
  async staff(count: number): Promise<void> {
    for (let n = 1; n <= count; n += 1) await this.#hire(`o${String(n)}`);
    const share = () =>
      this.#owners.every((owner) => owner.isReady() && owner.owned().length > 0) &&
      this.#owners.flatMap((owner) => owner.owned()).length === PARTITIONS;
    await this.until('the partitions are shared', share);
  }

  /** Halts the owner of the call's partition as a crash would. */
  async crash(): Promise<void> {
    const victim = this.#owners.find((owner) => owner.owned().includes(PARTITION));
    if (!victim) throw new Error('nobody owns the partition of the call');
    await victim.halt();
  }

  async close(): Promise<void> {
    for (const beater of this.#beaters) beater.halt();
    await Promise.all(this.#owners.map((owner) => owner.halt()));
    this.#sender.close();
    await Promise.all(this.#handles.map((handle) => handle.close()));
  }

  /** ms of the store's time. */
  now(): number {
    return this.#parts.store.clock.monotonic() + this.#parts.offset;
  }

  /** Resolves when it is in the inbox. */
  say(command: Command): Promise<void> {
    const partition = isLineCommand(command)
      ? partitionOfUser(command.userID, PARTITIONS)
      : partitionOfCall(command.callID);
    return this.#sender.send({ kind: 'partition', partition }, { body: JSON.stringify(command) });
  }

  async logIn({ userID, device: { session: socket, gateway, capabilities } }: Person): Promise<void> {
    await this.say({ type: 'AttachDevice', userID, socket, gateway, capabilities });
    await this.happened('DeviceAttached', (event) => event.userID === userID);
  }

  /** Both are logged in, and the callee's device rings. */
  async ring(): Promise<Extract<Happened, { type: 'CallStarted' }>> {
    await this.logIn(CALLER);
    await this.logIn(CALLEE);
    const { userID, speaker, legID } = CALLER;
    const what = { callID: CALL, calleeID: CALLEE.userID, media: 'video', legID } as const;
    await this.say({ type: 'Place', userID, ...speaker, ...what });
    await this.happened('CalleeTookCall');
    await this.say({ type: 'DeviceRinging', callID: CALL, userID: CALLEE.userID, ...CALLEE.speaker });
    await this.happened('CallRinging');
    return this.happened('CallStarted');
  }

  accept(): Promise<void> {
    const { userID, device, legID } = CALLEE;
    return this.say({ type: 'Accept', callID: CALL, userID, device, legID });
  }

  /** Rings, is accepted, and both legs come up. */
  async connect(): Promise<Extract<Happened, { type: 'CallConnected' }>> {
    await this.ring();
    await this.accept();
    await this.happened('CallAccepted');
    for (const type of ['LegAnswered', 'LegConnected'] as const) {
      for (const { legID } of [CALLER, CALLEE]) {
        await this.say({ type, callID: CALL, attempt: 1, workerID: WORKER, legID });
      }
    }
    return this.happened('CallConnected');
  }

  /** The first event of that type; waits for it. */
  async happened<Type extends Event['type']>(
    type: Type,
    which: (event: Extract<Happened, { type: Type }>) => boolean = () => true,
  ): Promise<Extract<Happened, { type: Type }>> {
    let found: Extract<Happened, { type: Type }> | undefined;
    await this.until(`${type} happened`, async () => {
      const events = (await this.events()) as Extract<Happened, { type: Type }>[];
      found = events.find((event) => event.type === type && which(event));
      return found !== undefined;
    });
    return found as Extract<Happened, { type: Type }>;
  }

  /** All that happened so far, partition by partition. */
  async events(): Promise<Happened[]> {
    const partitions = Array.from({ length: PARTITIONS }, (_, partition) => partition);
    const stored = await Promise.all(
      partitions.map((partition) => this.#parts.log.events(partition, { commit: 0, index: 0 }, 1000)),
    );
    return stored.flat().map(({ body, at }) => ({ ...(JSON.parse(body) as Event), at }));
  }

  /** Lets time pass until it is so, and no longer; rejects after 10 s of the store's time. */
  async until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
    const end = this.now() + 10_000;
    while (!(await condition())) {
      if (this.now() > end) throw new Error(`in vain: ${what}`);
      await this.#parts.store.pass(10);
    }
  }

  async #hire(processID: string): Promise<void> {
    const { namespace, policy, store: stores } = this.#parts;
    const { clock } = stores;
    const store = await stores.open(namespace);
    this.#handles.push(store);
    const domain = createDomain({ partitions: PARTITIONS, policy, placement: new Placement(() => [worker]) });
    const observer: Observer = {
      ownership: ({ partition, kind }) => {
        if (partition === PARTITION && kind === 'taken') this.takenAt.push(this.now());
      },
    };
    const options = { store, partitions: PARTITIONS, domain, processID, clock, observer };
    this.#owners.push(await startOrchestration(options));
  }

  async #beat(id: string, kind: string): Promise<void> {
    const { log, store } = this.#parts;
    const beater = new Beater({ store: log, clock: store.clock, id, kind, info: () => '{}' });
    this.#beaters.push(beater);
    await beater.start();
  }
}
