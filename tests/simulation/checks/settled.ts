/** Is any message in flight? Whenever none is, invariants 2 and 8 are looked at. */
import type { LineState } from '@switchboard/call-model';
import type { World } from '../world.ts';
import { checkQuiet, linesOf } from './quiet-checks.ts';

type LineDevice = LineState['devices'][number];

/** A gateway that was away beats within that time, and finds out that it was given up. */
const calmMs = 1500;
/** Between two looks, ms. */
const lookEveryMs = 5;

export class Settled {
  looks = 0;
  readonly #world: World;
  #lookedAt = { commits: 0, ms: 0 };

  constructor(world: World) {
    this.#world = world;
  }

  /** Once after each change, when all has settled. */
  look(): void {
    const { record, clock } = this.#world;
    const now = clock.monotonic();
    if (record.commits === this.#lookedAt.commits || now < this.#lookedAt.ms + lookEveryMs) return;
    this.#lookedAt.ms = now;
    if (record.applied.waiting > 0 || this.inFlight().length > 0) return;
    this.#lookedAt.commits = record.commits;
    this.looks += 1;
    const finding = checkQuiet({
      states: record.states,
      pipelines: this.#pipelines(),
      workers: this.#firstWorkers(),
      gateways: new Set([...this.#world.gateways.values()].flatMap(({ id, process }) => (process.isWell ? [id] : []))),
    });
    if (finding !== undefined) this.#world.fail(...finding);
  }

  /** Nothing is left to happen: only Lines of devices and watchers that are there. */
  isOver(): boolean {
    if (!this.#isRepaired() || this.inFlight().length > 0) return false;
    const { states } = this.#world.record;
    const lines = linesOf(states);
    return (
      lines.length === states.size &&
      lines.every(
        (line) =>
          line.engaged === undefined && line.requests.length === 0 && line.devices.every((each) => this.#isThere(each)),
      )
    );
  }

  /** In words, one each; none: all has settled. */
  inFlight(): string[] {
    const found = this.#world.record.onTheWay();
    const { waiting } = this.#world.record.applied;
    if (waiting > 0) found.push(`${String(waiting)} commands in inboxes`);
    for (const gateway of this.#world.gateways.values()) found.push(...this.#ofProcess(gateway.id, gateway));
    for (const [place, worker] of this.#world.workers) found.push(...this.#ofProcess(place, worker));
    return found;
  }

  #ofProcess(id: string, { handled, pending }: { readonly handled: string; readonly pending: number }): string[] {
    const unread = this.#world.server.mailbox({ kind: 'process', id })?.read(handled, 1).length ?? 0;
    return unread + pending > 0 ? [`${id}: ${String(unread)} unread, ${String(pending)} in hand`] : [];
  }

  #isThere({ link, device }: LineDevice): boolean {
    return link.kind === 'up' && [...this.#world.gateways.values()].some(({ id }) => id === device.gateway);
  }

  /** Everybody is there who is to come, and runs. */
  #isRepaired(): boolean {
    const world = this.#world;
    const devices = [...world.devices.values()].every(({ isOnline, wantsOnline }) => isOnline || !wantsOnline);
    if (!devices || world.sockets.some(({ isBusy }) => isBusy)) return false;
    return world.isCalmFor(calmMs);
  }

  #firstWorkers(): ReadonlySet<string> {
    const first = [...this.#world.workers].filter(([place, { process }]) => process.isWell && process.name === place);
    return new Set(first.map(([place]) => place));
  }

  #pipelines(): string[] {
    return [...this.#world.mediaServers.values()].flatMap(({ pipelines }) => [...pipelines.keys()]);
  }
}
