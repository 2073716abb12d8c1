import fc from 'fast-check';
import { expect, it } from 'vitest';
import { KurentoError } from '../src/kurento/errors.ts';
import { FakeKurento } from './fake-kurento.ts';
import { A, A2, B, B2, candidate, createTable, join, move, prepare, release, settled } from './table-fixture.ts';

const LEGS = [A, A2, B, B2];
const ACTS = ['prepare', 'candidate', 'move', 'up', 'ice'] as const;

const by = (...acts: (typeof ACTS)[number][]) =>
  fc.record({ act: fc.constantFrom(...acts), leg: fc.constantFrom(...LEGS) });
const settling = { weight: 3, arbitrary: fc.nat(9).map((index) => ({ settle: index })) };
/** A message, or the media server getting on with something, well or badly. */
const step = fc.oneof(
  { weight: 2, arbitrary: by(...ACTS) },
  { weight: 1, arbitrary: fc.constant('join' as const) },
  settling,
  { weight: 1, arbitrary: fc.record({ refuse: fc.nat(9), code: fc.constantFrom('40500', 'timeout', '40101') }) },
  { weight: 1, arbitrary: fc.constantFrom('release', 'lost') },
);
/** Nothing goes wrong, but all of it at once. */
const calm = fc.oneof(
  { weight: 3, arbitrary: by('prepare', 'candidate', 'move', 'up') },
  { weight: 1, arbitrary: fc.constant('join' as const) },
  settling,
);
const steps = fc.oneof(fc.array<Step>(step, { maxLength: 40 }), fc.array<Step>(calm, { maxLength: 60 }));
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** A table, its media server, and what each leg had said when it was replaced. */
function start() {
  const kurento = new FakeKurento(true);
  const made = createTable({}, kurento);
  const { table, said } = made;
  const prepared: string[] = [];
  let joined = false;
  const silent = new Map<string, number>();
  const wordsOf = (leg: string) => said.filter((one) => 'legID' in one && one.legID === leg).length;
  const legs: Record<(typeof ACTS)[number], (leg: typeof A) => void> = {
    prepare: (leg) => {
      const before = prepared.findLast((other) => other.startsWith(leg.slice(0, 8)));
      void table.handle(...prepare(leg));
      if (prepared.includes(leg)) return;
      prepared.push(leg);
      if (before !== undefined) silent.set(before, wordsOf(before));
    },
    candidate: (leg) => void table.handle(candidate(leg)),
    move: (leg) => void table.handle(move(leg, 'gw-new')),
    up: (leg) =>
      kurento
        .all()
        .find(({ tags }) => tags['legID'] === leg)
        ?.events.connected(),
    ice: (leg) =>
      kurento
        .all()
        .find(({ tags }) => tags['legID'] === leg)
        ?.events.failed('ice'),
  };
  const acts = {
    join: () => {
      // Before the first leg it is of no attempt.
      joined ||= prepared.length > 0;
      void table.handle(join());
    },
    release: () => void table.handle(release()),
    lost: () => {
      kurento.pipelines.clear();
      while (kurento.pending.length > 0) kurento.settle(0, new KurentoError('lost', 'lost'));
      table.lost();
    },
  };
  const take = (one: Step) => {
    if (typeof one === 'string') acts[one]();
    else if ('act' in one) legs[one.act](one.leg);
    else if ('settle' in one) kurento.settle(one.settle);
    else kurento.settle(one.refuse, new KurentoError(one.code, 'refused', one.code === 'timeout'));
  };
  return { ...made, wordsOf, prepared, silent, take, isJoined: () => joined };
}

/** Lets the media server answer everything, and time pass. */
async function rest({ kurento, clock }: ReturnType<typeof start>): Promise<void> {
  kurento.held = false;
  for (let round = 0; round < 10; round += 1) {
    while (kurento.pending.length > 0) kurento.settle(0);
    await settled();
    await clock.advance(5_000);
  }
}

it('keeps its promises whatever comes in whatever order', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const world = start();
      const { table, kurento, said, types } = world;
      for (const one of all) {
        world.take(one);
        await settled();
        if (!world.isJoined()) expect(kurento.asked).not.toContain('connectBoth');
      }
      await rest(world);
      const over = types().some((type) => type === 'MediaFailed' || type === 'AttemptReleased');
      const current = ['sessionA', 'sessionB'].flatMap(
        (party) => world.prepared.findLast((leg) => leg.startsWith(party)) ?? [],
      );
      expect(
        kurento
          .all()
          .map(({ tags }) => tags['legID'])
          .sort(),
      ).toEqual(over ? [] : current);
      const [caller, callee] = current;
      if (!over && world.isJoined() && caller !== undefined && callee !== undefined) {
        expect(kurento.bridged(caller, callee)).toBe(true);
      }
      for (const [leg, count] of world.silent) expect(world.wordsOf(leg)).toBe(count);

      const before = types().filter((type) => type === 'AttemptReleased').length;
      void table.handle(release());
      await rest(world);
      void table.handle(...prepare(B));
      await settled();
      expect(kurento.violations).toEqual([]);
      expect(kurento.pipelines.size).toBe(0);
      expect(table.calls).toBe(0);
      expect(types().filter((type) => type === 'AttemptReleased').length).toBeGreaterThan(before);
      for (const legID of LEGS) {
        for (const type of ['LegAnswered', 'LegConnected']) {
          const times = said.filter((one) => one.type === type && 'legID' in one && one.legID === legID).length;
          expect(times).toBeLessThan(2);
        }
      }
      expect(types().filter((type) => type === 'MediaFailed').length).toBeLessThan(2);
    }),
    { numRuns: 300 },
  );
});
