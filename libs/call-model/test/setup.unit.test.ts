/** How long media may take, and what a party that was away goes on with. */
import { beforeEach, describe, expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../src/index.ts';
import { Stage } from './stage.ts';

const { setupMs, graceMs } = DEFAULT_POLICY;

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});

describe('a party that is away while its call connects', () => {
  test.each(['anna.1', 'ben.1'])('%s has its grace time, and then the time to set up', (name) => {
    const callID = stage.connecting();
    stage.do((story) => {
      story.close(name);
    });
    stage.world.advance(graceMs - 1);
    expect(stage.phase(callID)).toBe('connecting');
    stage.do((story) => {
      story.attach(name, { gateway: 'g3' });
    });
    stage.world.advance(setupMs - 1);
    expect(stage.phase(callID)).toBe('connecting');
    stage.world.advance(1);
    stage.expectOver(callID, 'setup_failed', 'system', 'connecting');
  });

  test('the caller who was away when he was answered, too', () => {
    stage.world.workers.media = 'is silent';
    const callID = stage.ring();
    stage.do((story) => {
      story.close('anna.1');
    });
    stage.do((story) => {
      story.accept('ben.1', callID);
    });
    stage.world.advance(setupMs + 1);
    expect(stage.phase(callID)).toBe('connecting');
  });

  test('and does not come back has lost the connection', () => {
    const callID = stage.connecting();
    stage.do((story) => {
      story.close('anna.1');
    });
    stage.world.advance(graceMs);
    stage.expectOver(callID, 'connection_lost', 'caller', 'connecting');
  });
});

test('whoever comes back hears what he himself sent, and for how long the call has been connected', () => {
  const callID = stage.connect();
  const muted = { audio: false, video: true, screen: false };
  stage.do((story) => {
    story.show('ben.1', callID, muted);
  });
  stage.world.advance(5_000);
  stage.comesBack('ben.1', { fresh: true });
  const snapshot = stage.messages('ben.1').findLast(({ type }) => type === 'Snapshot');
  expect(snapshot).toMatchObject({ ownShown: muted, connectedMs: 5_000 });
  expect(stage.messages('ben.1').at(-1)).toMatchObject({ type: 'Answer' });
});
