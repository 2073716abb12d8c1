import type { WorkerID } from '@switchboard/protocol';
import { beforeEach, expect, test } from 'vitest';
import { Placement, type SeenWorker } from '../src/placement.ts';

let workers: SeenWorker[];
let placement: Placement;
beforeEach(() => {
  workers = [];
  placement = new Placement(() => workers);
});

function beat(id: string, counter: number, info: object = {}): void {
  const json = JSON.stringify({ workerID: id, state: 'serving', calls: 0, capacity: 100, ...info });
  workers = [...workers.filter((worker) => worker.id !== id), { id, counter, info: json }];
}
const choose = (times: number) => Array.from({ length: times }, () => placement.choose([]));

test('the worker with the fewest calls gets the next', () => {
  beat('w1', 5, { calls: 3 });
  beat('w2', 9, { calls: 2 });
  expect(placement.choose([])).toBe('w2');
});

test('a burst between two beats is spread evenly', () => {
  beat('w1', 5);
  beat('w2', 9);
  const chosen = choose(100);
  expect(chosen.filter((id) => id === 'w1')).toHaveLength(50);
});

test('what a worker reports itself is not counted twice', () => {
  beat('w1', 5);
  beat('w2', 5);
  choose(10);
  beat('w1', 7, { calls: 5 });
  beat('w2', 7, { calls: 8 });
  expect(choose(3)).toEqual(['w1', 'w1', 'w1']);
});

test('a worker that started again is counted anew', () => {
  beat('w1', 500);
  beat('w2', 500, { calls: 4 });
  choose(4);
  beat('w1', 1);
  expect(placement.choose([])).toBe('w1');
});

test.each([
  ['joining', { state: 'joining' }],
  ['draining', { state: 'draining' }],
  ['full', { calls: 100 }],
])('a worker that is %s gets nothing', (_, info) => {
  beat('w1', 5, info);
  expect(placement.choose([])).toBeUndefined();
});

test('a worker that refused, or says what nobody understands, gets nothing', () => {
  beat('w1', 5);
  workers.push({ id: 'w2', counter: 1, info: 'no JSON' });
  expect(placement.choose(['w1' as WorkerID])).toBeUndefined();
});

test('capacity counts what was placed and not yet reported', () => {
  beat('w1', 5, { capacity: 3 });
  expect(choose(4)).toEqual(['w1', 'w1', 'w1', undefined]);
});
