import { describe, expect, it } from 'vitest';
import { FakeKurento } from './fake-kurento.ts';
import { A, B, CALL, candidate, createTable, join, prepare, release, settled } from './table-fixture.ts';

describe('a call', () => {
  it('prepares both legs, connects them on join only, tells what it did, and is released', async () => {
    const { table, kurento, said, types, candidates } = createTable();
    void table.handle(...prepare(A));
    await settled();
    expect(kurento.asked).toEqual(['createPipeline', 'createEndpoint', 'processOffer', 'gatherCandidates']);
    expect(said[0]).toEqual({
      ...{ type: 'LegAnswered', attempt: 1, legID: A },
      blobs: { [`answer:${A}`]: `answer to offer of ${A}` },
    });
    void table.handle(...prepare(B));
    await settled();
    expect(kurento.connected).toEqual([]);
    void table.handle(join());
    await settled();
    expect(kurento.connected).toEqual([`${kurento.endpoint(A).id}+${kurento.endpoint(B).id}`]);
    for (const leg of [A, B, B]) kurento.endpoint(leg).events.connected();
    kurento.endpoint(A).events.candidate({ candidate: 'c', sdpMid: '0', sdpMLineIndex: 0 });
    expect(types()).toEqual(['LegAnswered', 'LegAnswered', 'LegConnected', 'LegConnected']);
    expect(candidates).toEqual([{ gateway: `gw-of-${A}`, legID: A, candidate: 'c' }]);
    expect([table.calls, table.legs]).toEqual([1, 2]);
    void table.handle(release());
    await settled();
    expect(types().at(-1)).toBe('AttemptReleased');
    expect([kurento.pipelines.size, table.calls]).toEqual([0, 0]);
  });

  it('connects when the second leg is answered, if the join came before it', async () => {
    const { table, kurento } = createTable();
    void table.handle(...prepare(A));
    void table.handle(join());
    await settled();
    expect(kurento.connected).toEqual([]);
    void table.handle(...prepare(B));
    await settled();
    expect(kurento.connected).toHaveLength(1);
  });

  it('costs no request more for what an heir of the worker must know, if nothing has to wait', async () => {
    const { table, kurento } = createTable();
    void table.handle(...prepare(A));
    await settled();
    kurento.held = true;
    void table.handle(...prepare(B));
    void table.handle(join());
    void table.handle(candidate(A));
    for (let round = 0; round < 9; round += 1) {
      kurento.settle(0);
      await settled();
    }
    const perLeg = ['createEndpoint', 'processOffer', 'gatherCandidates'];
    expect([...kurento.asked].sort()).toEqual(
      ['createPipeline', ...perLeg, ...perLeg, 'connectBoth', 'addIceCandidate'].sort(),
    );
  });

  it('makes one pipeline for two legs that come at once', async () => {
    const { table, kurento } = createTable();
    void table.handle(...prepare(A));
    void table.handle(...prepare(B));
    void table.handle(...prepare(A));
    await settled();
    expect(kurento.asked.filter((what) => what === 'createPipeline')).toHaveLength(1);
    expect(kurento.asked.filter((what) => what === 'createEndpoint')).toHaveLength(2);
  });

  it('ignores a leg whose offer is gone: it is obsolete', async () => {
    const { table, kurento, said } = createTable();
    void table.handle(prepare(A)[0]);
    await settled();
    expect([kurento.asked, said]).toEqual([[], []]);
  });
});

describe('candidates', () => {
  it('wait for the offer of their leg, even if they come before the leg, and keep their order', async () => {
    const { table, kurento } = createTable({}, new FakeKurento(true));
    void table.handle(candidate(A, 'one'));
    void table.handle(...prepare(A));
    void table.handle(candidate(A, 'two'));
    void table.handle(candidate(A, ''));
    void table.handle(join());
    kurento.held = false;
    while (kurento.pending.length > 0) {
      kurento.settle(0);
      await settled();
    }
    void table.handle(candidate(A, 'three'));
    await settled();
    expect(kurento.endpoint(A).candidates).toEqual(['one', 'two', 'three']);
    expect(kurento.violations).toEqual([]);
  });

  it('wait for the accept: the party has no answer while it rings', async () => {
    const { table, kurento } = createTable();
    void table.handle(...prepare(A));
    void table.handle(candidate(A, 'one'));
    await settled();
    expect(kurento.endpoint(A).candidates).toEqual([]);
    void table.handle(join());
    await settled();
    expect(kurento.endpoint(A).candidates).toEqual(['one']);
  });

  it('are bounded per leg, and forgotten after 10 s', async () => {
    const { table, kurento, clock } = createTable();
    for (let i = 0; i < 100; i += 1) table.handle(candidate(A, `c${String(i)}`));
    void table.handle(...prepare(A));
    void table.handle(join());
    await settled();
    expect(kurento.endpoint(A).candidates).toHaveLength(64);
    void table.handle(candidate(B, 'old'));
    await clock.advance(11_000);
    void table.handle(...prepare(B));
    await settled();
    expect(kurento.endpoint(B).candidates).toEqual([]);
  });

  it('that the media server refuses do not end the call', async () => {
    const { table, kurento, types } = createTable();
    void table.handle(...prepare(A));
    void table.handle(join());
    await settled();
    kurento.failNext('addIceCandidate', '40401');
    void table.handle(candidate(A, 'nonsense'));
    await settled();
    expect(types()).toEqual(['LegAnswered']);
  });
});

