/**
 * The whole cluster in one process: the real model, owner loop, senders and readers; around them gateways, workers, media servers,
 * sockets and people that are played. A *place* (`o1`, `g2`, `w1`) is manned by one process at a time, each with a name of its own.
 */
import { MemoryServer, MemoryStore, type LogStore } from '@switchboard/event-log';
import type { LegID, SessionID, UserID, WorkerID } from '@switchboard/protocol';
import { Device } from './cast/device.ts';
import { Gateway } from './cast/gateway.ts';
import { MediaServer } from './cast/media-server.ts';
import { Orchestrator } from './cast/orchestrator.ts';
import { Socket } from './cast/socket.ts';
import { Worker, type Mishap } from './cast/worker.ts';
import { CallChecks } from './checks/call-checks.ts';
import type { Violation } from './checks/violation.ts';
import { SimClock } from './engine/clock.ts';
import { gatedStore } from './engine/gated-store.ts';
import { Hazards } from './engine/hazards.ts';
import { LogRecord } from './engine/log-record.ts';
import { SimProcess } from './engine/process.ts';
import { fraction } from './engine/random.ts';
import { Weather } from './engine/weather.ts';
import { policyOf } from './policy.ts';
import { userOf, type Script } from './script/script.ts';

export const partitions = 4;
/** Every owner knows of every worker by then. */
const workersKnownMs = 1500;

/** Hears of everything that happens, one line each. */
export type Trace = (line: string) => void;

export class World {
  readonly clock = new SimClock();
  readonly weather: Weather;
  readonly server: MemoryServer;
  readonly record: LogRecord;
  readonly checks: CallChecks;
  readonly orchestrators = new Map<string, Orchestrator>();
  readonly gateways = new Map<string, Gateway>();
  readonly workers = new Map<string, Worker>();
  readonly mediaServers = new Map<string, MediaServer>();
  readonly devices = new Map<string, Device>();
  readonly sockets: Socket[] = [];
  readonly mishaps = new Map<string, Mishap>();
  violation: Violation | undefined;
  outageUntil = 0;
  readonly #script: Script;
  readonly #trace: Trace | undefined;
  readonly #hazards = new Map<string, Hazards>();
  #started = 0;

  constructor(script: Script, trace?: Trace) {
    this.#script = script;
    this.#trace = trace;
    this.weather = new Weather(String(script.seed), script.weather);
    this.server = new MemoryServer({ clock: this.clock });
    this.record = new LogRecord({
      now: this.clock.monotonic,
      fail: this.fail,
      onEvent: (event) => {
        this.trace(`p${String(event.partition)} ${event.key} ${JSON.stringify(event.event)}`);
        this.checks.event(event);
      },
    });
    this.checks = new CallChecks({
      fail: this.fail,
      commits: () => this.record.commits,
      stateOf: (key) => this.record.states.get(key),
      workers: () => (this.isCalmFor(workersKnownMs) ? this.workers.size : 0),
      firstAfter: (partition, cursor) => this.server.partition(partition).inbox.read(cursor, 1)[0]?.id,
    });
    this.record.applied.onApplied = (body) => {
      this.checks.applied(body);
    };
    for (const place of this.places()) this.man(place);
    for (const { name, native } of script.cast.devices) this.devices.set(name, this.#createDevice(name, native));
  }

  /** Only the first counts: what follows from it is no news. */
  readonly fail = (invariant: string, what: string): void => {
    this.violation ??= { invariant, what, at: this.clock.monotonic() };
  };

  readonly trace = (what: string): void => {
    this.#trace?.(`${(this.clock.monotonic() / 1000).toFixed(3)} ${what}`);
  };

  places(): string[] {
    const { orchestrators, gateways, workers } = this.#script.cast;
    const of = (kind: string, count: number) =>
      Array.from({ length: count }, (_, index) => `${kind}${String(index + 1)}`);
    return [...of('o', orchestrators), ...of('g', gateways), ...of('w', workers)];
  }

  hazards(place: string): Hazards {
    const known = this.#hazards.get(place) ?? new Hazards();
    this.#hazards.set(place, known);
    return known;
  }

  /** Everybody is there who is to come, and runs, ms. */
  isCalmFor(ms: number): boolean {
    return this.places().every((place) => this.processAt(place)?.isWellFor(ms) === true);
  }

  processAt(place: string): SimProcess | undefined {
    return (this.orchestrators.get(place) ?? this.gateways.get(place) ?? this.workers.get(place))?.process;
  }

  /** Somebody takes the place, if it is empty. */
  man(place: string): void {
    if (this.processAt(place)?.isAlive === true) return;
    if (place.startsWith('o')) this.#manOrchestrator(place);
    else if (place.startsWith('g')) this.#manGateway(place);
    else this.#manWorker(place);
  }

  /** Whoever is there dies; somebody else comes after a while. */
  vacate(place: string, backMs: number): void {
    this.processAt(place)?.kill();
    this.#breakSockets(place);
    this.clock.timer(backMs, () => {
      this.man(place);
    });
  }

  /** A way to the log that nothing disturbs. */
  spectator(): LogStore {
    return new MemoryStore(this.server);
  }

  /** The client's media reaches its leg, if that is still there. */
  reach(legID: LegID): void {
    for (const [place, kms] of this.mediaServers) {
      const found = kms.find(legID);
      if (found === undefined || !found.leg.answered) continue;
      this.clock.timer(this.weather.between(5, 80, `ice ${legID}`), () => {
        if (kms.find(legID)?.leg !== found.leg || found.leg.up) return;
        found.leg.up = true;
        const worker = this.workers.get(place);
        if (worker?.process.isAlive === true) worker.connected(found.pipeline, found.leg);
      });
    }
  }

  #breakSockets(place: string): void {
    this.gateways.get(place)?.breakSockets((socket) => this.weather.between(1, 300, `${socket} notices`));
  }

