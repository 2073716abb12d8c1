/** Its media server is gone: the call is rebuilt on another one. */
import type { CallID, WorkerID } from '@switchboard/protocol';
import { beforeEach, describe, expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../src/index.ts';
import { Stage } from './stage.ts';

const { setupMs, graceMs } = DEFAULT_POLICY;
const PARTIES = ['anna.1', 'ben.1'] as const;
const w = (id: string) => id as WorkerID;

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});

/** The worker is dead, and its media server with it. */
const dies = (worker: string): void => {
  stage.do(({ world }) => {
    world.lost(worker);
  });
};
/** The media server was restarted, and its worker says so. */
const restarts = (worker: string): void => {
  stage.do(({ world }) => {
    world.workers.lost(w(worker));
  });
};
const where = (callID: CallID) => stage.call(callID)?.phase !== 'ended' && stage.call(callID);
const expectPlaced = (callID: CallID, attempt: number, workerID: string): void => {
  expect(where(callID)).toMatchObject({ media: { kind: 'placed', attempt, workerID } });
};

describe('a call whose media server is lost', () => {
  test.each([
    ['with its worker', dies],
    ['while its worker lives', restarts],
  ])('%s is rebuilt on another: both parties make a new offer, and hear of nothing else', (_, loses) => {
    const callID = stage.connect();
    const before = PARTIES.map((name) => stage.messages(name).length);
    loses('w1');
    PARTIES.forEach((name, index) => {
      const heard = stage.messages(name).slice(before[index]);
      expect(heard.map(({ type }) => type)).toEqual(['Renegotiate', 'Route', 'Answer']);
      expect(heard).toMatchObject([{ cause: 'media_server_lost' }, { workerID: 'w2' }, { renegotiated: true }]);
    });
    stage.expectConnected(callID);
    expectPlaced(callID, 2, 'w2');
    stage.world.advance(setupMs);
    stage.expectConnected(callID);
  });

  test('of which something is left: that is released, and the call keeps it until then', () => {
    const callID = stage.connect();
    const { world } = stage;
    const failed = { callID, attempt: 1, workerID: w('w1'), cause: 'media_server_lost' } as const;
    world.send('w1', { type: 'MediaFailed', ...failed });
    world.deliver('w1>p3');
    expect(stage.call(callID)?.attempts).toEqual([
      { attempt: 1, workerID: 'w1' },
      { attempt: 2, workerID: 'w2' },
    ]);
    world.settle();
    expect(stage.call(callID)?.attempts).toEqual([{ attempt: 2, workerID: 'w2' }]);
    expect([...world.workers.pipelines.keys()]).toEqual([`${callID}/2`]);
  });

  test('whose worker never came back: it is told at the end once more', () => {
    const callID = stage.connect();
    dies('w1');
    expect(stage.call(callID)?.attempts).toHaveLength(2);
    stage.do((story) => {
      story.stop('anna.1', callID);
    });
    stage.expectOver(callID, 'completed', 'caller', 'connected');
    const released = stage.world.events.filter(({ event }) => event.type === 'AttemptReleased');
    expect(released.map(({ event }) => event)).toMatchObject([{ attempt: 2 }]);
  });

  test('again and again: only the server just lost is passed over', () => {
    const callID = stage.connect();
    for (const [attempt, worker, next] of [
      [2, 'w1', 'w2'],
      [3, 'w2', 'w1'],
      [4, 'w1', 'w2'],
      [5, 'w2', 'w1'],
      [6, 'w1', 'w2'],
    ] as const) {
      restarts(worker);
      expectPlaced(callID, attempt, next);
      stage.expectConnected(callID);
    }
  });

  test('and whose next one refuses it is rebuilt on a third; without a third it ends', () => {
    const callID = stage.connect();
    stage.world.workers.ids = ['w1', 'w2', 'w3'].map(w);
    stage.world.workers.media = 'is silent';
    const refuses = (attempt: number, worker: string) => {
      stage.do(({ world }) => {
        const workerID = w(worker);
        world.send(worker, { type: 'MediaFailed', callID, attempt, workerID, cause: 'no_capacity' });
      });
    };
    restarts('w1');
    refuses(2, 'w2');
    expectPlaced(callID, 3, 'w3');
    refuses(3, 'w3');
    stage.expectOver(callID, 'media_server_lost', 'system', 'connected');
  });

  test('and whose next one is lost too is rebuilt on a third', () => {
    const callID = stage.connect();
    stage.world.workers.ids = ['w1', 'w2', 'w3'].map(w);
    stage.world.workers.media = 'is silent';
    restarts('w1');
    expectPlaced(callID, 2, 'w2');
    stage.world.workers.media = 'answers';
    stage.world.workers.ids = ['w2', 'w3'].map(w);
    dies('w2');
    expectPlaced(callID, 3, 'w3');
    stage.expectConnected(callID);
  });
});

test('a worker that has no room for a call that it had answered has lost it', () => {
  const callID = stage.ring();
  stage.do(({ world }) => {
    const failed = { callID, attempt: 1, workerID: w('w1'), cause: 'no_capacity' } as const;
    world.send('w1', { type: 'MediaFailed', ...failed });
  });
  expect(stage.told('anna.1').slice(-2)).toEqual(['Renegotiate', 'Route']);
  stage.do((story) => {
    story.accept('ben.1', callID);
  });
  stage.expectConnected(callID);
});

