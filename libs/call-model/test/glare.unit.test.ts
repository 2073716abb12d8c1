import { beforeEach, describe, expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../src/index.ts';
import { Stage } from './stage.ts';

let stage: Stage;
beforeEach(() => {
  stage = new Stage(['anna.1', 'ben.1', 'ben.2', 'cleo.1']);
});

describe('two who call each other', () => {
  test.each([
    ['anna.1', 'ben.1', 1, 2],
    ['ben.1', 'anna.1', 2, 1],
  ])('are connected in the lower call, that of %s', (winner, loser, annas, bens) => {
    const first = stage.story.place('anna.1', 'ben', { index: annas });
    const second = stage.story.place('ben.1', 'anna', { index: bens });
    stage.world.settle();
    const [won, lost] = annas < bens ? [first, second] : [second, first];
    stage.expectConnected(won);
    expect(stage.ending(lost)).toEqual({ reason: 'superseded', endedBy: 'system', phase: 'inviting' });
    expect(stage.call(lost)).toMatchObject({ winner: won });
    expect(stage.messages(loser)).toContainEqual(
      expect.objectContaining({ type: 'Merged', callID: lost, into: won, peer: winner.split('.')[0] }),
    );
    for (const name of [winner, loser]) {
      expect(stage.story.calls(name)).toEqual([won]);
      expect(stage.told(name).filter((told) => told.startsWith('ended'))).toEqual([]);
    }
    expect(stage.told('ben.2')).toEqual([]);
  });

  test('with a device that has lost its socket just then: it resumes in the winner', () => {
    const lost = stage.story.place('ben.1', 'anna', { index: 2 });
    stage.world.deliver('g1>p2');
    stage.story.close('ben.1');
    stage.world.deliver('g1>p2');
    const won = stage.story.place('anna.1', 'ben', { index: 1 });
    stage.world.deliver('g1>p3');
    stage.world.settle();
    expect(stage.story.calls('ben.1')).toEqual([lost]);
    stage.do((story) => {
      story.attach('ben.1', { gateway: 'g3' });
    });
    expect(stage.story.calls('ben.1')).toEqual([won]);
    stage.expectConnected(won);
  });

  test('who stops the call that he placed stops the one that it became', () => {
    const won = stage.story.place('anna.1', 'ben', { index: 1 });
    const lost = stage.story.place('ben.1', 'anna', { index: 2 });
    for (const link of ['g1>p2', 'g1>p3', 'p3>p2']) stage.world.deliver(link);
    stage.do((story) => {
      story.stop('ben.1', lost);
    });
    expect(stage.ending(won)?.endedBy).toBe('callee');
    expect(stage.lines()).toEqual(['free', 'free']);
  });

  test('each may ask again, and is in the one call', () => {
    const won = stage.story.place('anna.1', 'ben', { index: 1, requestID: 'a' });
    stage.story.place('ben.1', 'anna', { index: 2, requestID: 'b' });
    stage.world.settle();
    for (const [name, peer, requestID] of [
      ['anna.1', 'ben', 'a'],
      ['ben.1', 'anna', 'b'],
    ] as const) {
      stage.do((story) => story.place(name, peer, { requestID }));
      expect(stage.messages(name).findLast(({ type }) => type === 'Merged')).toMatchObject({ into: won, peer });
      expect(stage.story.calls(name)).toEqual([won]);
    }
    stage.expectConnected(won);
  });
});

describe('who says no, and calls at once himself', () => {
  /** The end of the first call and the ring of the second come to Anna's partition in one batch. */
  const declinesAndCalls = () => {
    const first = stage.ring();
    stage.story.decline('ben.1', first);
    const second = stage.story.place('ben.1', 'anna');
    for (const link of ['g1>p2', 'g1>p2']) stage.world.deliver(link);
    stage.world.deliverTogether(['p2>p3', 'p2>p3']);
    return second;
  };

  test('rings at the other, whose own call is over only after that', () => {
    const second = declinesAndCalls();
    stage.world.settle();
    expect(stage.told('anna.1').slice(-2)).toEqual(['ended:declined/callee/ringing', 'Incoming']);
    stage.do((story) => {
      story.accept('anna.1', second);
    });
    stage.expectConnected(second);
  });

  test('and gives up: nothing is left of it', () => {
    const first = stage.ring();
    stage.story.decline('ben.1', first);
    const second = stage.story.place('ben.1', 'anna');
    stage.story.stop('ben.1', second);
    for (const link of ['g1>p2', 'g1>p2', 'g1>p2']) stage.world.deliver(link);
    stage.world.deliverTogether(['p2>p3', 'p2>p3', 'p2>p3']);
    stage.world.settle();
    stage.expectOver(second, 'cancelled', 'caller', 'inviting');
  });
});

describe('calling back the one who rings here', () => {
  test('accepts his call, on the device that calls back', () => {
    const callID = stage.ring();
    stage.do((story) => story.place('ben.2', 'anna'));
    stage.expectConnected(callID);
    expect(stage.story.calls('ben.2')).toEqual([callID]);
    expect(stage.told('ben.1')).toEqual(['Incoming', 'ended:answered_elsewhere/callee/ringing']);
  });

  test('while another device accepts: one of them has the call, and only the other is told that', () => {
    const callID = stage.ring();
    stage.story.accept('ben.1', callID);
    stage.world.deliver('g1>p3');
    stage.do((story) => story.place('ben.2', 'anna'));
    stage.expectConnected(callID);
    expect(stage.story.calls('ben.1')).toEqual([callID]);
    expect(stage.story.calls('ben.2')).toEqual([]);
    expect(stage.told('ben.1').filter((told) => told.startsWith('ended'))).toEqual([]);
  });

  test('is remembered as that request', () => {
    const callID = stage.ring();
    stage.do((story) => story.place('ben.1', 'anna', { requestID: 'r' }));
    stage.do((story) => story.place('ben.1', 'anna', { requestID: 'r' }));
    stage.expectConnected(callID);
  });
});

describe('a repeated request', () => {
  const again = (requestID = 'r') => {
    const callID = stage.story.place('anna.1', 'ben', { requestID });
    stage.world.settle();
    return callID;
  };

  test('is the call that rings already', () => {
    const callID = again();
    const repeated = again();
    expect(stage.call(repeated)).toBeUndefined();
    expect(stage.messages('anna.1').findLast(({ type }) => type === 'Merged')).toMatchObject({ into: callID });
    expect(stage.told('anna.1').at(-1)).toBe('Snapshot');
    expect(stage.told('ben.1')).toEqual(['Incoming']);
    stage.do((story) => {
      story.stop('anna.1', repeated);
    });
    expect(stage.ending(callID)?.reason).toBe('cancelled');
  });

  test('hears within 60 s after the end how that call ended, then is a new call', () => {
    const callID = again();
    stage.do((story) => {
      story.decline('ben.1', callID);
    });
    stage.world.advance(DEFAULT_POLICY.tombstoneMs - 1);
    expect(stage.call(again())).toBeUndefined();
    expect(stage.told('anna.1').at(-1)).toBe('ended:declined/callee/inviting');
    stage.world.advance(1);
    expect(stage.phase(again())).toBe('inviting');
  });

  test('that overtakes the stop of its call hears the end all the same', () => {
    const callID = stage.ring();
    stage.do((story) => story.place('ben.1', 'anna', { requestID: 'r' }));
    stage.story.stop('ben.1', callID);
    const repeated = stage.story.place('ben.1', 'anna', { requestID: 'r' });
    for (const link of ['g1>p2', 'g1>p2', 'p2>g1', 'g1>p3']) stage.world.deliver(link);
    expect(stage.told('ben.1').at(-1)).toBe('Merged');
    stage.world.settle();
    expect(stage.told('ben.1').slice(-2)).toEqual(['Snapshot', 'ended:completed/callee/connected']);
    expect(stage.call(repeated)).toBeUndefined();
    expect(stage.story.calls('ben.1')).toEqual([]);
  });

  test('with another ID while a call is alive is busy', () => {
    const callID = again();
    again('other');
    expect(stage.told('anna.1').at(-1)).toBe('ended:busy/system/inviting');
    expect(stage.phase(callID)).toBe('inviting');
  });
});
