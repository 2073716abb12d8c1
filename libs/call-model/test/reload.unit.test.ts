/** No connection is left in the client: its leg is void, and made anew before it is used. */
import type { CallID } from '@switchboard/protocol';
import { beforeEach, describe, expect, test } from 'vitest';
import { Stage } from './stage.ts';

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});
const accept = (callID: CallID) => {
  stage.do((story) => {
    story.accept('ben.1', callID);
  });
};

describe('a reload', () => {
  test('of the caller while it rings: a new offer, then the answer to that one', () => {
    const callID = stage.ring();
    stage.comesBack('anna.1', { fresh: true });
    expect(stage.told('anna.1').slice(-3)).toEqual(['Snapshot', 'Renegotiate', 'Route']);
    expect(stage.story.calls('anna.1')).toEqual([callID]);
    accept(callID);
    stage.expectConnected(callID);
  });

  test.each(['anna.1', 'ben.1'])('of %s while it connects', (name) => {
    const callID = stage.connecting();
    stage.world.workers.media = 'answers';
    stage.comesBack(name, { fresh: true });
    const party = stage.call(callID);
    expect(party).toMatchObject({ [name === 'anna.1' ? 'caller' : 'callee']: { offers: 2 } });
    expect(stage.messages(name).findLast(({ type }) => type === 'Answer')).toMatchObject({ renegotiated: true });
  });

  test('of the callee while it rings: he accepts with his first offer', () => {
    const callID = stage.ring();
    stage.comesBack('ben.1', { fresh: true });
    accept(callID);
    expect(stage.told('ben.1')).not.toContain('Renegotiate');
    stage.expectConnected(callID);
  });

  test('of the callee who had just accepted, in every order', () => {
    for (const first of ['g1>p3', 'g3>p2']) {
      stage = new Stage();
      const callID = stage.ring();
      stage.story.accept('ben.1', callID);
      stage.story.close('ben.1');
      stage.story.attach('ben.1', { gateway: 'g3', fresh: true });
      stage.world.deliver(first);
      stage.world.settle();
      stage.expectConnected(callID);
    }
  });

  test.each([
    ['anna.1', 'ben.1'],
    ['ben.1', 'anna.1'],
  ])('of %s in the talk leaves the leg of %s as it is', (name, peer) => {
    const callID = stage.connect();
    const before = stage.told(peer).length;
    stage.comesBack(name, { fresh: true });
    expect(stage.told(peer).slice(before)).toEqual(['reconnecting', 'reconnected']);
    stage.expectConnected(callID);
  });
});
