import fc from 'fast-check';
import { expect, it } from 'vitest';
import { KurentoError } from '../src/kurento/errors.ts';
import { FakeKurento } from './fake-kurento.ts';
import { A, B, candidate, createTable, join, prepare, release, settled } from './table-fixture.ts';

/** A message, or the media server getting on with something, well or badly. */
const step = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom('prepareA', 'prepareB', 'join', 'release', 'candidateA', 'candidateB') },
  { weight: 3, arbitrary: fc.nat(9).map((index) => ({ settle: index })) },
  { weight: 1, arbitrary: fc.record({ refuse: fc.nat(9), code: fc.constantFrom('40500', 'timeout', '40101') }) },
  { weight: 1, arbitrary: fc.constantFrom('iceA', 'upA', 'upB', 'lost') },
);

it('keeps its promises whatever comes in whatever order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const kurento = new FakeKurento(true);
      const { table, said, clock } = createTable({}, kurento);
      let joined = false;
      const event = (leg: typeof A, act: 'failed' | 'connected') => {
        const all = [...kurento.pipelines.values()].flatMap(({ endpoints }) => endpoints);
        all.find(({ tags }) => tags['legID'] === leg)?.events[act]('ice');
      };
      const acts: Record<string, () => void> = {
        prepareA: () => table.handle(...prepare(A)),
        prepareB: () => table.handle(...prepare(B)),
        join: () => {
          joined = true;
          table.handle(join());
        },
        release: () => table.handle(release()),
        candidateA: () => table.handle(candidate(A)),
        candidateB: () => table.handle(candidate(B)),
        iceA: () => event(A, 'failed'),
        upA: () => event(A, 'connected'),
        upB: () => event(B, 'connected'),
        lost: () => {
          kurento.pipelines.clear();
          while (kurento.pending.length > 0) kurento.settle(0, new KurentoError('lost', 'lost'));
          table.lost();
        },
      };
      for (const one of steps) {
        if (typeof one === 'string') acts[one]?.();
        else if ('settle' in one) kurento.settle(one.settle);
        else kurento.settle(one.refuse, new KurentoError(one.code, 'refused', one.code === 'timeout'));
        await settled();
        if (!joined) expect(kurento.asked).not.toContain('connectBoth');
      }
      const before = said.filter(({ type }) => type === 'AttemptReleased').length;
      table.handle(release());
      kurento.held = false;
      for (let round = 0; round < 20; round += 1) {
        while (kurento.pending.length > 0) kurento.settle(0);
        await settled();
        await clock.advance(5_000);
      }
      table.handle(...prepare(B));
      await settled();
      expect(kurento.violations).toEqual([]);
      expect(kurento.pipelines.size).toBe(0);
      expect(table.calls).toBe(0);
      expect(said.filter(({ type }) => type === 'AttemptReleased').length).toBeGreaterThan(before);
      for (const legID of [A, B]) {
        for (const type of ['LegAnswered', 'LegConnected']) {
          expect(said.filter((one) => one.type === type && 'legID' in one && one.legID === legID).length).toBeLessThan(
            2,
          );
        }
      }
      expect(said.filter(({ type }) => type === 'MediaFailed').length).toBeLessThan(2);
    }),
    { numRuns: 300 },
  );
});