describe('a release', () => {
  it('while the pipeline is being created waits for it and releases it', async () => {
    const { table, kurento, types } = createTable({}, new FakeKurento(true));
    void table.handle(...prepare(A));
    void table.handle(release());
    await settled();
    expect(types()).toEqual([]);
    kurento.held = false;
    kurento.settle(0);
    await settled();
    expect(types()).toEqual(['AttemptReleased']);
    expect([kurento.pipelines.size, table.calls]).toEqual([0, 0]);
    expect(kurento.asked).toEqual(['createPipeline', 'release']);
  });

  it('of an unknown attempt is confirmed, and a leg that comes after it makes nothing', async () => {
    const { table, kurento, types, clock } = createTable();
    void table.handle(release());
    void table.handle(...prepare(A));
    void table.handle(candidate(A));
    await settled();
    expect([kurento.asked, types()]).toEqual([[], ['AttemptReleased']]);
    void table.handle(...prepare(A, 2));
    await settled();
    expect(kurento.pipelines.size).toBe(1);
    await clock.advance(61_000);
    void table.handle(release(3));
    void table.handle(...prepare(A, 1));
    await settled();
    expect(kurento.pipelines.size).toBe(2);
  });

  it('that fails for a while is repeated, and confirmed only when it succeeded', async () => {
    const { table, kurento, types, clock } = createTable();
    void table.handle(...prepare(A));
    await settled();
    kurento.failNext('release', 'timeout', true);
    void table.handle(release());
    await settled();
    expect(types()).toEqual(['LegAnswered']);
    await clock.advance(100);
    await settled();
    expect(types()).toEqual(['LegAnswered', 'AttemptReleased']);
    expect(kurento.pipelines.size).toBe(0);
  });
});

describe('a failure', () => {
  it.each(['createPipeline', 'createEndpoint', 'processOffer', 'gatherCandidates', 'connectBoth'])(
    'of %s is told once, and the pipeline is released',
    async (step) => {
      const { table, kurento, said } = createTable();
      kurento.failNext(step, '40500');
      void table.handle(...prepare(A));
      void table.handle(...prepare(B));
      void table.handle(join());
      await settled();
      expect(said.filter(({ type }) => type === 'MediaFailed')).toMatchObject([{ cause: 'setup_failed', attempt: 1 }]);
      expect([kurento.pipelines.size, table.calls]).toEqual([0, 0]);
      void table.handle(...prepare(A));
      void table.handle(release());
      await settled();
      expect(kurento.pipelines.size).toBe(0);
      expect(said.at(-1)?.type).toBe('AttemptReleased');
    },
  );

  it('of ICE is told once', async () => {
    const { table, kurento, said } = createTable();
    void table.handle(...prepare(A));
    await settled();
    const { events } = kurento.endpoint(A);
    events.failed('ice');
    expect(said).toHaveLength(1); // it rings: the party has no answer yet
    void table.handle(join());
    events.failed('ice');
    events.failed('ice');
    events.connected();
    await settled();
    expect(said.map(({ type }) => type)).toEqual(['LegAnswered', 'MediaFailed']);
    expect(kurento.pipelines.size).toBe(0);
  });

  it('of ICE after it was connected is the client’s to mend', async () => {
    const { table, kurento, said } = createTable();
    void table.handle(...prepare(A));
    void table.handle(join());
    await settled();
    const { events } = kurento.endpoint(A);
    events.connected();
    events.failed('ice');
    await settled();
    expect(said.map(({ type }) => type)).toEqual(['LegAnswered', 'LegConnected']);
    expect(kurento.pipelines.size).toBe(1);
  });

  it('of the whole media server ends every call', async () => {
    const { table, kurento, said } = createTable();
    void table.handle(...prepare(A, 1));
    void table.handle(...prepare(A, 2));
    await settled();
    kurento.pipelines.clear();
    table.lost();
    await settled();
    expect(said.slice(2)).toEqual(
      [1, 2].map((attempt) => ({ type: 'MediaFailed', cause: 'media_server_lost', attempt })),
    );
    expect(table.calls).toBe(0);
  });

  it('for want of a connection is the media server’s', async () => {
    const { table, kurento, said } = createTable();
    kurento.failNext('createPipeline', 'unreachable', true);
    void table.handle(...prepare(A));
    await settled();
    expect(said).toMatchObject([{ type: 'MediaFailed', cause: 'media_server_lost' }]);
  });
});

describe('capacity', () => {
  it('refuses what passes it, but not a second leg', async () => {
    const { table, kurento, said } = createTable({ capacity: 1 });
    void table.handle(...prepare(A, 1));
    void table.handle(...prepare(A, 2));
    void table.handle(...prepare(B, 2));
    void table.handle(...prepare(B, 1));
    await settled();
    expect(said.filter(({ type }) => type === 'MediaFailed')).toEqual([
      { type: 'MediaFailed', cause: 'no_capacity', attempt: 2 },
    ]);
    expect([kurento.pipelines.size, table.legs]).toEqual([1, 2]);
  });

  it('is none when the worker drains', async () => {
    const { table, said } = createTable();
    table.refuseNew();
    void table.handle(...prepare(A));
    await settled();
    expect(said).toMatchObject([{ type: 'MediaFailed', cause: 'no_capacity' }]);
  });
});

describe('the sweep', () => {
  it('releases a pipeline of its own without an attempt when it sees it twice', async () => {
    const { table, kurento } = createTable();
    void table.handle(...prepare(A));
    await settled();
    await kurento.createPipeline({ switchboard: 'test/w', callID: CALL, attempt: '7' });
    await table.sweep();
    expect(kurento.pipelines.size).toBe(2);
    await table.sweep();
    expect(kurento.pipelines.size).toBe(1);
    expect(table.calls).toBe(1);
  });
});
