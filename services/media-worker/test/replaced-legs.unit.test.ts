import { describe, expect, it } from 'vitest';
import { KurentoError } from '../src/kurento/errors.ts';
import { FakeKurento } from './fake-kurento.ts';
import {
  A,
  A2,
  B,
  B2,
  candidate,
  createTable,
  found,
  join,
  prepare,
  release,
  settled,
  talking,
} from './table-fixture.ts';

/** Lets one call of the media server after the other go, in the order in which they were asked. */
async function settleAll(kurento: FakeKurento): Promise<void> {
  while (kurento.pending.length > 0) {
    kurento.settle(0);
    await settled();
  }
}

describe('a leg that is made anew', () => {
  it('in a call takes the place of the old one, whose endpoint goes and is heard no more', async () => {
    const { table, kurento, said, types, candidates } = await talking();
    const old = kurento.endpoint(A);
    void table.handle(candidate(A2, 'early'));
    void table.handle(...prepare(A2));
    old.events.failed('ice');
    void table.handle(candidate(A, 'late'));
    await settled();
    expect(kurento.bridged(A2, B)).toBe(true);
    expect(kurento.released).toEqual([A]);
    expect(kurento.endpoint(A2).candidates).toEqual(['early']);
    expect(kurento.asked.slice(-1)).toEqual(['releaseEndpoint']);
    expect(said.at(-1)).toMatchObject({
      ...{ type: 'LegAnswered', legID: A2 },
      blobs: { [`answer:${A2}`]: `answer to offer of ${A2}` },
    });
    const before = types().length;
    for (const code of ['ice', 'endpoint']) old.events.failed(code);
    old.events.candidate(found('of nobody'));
    old.events.connected();
    expect([types().length, candidates]).toEqual([before, []]);
    kurento.endpoint(A2).events.connected();
    expect(said.at(-1)).toMatchObject({ type: 'LegConnected', legID: A2 });
    expect([kurento.pipelines.size, table.legs]).toEqual([1, 2]);
  });

  it('leaves the old one in its place until its own offer was applied', async () => {
    const { table, kurento } = await talking();
    kurento.held = true;
    void table.handle(...prepare(A2));
    await settled();
    expect(kurento.bridged(A, B)).toBe(true);
    kurento.settle(0);
    await settled();
    expect(kurento.pending.map(({ what }) => what)).toEqual(['processOffer']);
    expect(kurento.released).toEqual([]);
    await settleAll(kurento);
    expect(kurento.bridged(A2, B)).toBe(true);
    expect(kurento.released).toEqual([A]);
  });

  it('on both sides at once is connected to the other new one', async () => {
    const { table, kurento, types } = await talking();
    void table.handle(...prepare(A2));
    void table.handle(...prepare(B2));
    await settled();
    expect(kurento.bridged(A2, B2)).toBe(true);
    expect(kurento.released).toEqual([A, B]);
    expect(types()).not.toContain('MediaFailed');
  });

  it('while it rings is the one that is joined', async () => {
    const { table, kurento } = createTable();
    void table.handle(...prepare(A));
    await settled();
    void table.handle(...prepare(A2));
    await settled();
    expect([kurento.released, kurento.connected]).toEqual([[A], []]);
    void table.handle(...prepare(B));
    await settled();
    expect(kurento.connected).toEqual([]);
    void table.handle(join());
    void table.handle(candidate(A2, 'one'));
    await settled();
    expect(kurento.connected).toHaveLength(1);
    expect(kurento.bridged(A2, B)).toBe(true);
    expect(kurento.endpoint(A2).candidates).toEqual(['one']);
  });

  it.each(['createPipeline', 'createEndpoint', 'processOffer'])(
    'while the old one waits for %s makes the old one go, and says nothing of it',
    async (step) => {
      const { table, kurento, said } = createTable({}, new FakeKurento(true));
      void table.handle(...prepare(A));
      while (kurento.pending[0]?.what !== step) {
        kurento.settle(0);
        await settled();
      }
      void table.handle(...prepare(A2));
      await settled();
      await settleAll(kurento);
      expect(said).toMatchObject([{ type: 'LegAnswered', legID: A2 }]);
      expect([...kurento.pipelines.values()][0]?.endpoints.map(({ tags }) => tags['legID'])).toEqual([A2]);
      expect(kurento.asked.filter((what) => what === 'createPipeline')).toHaveLength(1);
    },
  );

  it('fails the attempt when its own offer is refused, not when that of the one before it is', async () => {
    const { table, kurento, types } = createTable({}, new FakeKurento(true));
    void table.handle(...prepare(A));
    while (kurento.pending[0]?.what !== 'processOffer') {
      kurento.settle(0);
      await settled();
    }
    void table.handle(...prepare(A2));
    kurento.failNext('processOffer');
    kurento.settle(0);
    await settled();
    expect(types()).toEqual([]);
    await settleAll(kurento);
    expect(types()).toEqual(['MediaFailed']);
  });

  it('twice over: the last one is joined, and all others go', async () => {
    const { table, kurento, types } = await talking();
    kurento.held = true;
    const A3 = 'sessionA:3' as typeof A;
    void table.handle(...prepare(A2));
    await settled();
    void table.handle(...prepare(A3));
    await settled();
    await settleAll(kurento);
    expect(kurento.bridged(A3, B)).toBe(true);
    expect([...kurento.released].sort()).toEqual([A, A2]);
    expect(types()).not.toContain('MediaFailed');
  });

  it('stays when the message of the one before it comes again', async () => {
    const { table, kurento } = await talking();
    void table.handle(...prepare(A));
    void table.handle(...prepare(A2));
    await settled();
    const asked = kurento.asked.length;
    void table.handle(...prepare(A2));
    void table.handle(...prepare(A));
    await settled();
    expect(kurento.asked).toHaveLength(asked);
    expect(kurento.bridged(A2, B)).toBe(true);
  });

  it('while the old pair is being connected is connected after it', async () => {
    const { table, kurento, types } = createTable();
    void table.handle(...prepare(A));
    void table.handle(...prepare(B));
    await settled();
    kurento.held = true;
    void table.handle(join());
    await settled();
    void table.handle(...prepare(A2));
    await settled();
    for (const what of ['createEndpoint', 'processOffer']) {
      kurento.settle(kurento.pending.findIndex((call) => call.what === what));
      await settled();
    }
    expect(kurento.pending.map(({ what }) => what)).toEqual(['connectBoth', 'gatherCandidates']);
    await settleAll(kurento);
    expect(kurento.connected).toHaveLength(2);
    expect(kurento.bridged(A2, B)).toBe(true);
    expect(types()).not.toContain('MediaFailed');
  });

  it('is connected even if connecting the old pair failed', async () => {
    const { table, kurento, types } = createTable();
    void table.handle(...prepare(A));
    void table.handle(...prepare(B));
    await settled();
    kurento.held = true;
    void table.handle(join());
    await settled();
    void table.handle(...prepare(A2));
    await settled();
    kurento.settle(0, new KurentoError('40101', 'gone'));
    await settled();
    await settleAll(kurento);
    expect(kurento.bridged(A2, B)).toBe(true);
    expect(types()).not.toContain('MediaFailed');
  });

  it('has the old endpoint released again and again, until the call ends', async () => {
    const { table, kurento, types, clock } = await talking();
    kurento.failNext('releaseEndpoint', 'timeout', true);
    void table.handle(...prepare(A2));
    await settled();
    expect(kurento.released).toEqual([]);
    await clock.advance(200);
    await settled();
    expect(kurento.released).toEqual([A]);
    kurento.failNext('releaseEndpoint', 'timeout', true);
    void table.handle(...prepare(B2));
    await settled();
    void table.handle(release());
    await table.idle();
    expect([types().at(-1), kurento.pipelines.size]).toEqual(['AttemptReleased', 0]);
  });
});

