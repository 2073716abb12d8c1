import type { CallID, GatewayMessage, LegID, WorkerID } from '@switchboard/protocol';
import { beforeEach, describe, expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../src/index.ts';
import { Story } from './story.ts';
import { World } from './world.ts';

let world: World;
let story: Story;

beforeEach(() => {
  world = new World();
  story = new Story(world);
  for (const name of ['anna.1', 'ben.1', 'cleo.1']) story.attach(name);
  world.settle();
  world.told.length = 0;
});

/** What a device was told, in short. */
function told(name: string): string[] {
  return world.told.filter(({ to }) => to === name).map(({ message }) => short(message));
}
function short(message: GatewayMessage): string {
  switch (message.type) {
    case 'Progress':
      return message.phase;
    case 'Ended':
      return `ended:${message.reason}/${message.endedBy}/${message.phase}`;
    default:
      return message.type;
  }
}
const line = (name: string) => {
  const state = world.states.get(`line:${name}`);
  return state?.kind === 'line' ? (state.engaged?.kind ?? 'free') : 'offline';
};
const lines = () => [line('anna'), line('ben')];
const ending = (callID: CallID) => {
  const state = world.states.get(`call:${callID}`);
  return state?.kind === 'call' && state.phase === 'ended' ? state.ending : undefined;
};

function ring(): CallID {
  const callID = story.place('anna.1', 'ben');
  world.settle();
  story.ringing('ben.1', callID);
  world.settle();
  return callID;
}
function connect(): CallID {
  const callID = ring();
  story.accept('ben.1', callID);
  world.settle();
  return callID;
}
function expectOver(callID: CallID, reason: string, endedBy: string, phase: string) {
  expect(ending(callID)).toEqual({ reason, endedBy, phase });
  expect(lines()).not.toContain('caller');
  expect(lines()).not.toContain('callee');
  expect(lines()).not.toContain('ringing');
  expect(world.pipelines.size).toBe(0);
}

describe('a call that is answered', () => {
  test('goes through its phases, and both parties get their answers', () => {
    const callID = connect();
    expect(told('anna.1')).toEqual(['inviting', 'Route', 'ringing', 'connecting', 'Answer', 'connected']);
    expect(told('ben.1')).toEqual(['Incoming', 'Route', 'connecting', 'Answer', 'connected']);
    expect(lines()).toEqual(['caller', 'callee']);
    expect(world.joined.size).toBe(1);
    expect(ending(callID)).toBeUndefined();
  });

  test.each([
    ['anna.1', 'caller', 'ben.1'],
    ['ben.1', 'callee', 'anna.1'],
  ])('hung up by %s is completed, and only the other is told', (who, endedBy, other) => {
    const callID = connect();
    story.stop(who, callID);
    world.settle();
    expectOver(callID, 'completed', endedBy, 'connected');
    expect(told(other).at(-1)).toBe(`ended:completed/${endedBy}/connected`);
    expect(told(who).at(-1)).toBe('connected');
  });

  test.each([
    ['anna.1', 'caller'],
    ['ben.1', 'callee'],
  ])('ends as connection_lost when the socket of %s closes', (who, endedBy) => {
    const callID = connect();
    story.close(who);
    world.settle();
    expectOver(callID, 'connection_lost', endedBy, 'connected');
  });

  test('ends when its longest time is over', () => {
    const callID = connect();
    world.advance(DEFAULT_POLICY.maxCallMs);
    expectOver(callID, 'max_duration', 'system', 'connected');
  });

  test('does not join the legs before the callee accepted', () => {
    ring();
    expect(world.pipelines.size).toBe(1);
    expect(world.joined.size).toBe(0);
  });
});

describe('a call that is not answered', () => {
  test('to somebody offline is unreachable', () => {
    const callID = story.place('anna.1', 'nobody');
    world.settle();
    expectOver(callID, 'unreachable', 'system', 'inviting');
    expect(told('anna.1')).toEqual(['inviting', 'ended:unreachable/system/inviting']);
  });

  test('to somebody who is in a call is busy, and his call is untouched', () => {
    const first = connect();
    const second = story.place('cleo.1', 'ben');
    world.settle();
    expect(ending(second)).toEqual({ reason: 'busy', endedBy: 'system', phase: 'inviting' });
    expect(ending(first)).toBeUndefined();
    expect(line('cleo')).toBe('free');
  });

  test('from somebody who is in a call is refused, and his call is untouched', () => {
    const first = connect();
    const second = story.place('anna.1', 'cleo');
    world.settle();
    expect(told('anna.1').at(-1)).toBe('ended:busy/system/inviting');
    expect(world.states.has(`call:${second}`)).toBe(false);
    expect(ending(first)).toBeUndefined();
    expect(line('cleo')).toBe('free');
  });

  test('to oneself is forbidden', () => {
    story.place('anna.1', 'anna');
    world.settle();
    expect(told('anna.1')).toEqual(['ended:forbidden/system/inviting']);
    expect(line('anna')).toBe('free');
  });

  test('that is cancelled stops ringing', () => {
    const callID = ring();
    story.stop('anna.1', callID);
    world.settle();
    expectOver(callID, 'cancelled', 'caller', 'ringing');
    expect(told('ben.1').at(-1)).toBe('ended:cancelled/caller/ringing');
  });

  test('is cancelled when the caller vanishes while it rings', () => {
    const callID = ring();
    story.close('anna.1');
    world.settle();
    expectOver(callID, 'cancelled', 'caller', 'ringing');
    expect(told('ben.1').at(-1)).toBe('ended:cancelled/caller/ringing');
  });

  test('that is declined tells the caller', () => {
    const callID = ring();
    story.decline('ben.1', callID);
    world.settle();
    expectOver(callID, 'declined', 'callee', 'ringing');
    expect(told('anna.1').at(-1)).toBe('ended:declined/callee/ringing');
    expect(told('ben.1').at(-1)).toBe('Incoming');
  });

  test('rings out', () => {
    const callID = ring();
    world.advance(DEFAULT_POLICY.ringMs);
    expectOver(callID, 'no_answer', 'system', 'ringing');
    expect(told('anna.1').at(-1)).toBe('ended:no_answer/system/ringing');
    expect(told('ben.1').at(-1)).toBe('ended:no_answer/system/ringing');
  });

  test('becomes unreachable when the last ringing device goes', () => {
    const callID = ring();
    story.close('ben.1');
    world.settle();
    expectOver(callID, 'unreachable', 'system', 'ringing');
  });

  test('ends without a worker as no_capacity', () => {
    world.workers = [];
    const callID = story.place('anna.1', 'ben');
    world.settle();
    expectOver(callID, 'no_capacity', 'system', 'inviting');
    expect(told('ben.1').at(-1)).toBe('ended:no_capacity/system/inviting');
  });

  test('ends as setup_failed when media cannot be set up', () => {
    world.media = 'fails';
    const callID = ring();
    expect(ending(callID)?.reason).toBe('setup_failed');
    expectOver(callID, 'setup_failed', 'system', 'inviting');
  });

  test('ends as setup_failed when media is never there', () => {
    world.media = 'is silent';
    const callID = ring();
    story.accept('ben.1', callID);
    world.settle();
    expect(lines()).toEqual(['caller', 'callee']);
    world.advance(DEFAULT_POLICY.setupMs);
    expectOver(callID, 'setup_failed', 'system', 'connecting');
    expect(told('anna.1').at(-1)).toBe('ended:setup_failed/system/connecting');
    expect(told('ben.1').at(-1)).toBe('ended:setup_failed/system/connecting');
  });

  test('ends as media_server_lost when its worker dies', () => {
    const callID = connect();
    world.lost('w1');
    world.settle();
    expectOver(callID, 'media_server_lost', 'system', 'connected');
    expect(told('anna.1').at(-1)).toBe('ended:media_server_lost/system/connected');
    expect(told('ben.1').at(-1)).toBe('ended:media_server_lost/system/connected');
  });
});

describe('attempts', () => {
  test('a worker without room is passed over, and what it says later is released, not believed', () => {
    world.media = 'is silent';
    const callID = ring();
    const refusal = { callID, attempt: 1, workerID: 'w1' as WorkerID };
    world.send('w1', { type: 'MediaFailed', ...refusal, cause: 'no_capacity' });
    world.settle();
    expect([...world.pipelines]).toEqual([`${callID}/1`, `${callID}/2`]);
    story.accept('ben.1', callID);
    world.settle();
    const before = world.told.length;
    world.send('w1', { type: 'LegAnswered', ...refusal, legID: 'anna.1:1' as LegID });
    world.settle();
    expect(world.told.length).toBe(before);
    expect([...world.pipelines]).toEqual([`${callID}/2`]);
  });

  test('when every worker is full it ends as no_capacity', () => {
    world.media = 'is silent';
    const callID = ring();
    for (const [attempt, workerID] of [
      [1, 'w1'],
      [2, 'w2'],
    ] as [number, WorkerID][]) {
      world.send(workerID, { type: 'MediaFailed', callID, attempt, workerID, cause: 'no_capacity' });
      world.settle();
    }
    expectOver(callID, 'no_capacity', 'system', 'ringing');
  });
});

describe('many devices', () => {
  beforeEach(() => {
    story.attach('ben.2');
    world.settle();
    world.told.length = 0;
  });

  test('all ring; the first to accept gets the call and the other is told', () => {
    const callID = ring();
    story.accept('ben.2', callID);
    world.settle();
    story.accept('ben.1', callID);
    world.settle();
    expect(told('ben.2').at(-1)).toBe('connected');
    expect(new Set(told('ben.1').slice(1))).toEqual(new Set(['ended:answered_elsewhere/callee/ringing']));
  });

  test('decline on one ends it on all', () => {
    const callID = ring();
    story.decline('ben.2', callID);
    world.settle();
    expectOver(callID, 'declined', 'callee', 'ringing');
    expect(told('ben.1')).toEqual(['Incoming', 'ended:declined_elsewhere/callee/ringing']);
  });

  test('a device that accepts twice is not told that another has', () => {
    const callID = ring();
    story.accept('ben.1', callID);
    story.accept('ben.1', callID);
    world.settle();
    expect(told('ben.1').at(-1)).toBe('connected');
  });

  test('it goes on ringing on the other when one closes', () => {
    const callID = ring();
    story.close('ben.1');
    world.settle();
    expect(ending(callID)).toBeUndefined();
    story.accept('ben.2', callID);
    world.settle();
    expect(told('ben.2').at(-1)).toBe('connected');
  });

  test('a device that accepts and vanishes at once loses the call, not the line', () => {
    const callID = ring();
    story.accept('ben.1', callID);
    story.close('ben.1');
    world.settle();
    expectOver(callID, 'connection_lost', 'callee', 'connecting');
  });
});

describe('processes and time', () => {
  test('a dead gateway takes its devices, and their calls end', () => {
    const callID = connect();
    world.lost('g1');
    world.settle();
    expect(ending(callID)?.reason).toBe('connection_lost');
    expect(lines()).toEqual(['offline', 'offline']);
  });

  test('two crossing calls both end as busy', () => {
    const one = story.place('anna.1', 'ben');
    const two = story.place('ben.1', 'anna');
    world.settle();
    expect([ending(one)?.reason, ending(two)?.reason]).toEqual(['busy', 'busy']);
    expect(lines()).toEqual(['free', 'free']);
  });

  test('a late close of an older connection changes nothing', () => {
    const callID = connect();
    world.send('g1', { type: 'CloseSocket', userID: 'anna' as never, session: 'anna.1' as never, connection: 7 });
    world.settle();
    expect(ending(callID)).toBeUndefined();
  });

  test('an ended call is forgotten after its tombstone, and a Line that asks is freed', () => {
    const callID = connect();
    const stuck = world.states.get('line:ben');
    story.stop('anna.1', callID);
    world.settle();
    world.advance(DEFAULT_POLICY.tombstoneMs);
    expect(world.states.has(`call:${callID}`)).toBe(false);
    if (stuck) world.states.set('line:ben', stuck);
    world.advance(DEFAULT_POLICY.checkMs);
    expect(line('ben')).toBe('free');
  });

  test('a leg that an unknown call is told of is released', () => {
    const callID = connect();
    story.stop('anna.1', callID);
    world.settle();
    world.advance(DEFAULT_POLICY.tombstoneMs);
    world.pipelines.add(`${callID}/1`);
    world.send('w1', { type: 'LegAnswered', callID, attempt: 1, workerID: 'w1' as never, legID: 'x:1' as never });
    world.settle();
    expect(world.pipelines.size).toBe(0);
  });

  test('hang up and dial again at once is never a false busy', () => {
    const first = connect();
    story.stop('anna.1', first);
    const second = story.place('anna.1', 'cleo');
    world.settle();
    story.accept('cleo.1', second);
    world.settle();
    expect(ending(second)).toBeUndefined();
    expect(line('cleo')).toBe('callee');
  });
});
