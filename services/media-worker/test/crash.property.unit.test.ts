/**
 * A worker that dies at any moment, again and again, in the middle of a call's set-up: its heir reads what was not settled and
 * takes over what is on the media server, and in the end all is as if nothing had happened.
 */
import fc from 'fast-check';
import { MailReader, MemoryServer, MemoryStore, silentLogger, VirtualClock, type Seq } from '@switchboard/event-log';
import type { LegID, WorkerMessage } from '@switchboard/protocol';
import { expect, it } from 'vitest';
import type { Report } from '../src/legs/outbox.ts';
import { AttemptTable } from '../src/legs/table.ts';
import { createInbox } from '../src/mail/inbox.ts';
import { FakeKurento } from './fake-kurento.ts';
import { A, A2, B, candidate, found, join, move, prepare, release, settled } from './table-fixture.ts';

const MAILBOX = { kind: 'process', id: 'w' } as const;

/** What becomes of a call: its messages in the order in which the log and the gateways send them. */
interface Story {
  readonly messages: readonly (readonly [WorkerMessage, Record<string, string>?])[];
  readonly legs: readonly LegID[];
  readonly candidates: Readonly<Record<string, readonly string[]>>;
  readonly moved: boolean;
  readonly joined: boolean;
  readonly ended: boolean;
}

const story = fc
  .record({
    early: fc.nat(3),
    late: fc.nat(3),
    overtakes: fc.boolean(),
    moved: fc.boolean(),
    joined: fc.boolean(),
    reloaded: fc.boolean(),
    ended: fc.boolean(),
  })
  .map(({ early, late, overtakes, moved, joined, reloaded, ended }): Story => {
    const names = (leg: LegID, from: number, count: number) =>
      Array.from({ length: count }, (_, index) => `candidate:${leg}-${String(from + index)}`);
    const sent = (leg: LegID, texts: readonly string[]) => texts.map((text) => [candidate(leg, text)] as const);
    const ofA = names(A, 0, early + late);
    const first = [prepare(A), ...sent(A, ofA.slice(0, early))];
    const accepted = joined
      ? [prepare(B), ...sent(B, names(B, 0, late)), [join()] as const, ...sent(A, ofA.slice(early))]
      : [];
    const again = [prepare(A2), ...(joined ? [[join()] as const] : []), ...sent(A2, names(A2, 0, late))];
    return {
      messages: [
        ...(overtakes ? [...first.slice(1), prepare(A)] : first),
        ...(moved ? [[move(A, 'gw-new')] as const] : []),
        ...accepted,
        ...(reloaded ? again : []),
        ...(ended ? [[release()] as const] : []),
      ],
      legs: [reloaded ? A2 : A, ...(joined ? [B] : [])],
      candidates: {
        [A]: joined ? ofA : ofA.slice(0, early),
        [A2]: names(A2, 0, late),
        [B]: names(B, 0, joined ? late : 0),
      },
      ...{ moved, joined, ended },
    };
  });