describe('JoinLegs', () => {
  it('twice connects once', async () => {
    const { table, kurento } = await talking();
    void table.handle(join());
    await settled();
    expect(kurento.connected).toHaveLength(1);
  });
});

describe('a restart between two legs of one party', () => {
  /** What a worker leaves that dies while A2, in the place of A, waits for its answer to `step`. */
  async function leftAt(step: string) {
    const { table, kurento } = await talking();
    kurento.held = true;
    void table.handle(...prepare(A2));
    await settled();
    while (kurento.pending[0]?.what !== step) {
      kurento.settle(0);
      await settled();
    }
    kurento.pending.length = 0;
    kurento.held = false;
    return kurento;
  }

  it('keeps the newest one that was answered, and releases the other', async () => {
    const kurento = await leftAt('connectBoth');
    kurento.pipelines.forEach(({ endpoints }) => endpoints.reverse());
    const { table, said } = createTable({}, kurento);
    await table.adopt();
    await settled();
    expect(said).toMatchObject([
      { type: 'LegAnswered', legID: A2 },
      { type: 'LegAnswered', legID: B },
    ]);
    expect([kurento.released, table.legs]).toEqual([[A], 2]);
    void table.handle(...prepare(A));
    void table.handle(...prepare(A2));
    void table.handle(join());
    await settled();
    expect(kurento.bridged(A2, B)).toBe(true);
    expect(kurento.released).toEqual([A]);
  });

  it('keeps the older one if the newer was never answered, until that is made anew', async () => {
    const kurento = await leftAt('processOffer');
    const { table, said } = createTable({}, kurento);
    await table.adopt();
    await settled();
    expect(said).toMatchObject([{ legID: A }, { legID: B }]);
    expect(kurento.released).toEqual([A2]);
    void table.handle(...prepare(A2));
    void table.handle(join());
    await settled();
    expect(kurento.bridged(A2, B)).toBe(true);
    expect(kurento.released).toEqual([A2, A]);
  });
});
