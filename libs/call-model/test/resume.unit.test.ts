import type { CallID } from '@switchboard/protocol';
import { beforeEach, describe, expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../src/index.ts';
import { Stage } from './stage.ts';

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});
const breaks = (name: string) => {
  stage.do((story) => {
    story.close(name);
  });
};
const returns = (name: string, login = {}) => {
  stage.do((story) => {
    story.attach(name, { gateway: 'g3', ...login });
  });
};
const accept = (callID: CallID) => {
  stage.do((story) => {
    story.accept('ben.1', callID);
  });
};
const snapshotOf = (name: string) => stage.messages(name).findLast(({ type }) => type === 'Snapshot');

describe('a broken socket', () => {
  test('of the caller while it rings: the call goes on, and connects when he is back', () => {
    const callID = stage.ring();
    stage.comesBack('anna.1');
    expect(snapshotOf('anna.1')).toMatchObject({ phase: 'ringing', role: 'caller', peer: 'ben', answered: false });
    accept(callID);
    stage.expectConnected(callID);
  });

  test('of the caller who comes back after the accept: the snapshot brings the answer', () => {
    const callID = stage.ring();
    breaks('anna.1');
    accept(callID);
    expect(stage.phase(callID)).toBe('connecting');
    returns('anna.1');
    expect(snapshotOf('anna.1')).toMatchObject({ phase: 'connecting', answered: true, peerAway: false });
    stage.expectConnected(callID);
  });

  test('of the callee while it rings: it rings again, and is accepted', () => {
    const callID = stage.ring();
    stage.comesBack('ben.1');
    expect(stage.told('ben.1')).toEqual(['Incoming', 'Attached', 'Incoming']);
    accept(callID);
    stage.expectConnected(callID);
  });

  test.each(['anna.1', 'ben.1'])('of %s while it connects', (name) => {
    const callID = stage.connecting();
    stage.comesBack(name);
    expect(snapshotOf(name)).toMatchObject({ phase: 'connecting', answered: false });
    expect(stage.phase(callID)).toBe('connecting');
  });

  test.each([
    ['anna.1', 'ben.1'],
    ['ben.1', 'anna.1'],
  ])('of %s in the talk: %s is told, and the talk goes on', (name, peer) => {
    const callID = stage.connect();
    stage.comesBack(name);
    expect(stage.told(peer).slice(-2)).toEqual(['reconnecting', 'reconnected']);
    expect(stage.told(name).slice(-2)).toEqual(['Attached', 'Snapshot']);
    stage.expectConnected(callID);
  });

  test('that is closed late, after the session has another one, changes nothing', () => {
    const callID = stage.connect();
    const old = stage.world.gateways.speaker('ben.1');
    returns('ben.1');
    expect(old?.open).toBe(false);
    expect(stage.told('ben.1').slice(-2)).toEqual(['Attached', 'Snapshot']);
    expect(stage.told('anna.1').at(-1)).toBe('connected');
    stage.expectConnected(callID);
  });

  test('that breaks again before its gateway has asked the call: the peer is not told that he is back', () => {
    const callID = stage.connect();
    breaks('ben.1');
    stage.story.attach('ben.1', { gateway: 'g3' });
    stage.story.close('ben.1');
    stage.world.settle();
    expect(stage.told('anna.1').at(-1)).toBe('reconnecting');
    returns('ben.1', { gateway: 'g2' });
    expect(stage.told('anna.1').at(-1)).toBe('reconnected');
    stage.expectConnected(callID);
  });

  test('of both, who come back one after the other', () => {
    const callID = stage.connect();
    breaks('anna.1');
    breaks('ben.1');
    returns('anna.1');
    expect(snapshotOf('anna.1')).toMatchObject({ peerAway: true });
    returns('ben.1');
    expect(snapshotOf('ben.1')).toMatchObject({ peerAway: false });
    stage.expectConnected(callID);
  });

  test.each([
    ['anna.1', 'cancelled', 'caller', 'ringing'],
    ['ben.1', 'unreachable', 'system', 'ringing'],
    ['anna.1', 'connection_lost', 'caller', 'connected'],
    ['ben.1', 'connection_lost', 'callee', 'connected'],
  ])('of the seed client %s is final: %s', (name, reason, endedBy, phase) => {
    stage = new Stage(undefined, { seed: true });
    const callID = phase === 'ringing' ? stage.ring() : stage.connect();
    breaks(name);
    stage.expectOver(callID, reason, endedBy, phase);
  });
});