describe('a call ends as media_server_lost', () => {
  test('at once where there is no other', () => {
    const callID = stage.connect();
    stage.world.workers.ids = [w('w1')];
    restarts('w1');
    stage.expectOver(callID, 'media_server_lost', 'system', 'connected');
    for (const name of PARTIES) expect(stage.told(name).at(-1)).toBe('ended:media_server_lost/system/connected');
    expect(stage.messages('anna.1').at(-1)).toMatchObject({ answered: true });
  });

  test.each([
    ['a seed client', { seed: true }],
    ['a native one that does not renegotiate', { plain: true }],
  ])('at once where a party is %s', (_, login) => {
    stage = new Stage(['anna.1', 'cleo.1']);
    stage.do((story) => {
      story.attach('ben.1', login);
    });
    const callID = stage.connect();
    dies('w1');
    stage.expectOver(callID, 'media_server_lost', 'system', 'connected');
    expect(stage.told('anna.1')).not.toContain('Renegotiate');
    expect(stage.told('ben.1')).not.toContain('Renegotiate');
  });

  test('when the new media is not there in time, also if still another is lost meanwhile', () => {
    const callID = stage.connect();
    stage.world.workers.media = 'is silent';
    restarts('w1');
    stage.world.advance(setupMs - 1_000);
    stage.world.workers.ids = ['w2', 'w3'].map(w);
    restarts('w2');
    stage.world.advance(999);
    expect(stage.phase(callID)).toBe('connected');
    stage.world.advance(1);
    stage.expectOver(callID, 'media_server_lost', 'system', 'connected');
  });

  test('when the new media cannot be set up', () => {
    const callID = stage.connect();
    stage.world.workers.media = 'fails';
    dies('w1');
    stage.expectOver(callID, 'media_server_lost', 'system', 'connected');
  });

  test('when it was still connecting', () => {
    const callID = stage.connecting();
    stage.world.advance(setupMs - 1);
    restarts('w1');
    stage.world.advance(setupMs - 1);
    expect(stage.phase(callID)).toBe('connecting');
    stage.world.advance(1);
    stage.expectOver(callID, 'media_server_lost', 'system', 'connecting');
  });
});

describe('before the talk', () => {
  test('while it rings only the caller makes a new offer, and it goes on ringing', () => {
    const callID = stage.ring();
    dies('w1');
    expect(stage.phase(callID)).toBe('ringing');
    expect(stage.told('anna.1').slice(-2)).toEqual(['Renegotiate', 'Route']);
    expect(stage.told('ben.1')).toEqual(['Incoming']);
    stage.do((story) => {
      story.accept('ben.1', callID);
    });
    stage.expectConnected(callID);
  });

  test('an offer that has no answer yet serves the next worker, also that of a seed client', () => {
    stage = new Stage(['anna.1', 'ben.1'], { seed: true });
    stage.world.workers.media = 'is silent';
    const callID = stage.ring();
    stage.world.workers.media = 'answers';
    dies('w1');
    stage.do((story) => {
      story.accept('ben.1', callID);
    });
    stage.expectConnected(callID);
  });

  test('a seed client whose answer lies ready cannot be moved: the call ends at once', () => {
    stage = new Stage(['anna.1', 'ben.1'], { seed: true });
    const callID = stage.ring();
    dies('w1');
    stage.expectOver(callID, 'media_server_lost', 'system', 'ringing');
    expect(stage.messages('anna.1').at(-1)).toMatchObject({ type: 'Ended', answered: false });
  });
});

describe('a party that is away when the media server is lost', () => {
  test('is asked when it is back', () => {
    const callID = stage.connect();
    stage.do((story) => {
      story.close('ben.1');
    });
    dies('w1');
    expect(stage.phase(callID)).toBe('connected');
    stage.do((story) => {
      story.attach('ben.1', { gateway: 'g3' });
    });
    expect(stage.messages('ben.1').findLast(({ type }) => type === 'Renegotiate')).toMatchObject({
      cause: 'media_server_lost',
    });
    stage.expectConnected(callID);
  });

  test('has its grace time, and then the time to set up', () => {
    const callID = stage.connect();
    stage.do((story) => {
      story.close('ben.1');
    });
    restarts('w1');
    stage.world.workers.media = 'is silent';
    stage.world.advance(graceMs - 1);
    stage.do((story) => {
      story.attach('ben.1', { gateway: 'g3' });
    });
    stage.world.advance(setupMs - 1);
    expect(stage.phase(callID)).toBe('connected');
    stage.world.advance(1);
    stage.expectOver(callID, 'media_server_lost', 'system', 'connected');
  });

  test('and does not come back has lost the connection', () => {
    const callID = stage.connect();
    stage.do((story) => {
      story.close('ben.1');
    });
    dies('w1');
    stage.world.advance(graceMs);
    stage.expectOver(callID, 'connection_lost', 'callee', 'connected');
  });

  test('has them also when its socket breaks during the rebuild', () => {
    const callID = stage.connect();
    stage.world.workers.media = 'is silent';
    restarts('w1');
    stage.do((story) => {
      story.close('anna.1');
    });
    stage.world.advance(graceMs - 1);
    stage.world.workers.media = 'answers';
    stage.do((story) => {
      story.attach('anna.1', { gateway: 'g3', fresh: true });
    });
    stage.do((story) => {
      story.renegotiate('ben.1', callID);
    });
    stage.expectConnected(callID);
  });
});
