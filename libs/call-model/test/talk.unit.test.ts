import { beforeEach, describe, expect, test } from 'vitest';
import { Stage } from './stage.ts';

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});
const muted = { audio: false, video: true, screen: false };

describe('what a party shows', () => {
  test('is told to the other once, and is in its snapshot', () => {
    const callID = stage.connect();
    for (const times of [1, 2]) {
      stage.do((story) => {
        story.show('ben.1', callID, muted);
      });
      expect(times && stage.messages('anna.1').filter(({ type }) => type === 'PeerMedia')).toMatchObject([muted]);
    }
    stage.comesBack('anna.1');
    expect(stage.messages('anna.1').at(-1)).toMatchObject({ type: 'Snapshot', peerShown: muted });
  });

  test('while it rings is told to the callee when he accepts', () => {
    const callID = stage.ring();
    stage.do((story) => {
      story.show('anna.1', callID, muted);
    });
    stage.do((story) => {
      story.accept('ben.1', callID);
    });
    expect(stage.messages('ben.1')).toContainEqual(expect.objectContaining({ type: 'PeerMedia', ...muted }));
    stage.expectConnected(callID);
  });
});

describe('a new leg, asked for by the client itself', () => {
  test.each(['anna.1', 'ben.1'])('of %s replaces his old one', (name) => {
    const callID = stage.connect();
    stage.do((story) => {
      story.renegotiate(name, callID);
    });
    expect(stage.told(name).slice(-2).sort()).toEqual(['Answer', 'Route']);
    stage.expectConnected(callID);
  });

  test('twice at once: the last counts', () => {
    const callID = stage.connect();
    stage.do((story) => {
      story.renegotiate('anna.1', callID);
      story.renegotiate('anna.1', callID);
    });
    expect(stage.call(callID)).toMatchObject({ caller: { offers: 3, leg: 'connected' } });
    stage.expectConnected(callID);
  });

  test('of the caller before the accept', () => {
    const callID = stage.ring();
    stage.do((story) => {
      story.renegotiate('anna.1', callID);
    });
    expect(stage.told('anna.1')).not.toContain('Answer');
    stage.do((story) => {
      story.accept('ben.1', callID);
    });
    stage.expectConnected(callID);
  });

  test('of a device that is not in the call is refused, of a call that is over too', () => {
    const callID = stage.connect();
    stage.do((story) => {
      story.stop('anna.1', callID);
    });
    stage.do((story) => {
      story.renegotiate('ben.1', callID);
    });
    expect(stage.told('ben.1').at(-1)).toBe('ended:completed/caller/connected');
    expect(stage.told('ben.1').filter((told) => told.startsWith('ended')).length).toBe(1);
  });
});