describe('who does not come back in the grace time', () => {
  test.each([
    ['anna.1', 'caller', 'ben.1'],
    ['ben.1', 'callee', 'anna.1'],
  ])('%s in the talk: the %s lost the connection', (name, endedBy, peer) => {
    const callID = stage.connect();
    breaks(name);
    stage.world.advance(DEFAULT_POLICY.graceMs - 1);
    expect(stage.phase(callID)).toBe('connected');
    stage.world.advance(1);
    stage.expectOver(callID, 'connection_lost', endedBy, 'connected');
    expect(stage.told(peer).at(-1)).toBe(`ended:connection_lost/${endedBy}/connected`);
    returns(name);
    expect(stage.told(name).at(-1)).toBe(`ended:connection_lost/${endedBy}/connected`);
  });

  test.each(['anna.1', 'ben.1'])('%s while it rings: until the ring is over', (name) => {
    const callID = stage.ring();
    breaks(name);
    stage.world.advance(DEFAULT_POLICY.ringMs - 1);
    expect(stage.phase(callID)).toBe('ringing');
    stage.world.advance(1);
    expect(stage.ending(callID)?.reason).toBe('no_answer');
    expect(stage.lines()).not.toContain('ringing');
  });

  test('the callee whose only device was broken already: unreachable; or it rings when it returns', () => {
    breaks('ben.1');
    stage.world.advance(10_000);
    const callID = stage.story.place('anna.1', 'ben');
    stage.world.settle();
    expect(stage.call(callID)).toMatchObject({ phase: 'inviting', summoned: 'waiting' });
    const waiting = stage.world.fork();
    stage.world.advance(DEFAULT_POLICY.graceMs - 10_000);
    stage.expectOver(callID, 'unreachable', 'system', 'inviting');
    Object.assign(stage, { world: waiting });
    Object.assign(stage.story, { world: waiting });
    returns('ben.1');
    expect(stage.told('ben.1')).toEqual(['Attached', 'Incoming']);
    accept(callID);
    stage.expectConnected(callID);
  });

  test('a session that is unknown by then becomes a new one', () => {
    breaks('ben.1');
    stage.world.advance(DEFAULT_POLICY.graceMs);
    returns('ben.1');
    expect(stage.messages('ben.1').at(-1)).toMatchObject({ type: 'Attached', resumed: false, connection: 1 });
  });
});

describe('a lost gateway', () => {
  test('takes the sockets of native clients: they resume elsewhere', () => {
    const callID = stage.connect();
    stage.world.lost('g1');
    stage.world.settle();
    expect(stage.phase(callID)).toBe('connected');
    for (const name of ['anna.1', 'ben.1']) returns(name);
    stage.expectConnected(callID);
  });

  test('ends the calls of seed clients', () => {
    stage = new Stage(undefined, { seed: true });
    const callID = stage.connect();
    stage.world.lost('g1');
    stage.world.settle();
    expect(stage.ending(callID)?.reason).toBe('connection_lost');
    expect(stage.lines()).toEqual(['offline', 'offline']);
  });

  test('whose client has resumed already changes nothing', () => {
    const callID = stage.connect();
    for (const name of ['anna.1', 'ben.1']) returns(name);
    stage.world.lost('g1');
    stage.world.settle();
    stage.expectConnected(callID);
  });
});

test('an accept that was in time wins over the end of the ring', () => {
  const callID = stage.ring();
  stage.world.now += DEFAULT_POLICY.ringMs;
  accept(callID);
  stage.world.advance(0);
  stage.expectConnected(callID);
});

test('a call that lost a glare tells who asks for it which call won', () => {
  const won = stage.story.place('anna.1', 'ben', { index: 1 });
  stage.story.place('ben.1', 'anna', { index: 2 });
  stage.world.settle();
  stage.comesBack('ben.1');
  expect(stage.story.calls('ben.1')).toEqual([won]);
  stage.expectConnected(won);
});
