import type { LegID, WorkerID } from '@switchboard/protocol';
import { beforeEach, describe, expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../src/index.ts';
import { Stage } from './stage.ts';

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});

describe('attempts', () => {
  test('a worker without room is passed over, and what it says later is released, not believed', () => {
    stage.world.workers.media = 'is silent';
    const callID = stage.ring();
    const refusal = { callID, attempt: 1, workerID: 'w1' as WorkerID };
    stage.world.send('w1', { type: 'MediaFailed', ...refusal, cause: 'no_capacity' });
    stage.world.settle();
    expect([...stage.world.workers.pipelines.keys()]).toEqual([`${callID}/2`]);
    expect(stage.call(callID)?.attempts).toEqual([{ attempt: 2, workerID: 'w2' }]);
    stage.story.accept('ben.1', callID);
    stage.world.settle();
    const before = stage.world.told.length;
    stage.world.send('w1', { type: 'LegAnswered', ...refusal, legID: 'anna.1:1' as LegID });
    stage.world.settle();
    expect(stage.world.told.length).toBe(before);
    expect([...stage.world.workers.pipelines.keys()]).toEqual([`${callID}/2`]);
  });

  test('when every worker is full it ends as no_capacity', () => {
    stage.world.workers.media = 'is silent';
    const callID = stage.ring();
    for (const [attempt, workerID] of [
      [1, 'w1'],
      [2, 'w2'],
    ] as [number, WorkerID][]) {
      stage.world.send(workerID, { type: 'MediaFailed', callID, attempt, workerID, cause: 'no_capacity' });
      stage.world.settle();
    }
    stage.expectOver(callID, 'no_capacity', 'system', 'ringing');
  });
});

describe('many devices', () => {
  beforeEach(() => {
    stage = new Stage(['anna.1', 'ben.1', 'ben.2', 'cleo.1']);
  });

  test('all ring; the first to accept gets the call and the other is told', () => {
    const callID = stage.ring();
    stage.story.accept('ben.2', callID);
    stage.world.settle();
    stage.story.accept('ben.1', callID);
    stage.world.settle();
    expect(stage.told('ben.2').at(-1)).toBe('connected');
    expect(new Set(stage.told('ben.1').slice(1))).toEqual(new Set(['ended:answered_elsewhere/callee/ringing']));
  });

  test('a device that logs in while it rings begins to ring, and may accept', () => {
    const callID = stage.ring();
    stage.story.attach('ben.3');
    stage.world.settle();
    expect(stage.told('ben.3')).toEqual(['Attached', 'Incoming']);
    stage.story.accept('ben.3', callID);
    stage.world.settle();
    expect(stage.told('ben.3').at(-1)).toBe('connected');
    for (const name of ['ben.1', 'ben.2']) {
      expect(stage.told(name)).toEqual(['Incoming', 'ended:answered_elsewhere/callee/ringing']);
    }
  });

  test('decline on one ends it on all', () => {
    const callID = stage.ring();
    stage.story.decline('ben.2', callID);
    stage.world.settle();
    stage.expectOver(callID, 'declined', 'callee', 'ringing');
    expect(stage.told('ben.1')).toEqual(['Incoming', 'ended:declined_elsewhere/callee/ringing']);
  });

  test('a device that accepts twice is not told that another has', () => {
    const callID = stage.ring();
    stage.story.accept('ben.1', callID);
    stage.story.accept('ben.1', callID);
    stage.world.settle();
    expect(stage.told('ben.1').at(-1)).toBe('connected');
  });

  test('it goes on ringing on the other when one closes', () => {
    const callID = stage.ring();
    stage.story.goodbye('ben.1');
    stage.world.settle();
    expect(stage.ending(callID)).toBeUndefined();
    stage.story.accept('ben.2', callID);
    stage.world.settle();
    expect(stage.told('ben.2').at(-1)).toBe('connected');
  });

  test('a device that accepts and vanishes at once loses the call, not the line', () => {
    const callID = stage.ring();
    stage.story.accept('ben.1', callID);
    stage.story.goodbye('ben.1');
    stage.world.settle();
    stage.expectOver(callID, 'connection_lost', 'callee', 'connecting');
  });
});

describe('processes and time', () => {
  test('an ended call is forgotten after its tombstone, and a Line that asks is freed', () => {
    const callID = stage.connect();
    const stuck = stage.world.states.get('line:ben');
    stage.story.stop('anna.1', callID);
    stage.world.settle();
    stage.world.advance(DEFAULT_POLICY.tombstoneMs);
    expect(stage.world.states.has(`call:${callID}`)).toBe(false);
    if (stuck) stage.world.states.set('line:ben', stuck);
    stage.world.advance(DEFAULT_POLICY.checkMs);
    expect(stage.line('ben')).toBe('free');
  });

  test('a leg that an unknown call is told of is released', () => {
    const callID = stage.connect();
    stage.story.stop('anna.1', callID);
    stage.world.settle();
    stage.world.advance(DEFAULT_POLICY.tombstoneMs);
    const lost = { callID, attempt: 1, workerID: 'w1' as WorkerID };
    stage.world.workers.pipelines.set(`${callID}/1`, { ...lost, legs: {}, connected: [], joined: true });
    stage.world.send('w1', { type: 'LegAnswered', ...lost, legID: 'x:1' as LegID });
    stage.world.settle();
    expect(stage.world.workers.pipelines.size).toBe(0);
  });

  test('hang up and dial again at once is never a false busy', () => {
    const first = stage.connect();
    stage.story.stop('anna.1', first);
    const second = stage.story.place('anna.1', 'cleo');
    stage.world.settle();
    stage.story.accept('cleo.1', second);
    stage.world.settle();
    expect(stage.ending(second)).toBeUndefined();
    expect(stage.line('cleo')).toBe('callee');
  });
});