/** The next message comes, the media server gets on with something, the Call hears what was said, or the worker dies. */
const step = fc.oneof(
  { weight: 4, arbitrary: fc.constant('mail' as const) },
  { weight: 5, arbitrary: fc.record({ answer: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.constant('heard' as const) },
  { weight: 2, arbitrary: fc.record({ die: fc.array(fc.boolean(), { maxLength: 6 }) }) },
);

class World {
  readonly clock = new VirtualClock();
  readonly kurento = new FakeKurento(true);
  readonly said: Report[] = [];
  readonly sent: { readonly gateway: string; readonly text: string }[] = [];
  readonly store = new MemoryStore(new MemoryServer({ clock: this.clock }));
  #life = 0;
  #reader: MailReader | undefined;
  #unheard: (() => void)[] = [];
  #seq: Seq | undefined;

  /** Takes over, and reads on. */
  async live(): Promise<void> {
    const life = ++this.#life;
    const alive = () => life === this.#life;
    const table = new AttemptTable({
      ...{ worker: 'test/w', kurento: this.kurento, clock: this.clock, capacity: 10 },
      outbox: {
        toCall: (_name, report) => {
          if (alive()) this.said.push(report);
          return new Promise((resolve) => this.#unheard.push(() => void (alive() && resolve())));
        },
        toGateway: (gateway, message) => {
          if (alive()) this.sent.push({ gateway, text: message.candidate.candidate });
        },
      },
    });
    this.kurento.held = false;
    await table.adopt();
    this.kurento.held = true;
    const handle = createInbox({
      handle: (message, blobs) => table.handle(message, blobs),
      onUnreadable: () => expect.unreachable(),
      log: silentLogger,
    });
    const { store, clock } = this;
    this.#reader = new MailReader({ store, clock, process: 'w', handle, onCaughtUp: () => table.endEmpty() });
    this.#reader.start();
    await this.rest();
  }

  async die(arrives: readonly boolean[]): Promise<void> {
    this.#life += 1;
    this.#reader?.abandon();
    this.kurento.orphan((index) => arrives[index] ?? false);
    const stopped = this.#reader?.stop();
    await this.rest();
    await stopped;
  }

  async mail([message, blobs]: Story['messages'][number]): Promise<void> {
    const seq: Seq = [0, 0, (this.#seq?.[2] ?? 0) + 1];
    const mail = { body: JSON.stringify(message), ...(blobs === undefined ? {} : { blobs }), seq, prev: this.#seq };
    this.#seq = seq;
    expect(await this.store.append(MAILBOX, 'p3', [mail])).toMatchObject({ kind: 'appended' });
    await this.rest();
  }

  async heard(): Promise<void> {
    for (const hear of this.#unheard.splice(0)) hear();
    await this.rest();
  }

  async rest(): Promise<void> {
    await settled();
    await this.clock.advance(1);
  }

  /** Everybody answers. */
  async finish(): Promise<void> {
    for (let round = 0; round < 60; round += 1) {
      while (this.kurento.pending.length > 0) this.kurento.settle(0);
      await this.heard();
    }
    await this.clock.advance(11_000);
    await this.rest();
  }

  async mailbox(): Promise<readonly string[]> {
    return (await this.store.read(MAILBOX, '0', 100)).map(({ body }) => body);
  }
}

async function play(
  world: World,
  { messages }: Story,
  steps: readonly (typeof step extends fc.Arbitrary<infer T> ? T : never)[],
) {
  const queue = [...messages];
  await world.live();
  for (const one of steps) {
    const next = one === 'mail' ? queue.shift() : undefined;
    if (next !== undefined) await world.mail(next);
    else if (one === 'heard') await world.heard();
    else if (typeof one === 'object' && 'answer' in one) {
      if (world.kurento.pending.length > 0) world.kurento.settle(one.answer);
      await world.rest();
    } else if (typeof one === 'object') {
      await world.die(one.die);
      await world.live();
    }
  }
  for (const next of queue) await world.mail(next);
  await world.finish();
}

/** What the media server holds, after one more death and take-over, is what the messages said. */
function expectDone({ kurento, said }: World, { legs, candidates, joined, ended }: Story): void {
  const has = kurento.all().map(({ tags }) => tags['legID']);
  expect(has.sort()).toEqual(ended ? [] : [...legs].sort());
  expect(said.map(({ type }) => type)).not.toContain('MediaFailed');
  if (ended) {
    expect(kurento.pipelines.size).toBe(0);
    expect(said.at(-1)?.type).toBe('AttemptReleased');
    return;
  }
  expect(kurento.pipelines.size).toBe(1);
  for (const leg of legs) {
    expect(said.some((one) => one.type === 'LegAnswered' && one.legID === leg)).toBe(true);
    const given = new Set(kurento.endpoint(leg).candidates);
    expect([...given].sort()).toEqual(joined ? [...(candidates[leg] ?? [])].sort() : []);
  }
  const [one, other] = legs;
  if (one !== undefined && other !== undefined) expect(kurento.bridged(one, other)).toBe(true);
}

it('loses nothing that it was told, and says the same in the end', async () => {
  await fc.assert(
    fc.asyncProperty(story, fc.array(step, { maxLength: 60 }), async (told, steps) => {
      const world = new World();
      await play(world, told, steps);
      expectDone(world, told);
      expect(await world.mailbox()).toEqual([]);
      expect(world.kurento.violations).toEqual([]);

      // With an empty mailbox the tags alone say how it is: an heir goes on, and a call that is accepted only now has all it needs.
      await world.die([]);
      await world.live();
      if (told.ended) return;
      const [leg = A] = told.legs;
      world.kurento.endpoint(leg).events.candidate(found('new'));
      const { gateway } = world.sent.at(-1) ?? {};
      expect(gateway).toBe(leg === A && told.moved ? 'gw-new' : `gw-of-${leg}`);
      if (!told.joined) {
        await world.mail([join()]);
        await world.finish();
        expect([...new Set(world.kurento.endpoint(leg).candidates)]).toEqual(told.candidates[leg]);
        await world.die([]);
        await world.live();
        await world.mail(prepare(B));
        await world.finish();
        expect(world.kurento.bridged(leg, B)).toBe(true);
      }
      expect(world.said.map(({ type }) => type)).not.toContain('MediaFailed');
      const again = world.kurento.connected.filter((pair, index, all) => pair === all[index - 1]);
      expect(again, 'Kurento interrupts what is connected twice').toEqual([]);
    }),
    { numRuns: 150 },
  );
}, 60_000);
