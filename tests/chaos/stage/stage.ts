/**
 * A running Switchboard of real processes with people on it: calls that stay up, calls that come and go, and users who probe
 * every partition. Faults strike it (`../faults`), and it says what became of everybody.
 */
import { eventually, pipelinesOf, startCluster, type Cluster, type ServiceProcess } from '@switchboard/testkit';
import { setTimeout as pause } from 'node:timers/promises';
import { checkLog } from '../../integration/log-check.ts';
import { Random } from '../../simulation/engine/random.ts';
import { Books } from './books.ts';
import { Phone } from './phone.ts';
import { Prober } from './prober.ts';
import { SteadyCall } from './steady-call.ts';
import { Supervisor } from './supervisor.ts';
import { play, REFUSED_MS, Traffic } from './traffic.ts';

export interface StageOptions {
  /** Calls that stay up. */
  readonly calls: number;
  /** Pairs of users who call each other again and again. */
  readonly pairs: number;
  readonly random: Random;
}

const PATIENCE_MS = 60_000;

export class Stage {
  readonly cluster: Cluster;
  readonly calls: readonly SteadyCall[];
  readonly traffic: Traffic;
  readonly prober: Prober;
  readonly books: Books;
  readonly supervisor: Supervisor;
  readonly phones: readonly Phone[];
  readonly #spare: readonly [Phone, Phone];

  private constructor(cluster: Cluster, people: People, random: Random) {
    this.cluster = cluster;
    this.calls = people.calls;
    this.prober = people.prober;
    this.#spare = people.spare;
    this.traffic = new Traffic(people.pairs, random);
    this.books = new Books(cluster);
    this.supervisor = new Supervisor(cluster);
    this.phones = [
      ...people.calls,
      ...people.pairs.map((phones) => ({ phones })),
      people.prober,
      { phones: people.spare },
    ]
      .map(({ phones }) => phones)
      .flat();
  }

  static async start({ calls, pairs, random }: StageOptions): Promise<Stage> {
    const cluster = await startCluster({ proxied: true });
    try {
      const stage = new Stage(cluster, await gather(cluster, calls, pairs), random);
      await stage.fill();
      stage.traffic.start();
      return stage;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  get liveCalls(): SteadyCall[] {
    return this.calls.filter(({ isLive }) => isLive);
  }

  /** Calls that ended although nobody ended them are placed again. */
  async fill(): Promise<void> {
    await Promise.all(this.calls.filter(({ isLive }) => !isLive).map((call) => call.begin()));
  }

  /** The users whose socket is on this gateway. */
  at(gateway: ServiceProcess): Phone[] {
    return this.phones.filter(({ gatewayPort }) => gatewayPort === gateway.port);
  }

  /**
   * Resolves when all is as before: everybody is online, every partition works, media flows, and a new call gets its media.
   * @returns how long it took from `since`, ms
   */
  async recovered(since: number): Promise<number> {
    const online = eventually('everybody is online', () => this.phones.every(({ isOnline }) => isOnline), PATIENCE_MS);
    const standing = this.calls.filter(({ end }) => end === undefined);
    const flowing = Promise.all(standing.map((call) => call.flows(PATIENCE_MS)));
    const working = this.prober.through(since, PATIENCE_MS);
    const times = [online, flowing, working].map((done) => done.then(() => performance.now()));
    const called = eventually('a new call works', () => this.#newCall(), PATIENCE_MS);
    return Math.max(...(await Promise.all([...times, called]))) - since;
  }

  /** Nobody is doing anything but talking in the steady calls. */
  async rest(): Promise<void> {
    await this.traffic.stop();
    const live = this.calls.filter(({ end }) => end === undefined).length;
    const settled = async () => (await checkLog(this.cluster)).liveCalls <= live;
    // A call whose end the users know may still be on its way to the log.
    await eventually('the log has all ends', settled, PATIENCE_MS).catch(() => undefined);
  }

  /** Hangs up and goes; the result is what should not be: differences, engaged lines, calls and pipelines that are left. */
  async leave(): Promise<string[]> {
    await this.traffic.stop();
    await this.prober.stop();
    await Promise.all(this.liveCalls.map((call) => call.hangUp()));
    for (const phone of this.phones) phone.leave();
    let left: string[] = [];
    // What is forgotten a minute after a call may be so just now, and the fold look different for a moment.
    const nothing = async () => {
      const { differences, engaged, liveCalls } = await checkLog(this.cluster);
      const pipelines = await this.pipelines();
      const counted = [
        `${String(engaged)} engaged lines`,
        `${String(liveCalls)} calls`,
        `${String(pipelines)} pipelines`,
      ];
      left = [...differences, ...counted.filter((text) => !text.startsWith('0 '))];
      return left.length === 0;
    };
    await eventually('nothing is left', nothing, PATIENCE_MS).catch(() => undefined);
    return left;
  }

  async pipelines(): Promise<number> {
    const urls = this.cluster.mediaServers.map(({ details }) => String(details['url']));
    return (await Promise.all(urls.map(pipelinesOf))).flat().length;
  }

  async close(): Promise<void> {
    await this.supervisor.stop();
    await this.cluster.stop();
  }

  /** When it was connected; undefined: it did not go as planned. */
  async #newCall(): Promise<number | undefined> {
    const began = performance.now();
    const played = await play(...this.#spare, new Random(String(began)), 'talk');
    this.traffic.played.push(played);
    if (played.outcome === 'refused') await pause(REFUSED_MS);
    return played.outcome === 'as planned' ? began + played.setupMs : undefined;
  }
}

interface People {
  readonly calls: readonly SteadyCall[];
  readonly pairs: readonly (readonly [Phone, Phone])[];
  readonly prober: Prober;
  readonly spare: readonly [Phone, Phone];
}

async function gather(cluster: Cluster, calls: number, pairs: number): Promise<People> {
  const pair = async (name: string, index: number): Promise<readonly [Phone, Phone]> =>
    Promise.all(
      [0, 1].map((side) => Phone.join(cluster, `${name}-${String(index)}-${'ab'[side] ?? ''}`, index + side)),
    ) as Promise<[Phone, Phone]>;
  const many = (name: string, count: number) =>
    Promise.all(Array.from({ length: count }, (_, index) => pair(name, index)));
  return {
    calls: (await many('steady', calls)).map(([caller, callee]) => new SteadyCall(caller, callee)),
    pairs: await many('traffic', pairs),
    prober: await Prober.start(cluster),
    spare: await pair('spare', 0),
  };
}
