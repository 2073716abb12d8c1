import { beforeEach, describe, expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../src/index.ts';
import { Stage } from './stage.ts';
import type { Story } from './story.ts';

let stage: Stage;
const seen = (gateway = 'g9') =>
  stage.world.presence.filter((each) => each.gateway === gateway && each.userID === 'ben').map(({ state }) => state);
const act = (move: (story: Story) => unknown) => {
  stage.do(move);
};

describe('who watches a user', () => {
  beforeEach(() => {
    stage = new Stage(['anna.1', 'ben.1', 'ben.2']);
    act((story) => {
      story.watch('g9', 'ben');
    });
  });

  test('is told at once, and again when he asks again', () => {
    act((story) => {
      story.watch('g9', 'ben');
    });
    expect(seen()).toEqual(['online', 'online']);
  });

  test('sees him busy from the ring to the end', () => {
    const callID = stage.ring();
    expect(seen()).toEqual(['online', 'busy']);
    act((story) => {
      story.stop('anna.1', callID);
    });
    expect(seen()).toEqual(['online', 'busy', 'online']);
  });

  test('sees him away when all his devices say so, also after a resume', () => {
    act((story) => {
      story.setPresence('ben.1', 'away');
    });
    expect(seen()).toEqual(['online']);
    act((story) => {
      story.setPresence('ben.2', 'away');
    });
    stage.comesBack('ben.2');
    expect(seen()).toEqual(['online', 'away']);
    act((story) => {
      story.setPresence('ben.2', 'online');
    });
    expect(seen()).toEqual(['online', 'away', 'online']);
  });

  test('sees him offline when his last device is gone, and online when one is there', () => {
    act((story) => {
      story.goodbye('ben.1');
    });
    act((story) => {
      story.close('ben.2');
    });
    expect(seen()).toEqual(['online']);
    stage.world.advance(DEFAULT_POLICY.graceMs);
    expect(seen()).toEqual(['online', 'offline']);
    act((story) => {
      story.attach('ben.1');
    });
    expect(seen()).toEqual(['online', 'offline', 'online']);
  });

  test('hears no more once he watches no more', () => {
    act((story) => {
      story.unwatch('g9', 'ben');
    });
    stage.ring();
    expect(seen()).toEqual(['online']);
  });

  test('is forgotten when his gateway dies, and sees what the death of another one does', () => {
    act((story) => {
      story.watch('g8', 'ben');
    });
    stage.world.lost('g8');
    stage.world.lost('g1');
    stage.world.lost('g2');
    stage.world.settle();
    stage.world.advance(DEFAULT_POLICY.graceMs);
    expect(seen()).toEqual(['online', 'offline']);
    expect(seen('g8')).toEqual(['online']);
    expect(stage.world.states.get('line:ben')).toMatchObject({ watchers: ['g9'], devices: [] });
  });

  test('of one who is offline keeps a record, until he watches no more', () => {
    for (const [watch, kept] of [
      ['watch', true],
      ['unwatch', false],
    ] as const) {
      act((story) => {
        story[watch]('g9', 'nobody');
      });
      expect(stage.world.states.has('line:nobody')).toBe(kept);
    }
  });
});

describe('a callee who is woken', () => {
  beforeEach(() => {
    stage = new Stage(['anna.1', 'ben.1'], { policy: { offlineCallee: 'wake' } });
  });
  const call = (callee: string) => {
    const callID = stage.story.place('anna.1', callee);
    stage.world.settle();
    return callID;
  };

  test('hears it from the push service, and the first device that logs in rings', () => {
    const callID = call('dora');
    const until = stage.world.now + DEFAULT_POLICY.ringMs;
    const wake = { type: 'call.wake', userID: 'dora', callID, callerID: 'anna', media: 'video', until };
    expect(stage.world.pushed).toEqual([wake]);
    expect(stage.call(callID)).toMatchObject({ phase: 'inviting', summoned: 'waiting' });
    act((story) => {
      story.attach('dora.1');
    });
    expect(stage.told('dora.1')).toEqual(['Attached', 'Incoming']);
    act((story) => {
      story.accept('dora.1', callID);
    });
    expect(stage.phase(callID)).toBe('connected');
  });

  test('and does not come did not answer', () => {
    const callID = call('dora');
    stage.world.advance(DEFAULT_POLICY.ringMs);
    stage.expectOver(callID, 'no_answer', 'system', 'inviting');
    expect(stage.world.states.has('line:dora')).toBe(false);
  });

  test('and is called off meanwhile hears nothing when he comes', () => {
    const callID = call('dora');
    act((story) => {
      story.stop('anna.1', callID);
    });
    act((story) => {
      story.attach('dora.1');
    });
    expect(stage.told('dora.1')).toEqual(['Attached']);
  });

  test('is woken too if his only device has lost its socket; nobody is whose device rings', () => {
    stage.do((story) => {
      story.stop('anna.1', call('ben'));
    });
    expect(stage.world.pushed).toEqual([]);
    act((story) => {
      story.close('ben.1');
    });
    const callID = call('ben');
    expect(stage.world.pushed).toMatchObject([{ userID: 'ben', callID }]);
    stage.world.advance(DEFAULT_POLICY.graceMs);
    expect(stage.phase(callID)).toBe('inviting');
    act((story) => {
      story.attach('ben.1');
    });
    expect(stage.told('ben.1').slice(-2)).toEqual(['Attached', 'Incoming']);
  });
});
