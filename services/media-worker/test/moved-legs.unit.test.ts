import { describe, expect, it } from 'vitest';
import { A, A2, B, createTable, found, move, prepare, release, settled } from './table-fixture.ts';

describe('a leg whose party has a new socket', () => {
  it('has its candidates sent there: those that were found, and those that come', async () => {
    const { table, kurento, candidates } = createTable();
    void table.handle(...prepare(A));
    await settled();
    const { events } = kurento.endpoint(A);
    for (const text of ['one', 'two']) events.candidate(found(text));
    candidates.length = 0;
    void table.handle(move(A, 'gw-new'));
    events.candidate(found('three'));
    expect(candidates).toEqual(
      ['one', 'two', 'three'].map((text) => ({ gateway: 'gw-new', legID: A, candidate: text })),
    );
  });

  it('gets none again once it is connected, and later ones still', async () => {
    const { table, kurento, candidates } = createTable();
    void table.handle(...prepare(A));
    await settled();
    const { events } = kurento.endpoint(A);
    events.candidate(found('one'));
    events.connected();
    candidates.length = 0;
    void table.handle(move(A, 'gw-new'));
    expect(candidates).toEqual([]);
    events.candidate(found('two'));
    expect(candidates).toEqual([{ gateway: 'gw-new', legID: A, candidate: 'two' }]);
  });

  it('keeps no more than 64 of them', async () => {
    const { table, kurento, candidates } = createTable();
    void table.handle(...prepare(A));
    await settled();
    for (let i = 0; i < 100; i += 1) kurento.endpoint(A).events.candidate(found(`c${String(i)}`));
    candidates.length = 0;
    void table.handle(move(A, 'gw-new'));
    expect(candidates).toHaveLength(64);
  });

  it('is not one that is unknown, was replaced, or whose attempt ended', async () => {
    const { table, kurento, candidates } = createTable();
    void table.handle(move(A, 'gw-new'));
    void table.handle(...prepare(A));
    await settled();
    kurento.endpoint(A).events.candidate(found('one'));
    void table.handle(...prepare(A2));
    await settled();
    kurento.endpoint(A2).events.candidate(found('two'));
    candidates.length = 0;
    void table.handle(move(B, 'gw-new'));
    void table.handle(move(A, 'gw-new'));
    void table.handle(release());
    void table.handle(move(A2, 'gw-new'));
    expect(candidates).toEqual([]);
  });
});
