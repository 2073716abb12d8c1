import { beforeEach, describe, expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../src/index.ts';
import { Stage } from './stage.ts';

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});

const joined = () => [...stage.world.workers.pipelines.values()].filter((pipeline) => pipeline.joined).length;

describe('a call that is answered', () => {
  test('goes through its phases, and both parties get their answers', () => {
    const callID = stage.connect();
    expect(stage.told('anna.1')).toEqual(['inviting', 'Route', 'ringing', 'Answer', 'connected']);
    expect(stage.told('ben.1')).toEqual(['Incoming', 'Route', 'connecting', 'Answer', 'connected']);
    expect(stage.lines()).toEqual(['caller', 'callee']);
    expect(joined()).toBe(1);
    expect(stage.ending(callID)).toBeUndefined();
  });

  test.each([
    ['anna.1', 'caller', 'ben.1'],
    ['ben.1', 'callee', 'anna.1'],
  ])('hung up by %s is completed, and only the other is told', (who, endedBy, other) => {
    const callID = stage.connect();
    stage.story.stop(who, callID);
    stage.world.settle();
    stage.expectOver(callID, 'completed', endedBy, 'connected');
    expect(stage.told(other).at(-1)).toBe(`ended:completed/${endedBy}/connected`);
    expect(stage.told(who).at(-1)).toBe('connected');
  });

  test.each([
    ['anna.1', 'caller'],
    ['ben.1', 'callee'],
  ])('ends as connection_lost when %s says goodbye without hanging up', (who, endedBy) => {
    const callID = stage.connect();
    stage.story.goodbye(who);
    stage.world.settle();
    stage.expectOver(callID, 'connection_lost', endedBy, 'connected');
  });

  test('ends when its longest time is over', () => {
    const callID = stage.connect();
    stage.world.advance(DEFAULT_POLICY.maxCallMs);
    stage.expectOver(callID, 'max_duration', 'system', 'connected');
  });

  test('does not join the legs before the callee accepted', () => {
    stage.ring();
    expect(stage.world.workers.pipelines.size).toBe(1);
    expect(joined()).toBe(0);
  });
});

describe('a call that is not answered', () => {
  test('to somebody offline is unreachable', () => {
    const callID = stage.story.place('anna.1', 'nobody');
    stage.world.settle();
    stage.expectOver(callID, 'unreachable', 'system', 'inviting');
    expect(stage.told('anna.1')).toEqual(['inviting', 'ended:unreachable/system/inviting']);
  });

  test('to somebody who is in a call is busy, and his call is untouched', () => {
    const first = stage.connect();
    const second = stage.story.place('cleo.1', 'ben');
    stage.world.settle();
    expect(stage.ending(second)).toEqual({ reason: 'busy', endedBy: 'system', phase: 'inviting' });
    expect(stage.ending(first)).toBeUndefined();
    expect(stage.line('cleo')).toBe('free');
  });

  test('from somebody who is in a call is refused, and his call is untouched', () => {
    const first = stage.connect();
    const second = stage.story.place('anna.1', 'cleo');
    stage.world.settle();
    expect(stage.told('anna.1').at(-1)).toBe('ended:busy/system/inviting');
    expect(stage.world.states.has(`call:${second}`)).toBe(false);
    expect(stage.ending(first)).toBeUndefined();
    expect(stage.line('cleo')).toBe('free');
  });

  test('to oneself is forbidden', () => {
    stage.story.place('anna.1', 'anna');
    stage.world.settle();
    expect(stage.told('anna.1')).toEqual(['ended:forbidden/system/inviting']);
    expect(stage.line('anna')).toBe('free');
  });

  test('that is cancelled stops ringing', () => {
    const callID = stage.ring();
    stage.story.stop('anna.1', callID);
    stage.world.settle();
    stage.expectOver(callID, 'cancelled', 'caller', 'ringing');
    expect(stage.told('ben.1').at(-1)).toBe('ended:cancelled/caller/ringing');
  });

  test('is cancelled when the caller leaves while it rings', () => {
    const callID = stage.ring();
    stage.story.goodbye('anna.1');
    stage.world.settle();
    stage.expectOver(callID, 'cancelled', 'caller', 'ringing');
    expect(stage.told('ben.1').at(-1)).toBe('ended:cancelled/caller/ringing');
  });

  test('that is declined tells the caller', () => {
    const callID = stage.ring();
    stage.story.decline('ben.1', callID);
    stage.world.settle();
    stage.expectOver(callID, 'declined', 'callee', 'ringing');
    expect(stage.told('anna.1').at(-1)).toBe('ended:declined/callee/ringing');
    expect(stage.told('ben.1').at(-1)).toBe('Incoming');
  });

  test('rings out', () => {
    const callID = stage.ring();
    stage.world.advance(DEFAULT_POLICY.ringMs);
    stage.expectOver(callID, 'no_answer', 'system', 'ringing');
    expect(stage.told('anna.1').at(-1)).toBe('ended:no_answer/system/ringing');
    expect(stage.told('ben.1').at(-1)).toBe('ended:no_answer/system/ringing');
  });

  test('becomes unreachable when the last ringing device goes', () => {
    const callID = stage.ring();
    stage.story.goodbye('ben.1');
    stage.world.settle();
    stage.expectOver(callID, 'unreachable', 'system', 'ringing');
  });

  test('ends without a worker as no_capacity', () => {
    stage.world.workers.ids = [];
    const callID = stage.story.place('anna.1', 'ben');
    stage.world.settle();
    stage.expectOver(callID, 'no_capacity', 'system', 'inviting');
    expect(stage.told('ben.1').at(-1)).toBe('ended:no_capacity/system/inviting');
  });

  test('ends as setup_failed when media cannot be set up', () => {
    stage.world.workers.media = 'fails';
    const callID = stage.ring();
    expect(stage.ending(callID)?.reason).toBe('setup_failed');
    stage.expectOver(callID, 'setup_failed', 'system', 'inviting');
  });

  test('ends as setup_failed when media is never there', () => {
    stage.world.workers.media = 'is silent';
    const callID = stage.ring();
    stage.story.accept('ben.1', callID);
    stage.world.settle();
    expect(stage.lines()).toEqual(['caller', 'callee']);
    stage.world.advance(DEFAULT_POLICY.setupMs);
    stage.expectOver(callID, 'setup_failed', 'system', 'connecting');
    expect(stage.told('anna.1').at(-1)).toBe('ended:setup_failed/system/connecting');
    expect(stage.told('ben.1').at(-1)).toBe('ended:setup_failed/system/connecting');
  });
});