  #process(place: string, name: string): SimProcess {
    const parts = { clock: this.clock, weather: this.weather, hazards: this.hazards(place), name };
    return new SimProcess({ ...parts, outageUntil: () => this.outageUntil });
  }

  #store(process: SimProcess): LogStore {
    return gatedStore(new MemoryStore(this.server), process, this.record);
  }

  #manOrchestrator(place: string): void {
    const process = this.#process(place, this.#name(place));
    const { record, fail } = this;
    const policy = policyOf(this.#script);
    const store = this.#store(process);
    this.orchestrators.set(place, new Orchestrator({ process, store, record, partitions, policy, fail }));
  }

  #manGateway(place: string): void {
    const process = this.#process(place, this.#name(place));
    const onGone = () => {
      this.vacate(place, 50);
    };
    this.gateways.set(
      place,
      new Gateway({ process, store: this.#store(process), partitions, fail: this.fail, onGone }),
    );
  }

  #manWorker(place: string): void {
    const process = this.#process(place, this.#name(place));
    const kms =
      this.mediaServers.get(place) ??
      new MediaServer((callID) => {
        this.checks.joined(callID);
      });
    this.mediaServers.set(place, kms);
    const mishap = () => {
      const next = this.mishaps.get(place);
      this.mishaps.delete(place);
      return next;
    };
    const parts = { id: place as WorkerID, process, store: this.#store(process), weather: this.weather, kms };
    const onGone = () => {
      this.vacate(place, 50);
    };
    this.workers.set(place, new Worker({ ...parts, mishap, fail: this.fail, onGone }));
  }

  #createDevice(name: string, native: boolean): Device {
    const { clock, weather, fail } = this;
    return new Device({
      ...{ name, user: userOf(name) as UserID, native, clock, weather, fail },
      connect: (device, gateway) => this.#connect(device, gateway),
      media: (legID) => {
        this.reach(legID);
      },
    });
  }

  #connect(device: Device, wanted: string | undefined): Socket | undefined {
    const alive = [...this.gateways].filter(([, { process }]) => process.isAlive);
    const now = this.clock.monotonic();
    const any = Math.floor(fraction(`${this.weather.seed} ${device.name} ${String(now)}`) * alive.length);
    const gateway = alive.find(([place]) => place === wanted) ?? alive[any];
    if (gateway === undefined) return undefined;
    const id = `${device.name}/${String(this.sockets.length + 1)}` as SessionID;
    const socket = new Socket({ clock: this.clock, weather: this.weather, id, trace: this.trace });
    this.sockets.push(socket);
    gateway[1].connect(socket, { user: device.user, device: device.name, native: device.native });
    return socket;
  }

  /** The first is called as its place is. */
  #name(place: string): string {
    this.#started += 1;
    return this.processAt(place) === undefined ? place : `${place}.${String(this.#started)}`;
  }
}
