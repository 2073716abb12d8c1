/** What a worker leaves to its heir, what that finds and says; and when a message need not be read by it. */
import type { CallID } from '@switchboard/protocol';
import { describe, expect, it } from 'vitest';
import { FakeKurento } from './fake-kurento.ts';
import {
  A,
  B,
  CALL,
  candidate,
  createTable,
  found,
  join,
  prepare,
  reconcile,
  release,
  settled,
  talking,
} from './table-fixture.ts';

describe('a restart', () => {
  it('takes over what was left, says again what may not have been heard, and can release it', async () => {
    const { table: old, kurento } = createTable();
    void old.handle(...prepare(A));
    await settled();
    const { table, said, types } = createTable({}, kurento);
    await table.adopt();
    expect(table.calls).toBe(1);
    expect(said).toMatchObject([
      { type: 'LegAnswered', legID: A, blobs: { [`answer:${A}`]: expect.stringContaining('answer again') } },
    ]);
    void table.handle(...prepare(A));
    void table.handle(...prepare(B));
    void table.handle(join());
    await settled();
    expect(kurento.connected).toHaveLength(1);
    expect(kurento.pipelines.size).toBe(1);
    void table.handle(release());
    await settled();
    expect([kurento.pipelines.size, types().at(-1)]).toEqual([0, 'AttemptReleased']);
  });

  it('releases a pipeline of its own that nobody can read, and leaves those of others alone', async () => {
    const kurento = new FakeKurento();
    await kurento.createPipeline({ switchboard: 'test/w', callID: 'nonsense' });
    await kurento.createPipeline({ switchboard: 'test/other', callID: CALL, attempt: '1' });
    await kurento.createPipeline({});
    const { table } = createTable({}, kurento);
    await table.adopt();
    expect([kurento.pipelines.size, table.calls]).toEqual([2, 0]);
  });

  it('makes a leg anew whose offer was never applied', async () => {
    const held = new FakeKurento(true);
    const { table: old } = createTable({}, held);
    void old.handle(...prepare(A));
    held.settle(0);
    await settled();
    held.settle(0);
    await settled();
    held.held = false;
    held.pending.length = 0;
    const { table, types } = createTable({}, held);
    await table.adopt();
    expect(types()).toEqual([]);
    void table.handle(...prepare(A));
    await settled();
    expect(types()).toEqual(['LegAnswered']);
  });
});

describe('what an heir finds', () => {
  /** Dies with what is there, and comes again. */
  async function inherit(kurento: FakeKurento) {
    const made = createTable({}, kurento);
    await made.table.adopt();
    await settled();
    return made;
  }

  it('is an empty pipeline: it is given up once the backlog brought no leg for it', async () => {
    const kurento = new FakeKurento();
    for (const attempt of ['1', '2']) await kurento.createPipeline({ switchboard: 'test/w', callID: CALL, attempt });
    const { table, said } = await inherit(kurento);
    expect(said).toEqual([]);
    void table.handle(...prepare(A, 1));
    table.endEmpty();
    await settled();
    expect(said.filter(({ type }) => type === 'MediaFailed')).toEqual([
      { type: 'MediaFailed', cause: 'media_server_lost', attempt: 2 },
    ]);
    expect([...kurento.pipelines.values()].map(({ tags }) => tags['attempt'])).toEqual(['1']);
  });

  it('are candidates that it was never told of, and a leg that came up meanwhile', async () => {
    const { table: old, kurento } = createTable();
    void old.handle(...prepare(A));
    void old.handle(...prepare(B));
    void old.handle(join());
    await settled();
    kurento.endpoint(A).found.push('candidate:1 one', 'candidate:2 two');
    kurento.endpoint(B).up = true;
    const { said, candidates } = await inherit(kurento);
    expect(candidates.map(({ legID, candidate: text }) => [legID, text])).toEqual([
      [A, 'candidate:1 one'],
      [A, 'candidate:2 two'],
    ]);
    expect(said.map((one) => ('legID' in one ? [one.type, one.legID] : [one.type]))).toEqual([
      ['LegAnswered', A],
      ['LegAnswered', B],
      ['LegConnected', B],
    ]);
    expect(kurento.connected).toHaveLength(1);
  });
});

describe('a connection to the media server that was away for a moment', () => {
  it('has its legs asked for what they could not tell, and nothing is said twice', async () => {
    const { table, kurento, types, candidates } = createTable();
    void table.handle(...prepare(A));
    void table.handle(...prepare(B));
    void table.handle(join());
    await settled();
    kurento.endpoint(A).events.candidate(found('candidate:1 told'));
    kurento.endpoint(A).found.push('candidate:1 told', 'candidate:2 missed');
    kurento.endpoint(B).up = true;
    for (const round of [1, 2]) {
      await table.catchUp();
      expect(types(), String(round)).toEqual(['LegAnswered', 'LegAnswered', 'LegConnected']);
      expect(candidates.map((one) => one.candidate)).toEqual(['candidate:1 told', 'candidate:2 missed']);
    }
  });
});

describe('Reconcile', () => {
  it('has said again, with the answers, what there is of the calls of that partition', async () => {
    const { table, kurento, said } = await talking();
    const other = CALL.replace('3-', '4-') as CallID;
    void table.handle(...prepare(A, 1, other));
    await settled();
    said.length = 0;
    await table.handle(reconcile(3));
    const answered = expect.stringContaining('answer again') as unknown;
    expect(said).toEqual([
      { type: 'LegAnswered', attempt: 1, legID: A, blobs: { [`answer:${A}`]: answered } },
      { type: 'LegConnected', attempt: 1, legID: A },
      { type: 'LegAnswered', attempt: 1, legID: B, blobs: { [`answer:${B}`]: answered } },
      { type: 'LegConnected', attempt: 1, legID: B },
    ]);
    said.length = 0;
    await table.handle(reconcile(5));
    expect(said).toEqual([]);
    void table.handle(release());
    await settled();
    said.length = 0;
    await table.handle(reconcile(3));
    expect([said, kurento.pipelines.size]).toEqual([[], 1]);
  });
});

describe('a message is done', () => {
  /** Becomes true when the table is done with it. */
  function watch(work: Promise<void>) {
    const watched = { done: false };
    void work.then(() => (watched.done = true));
    return watched;
  }

  it('when the Call knows of a failure, and not before', async () => {
    let hear = () => undefined as void;
    const heard = new Promise<void>((resolve) => (hear = resolve));
    const { table, kurento } = createTable({}, new FakeKurento(), () => heard);
    kurento.failNext('processOffer');
    const watched = watch(table.handle(...prepare(A)));
    await settled();
    expect([kurento.pipelines.size, watched.done]).toEqual([0, false]);
    hear();
    await settled();
    expect(watched.done).toBe(true);
  });

  it('at the latest when its attempt is over, or its time: no candidate waits for ever', async () => {
    const { table, kurento, clock } = createTable({}, new FakeKurento(true));
    const early = watch(table.handle(candidate(B)));
    void table.handle(...prepare(A));
    const late = watch(table.handle(candidate(A)));
    await settled();
    expect([early.done, late.done]).toEqual([false, false]);
    void table.handle(release());
    await settled();
    expect([early.done, late.done]).toEqual([false, true]);
    kurento.held = false;
    await clock.advance(11_000);
    void table.handle(...prepare(A, 2));
    await settled();
    expect(early.done).toBe(true);
  });
});
