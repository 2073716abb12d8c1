/** The page's one session and one call, over a fake SDK. */
import { SwitchboardError, type Call } from '@switchboard/client';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { TabLogin, TabMemory } from '../src/memory.ts';
import type { ShownLine } from '../src/phone/line.ts';
import { statusOf } from '../src/phone/status.ts';
import { usePhone, type Phone, type Session } from '../src/phone/use-phone.ts';
import { FakeBoard, FakeCall } from './fake-board.ts';

vi.mock('@switchboard/client', async (original) => {
  const fakes = await import('./fake-board.ts');
  return { ...(await original<object>()), Switchboard: fakes.FakeBoard };
});

const alice: TabLogin = { userID: 'alice', token: 'secret', away: false };
let kept: TabLogin | undefined;
let phone: Phone;

beforeEach(() => {
  kept = undefined;
  const memory: TabMemory = {
    recall: () => kept,
    keep: (login) => (kept = login),
    forget: () => (kept = undefined),
  };
  phone = usePhone({ gateways: ['https://localhost:8443'], auth: 'open', iceServers: [] }, memory);
});

const board = () => FakeBoard.last;
const shown = () => phone.line.value as ShownLine;
const said = () => statusOf(phone.session.value as Extract<Session, { kind: 'logged-in' }>, phone.line.value).keys[0];

function loggedIn(login = alice): void {
  phone.logIn(login);
  board().online();
}

function inCall(call = new FakeCall('bob')): FakeCall {
  board().tell('incoming', call.asCall);
  call.go({ phase: 'connected', since: 1000 });
  return call;
}

describe('what a reload finds', () => {
  it('a login is kept once the server took it', () => {
    phone.logIn(alice);
    expect(kept).toBeUndefined();
    board().online();
    expect(kept).toEqual(alice);
  });

  it('nothing after a log-out or a refusal', () => {
    loggedIn();
    phone.logOut();
    expect(kept).toBeUndefined();
    expect(board().asked).toContain('disconnect');
    loggedIn();
    board().is({ status: 'closed', error: new SwitchboardError('auth_failed', 'expired') });
    expect(kept).toBeUndefined();
    expect(phone.session.value.kind).toBe('logged-out');
  });

  it('whoever was away is away again', () => {
    loggedIn();
    phone.setAway(true);
    expect(kept).toEqual({ ...alice, away: true });
    loggedIn(kept);
    expect(board().asked).toEqual(['presence away']);
    expect(phone.away.value).toBe(true);
  });

  it('the call that was alive', () => {
    loggedIn();
    const call = new FakeCall('bob');
    call.state = { phase: 'connected', since: 1000 };
    board().tell('restored', call.asCall);
    expect(shown()).toMatchObject({ state: { phase: 'connected' }, talked: { from: 1000 } });
    call.sends('audio');
    expect(shown().lacking, 'the camera may have been off before').toBeUndefined();
  });
});

describe('another tab takes over', () => {
  it('is told, and the session can be taken back', () => {
    loggedIn();
    inCall();
    board().is({ status: 'closed', error: new SwitchboardError('session_taken_over', 'elsewhere') });
    expect(phone.session.value).toEqual({ kind: 'taken-over', userID: 'alice' });
    expect(phone.line.value).toEqual({ kind: 'idle' });
    const before = board();
    phone.logInAgain();
    expect(board()).not.toBe(before);
    expect(board().options).toMatchObject({ userID: 'alice', token: 'secret' });
    before.is({ status: 'offline' });
    expect(phone.session.value.kind, 'the old one is not listened to').toBe('logging-in');
  });
});

describe('who is reconnecting', () => {
  it('the other, then nobody', () => {
    loggedIn();
    const call = inCall();
    call.peerState = 'reconnecting';
    call.tell('peerState', 'reconnecting');
    expect(said()).toBe('reconnecting.peer');
    call.peerState = 'connected';
    call.tell('peerState', 'connected');
    expect(said()).toBe('phase.connected');
  });

  it('this page: the call goes on, and is called off no sooner than the SDK says', () => {
    loggedIn();
    const call = inCall();
    board().is({ status: 'waiting', gateway: 'https://localhost:8443', delayMs: 1 });
    expect(said()).toBe('reconnecting.self');
    call.go({ phase: 'ended', reason: 'connection_lost', endedBy: 'system' });
    expect(said()).toBe('connection.waiting');
    board().online();
    expect(said()).toMatch(/^ended\.connection_lost/);
  });

  it('before there is a talk, no talk is promised', () => {
    loggedIn();
    phone.call('bob', 'audio');
    board().is({ status: 'waiting', gateway: 'https://localhost:8443', delayMs: 1 });
    expect(said()).toBe('reconnecting.selfBefore');
  });
});

describe('the line', () => {
  it('places the kind of call that was asked for, one at a time', () => {
    loggedIn();
    phone.call('bob', 'audio');
    phone.call('cleo', 'video');
    expect(board().calls.map(({ peerID, media }: Call) => [peerID, media])).toEqual([['bob', 'audio']]);
  });

  it('shows what came in meanwhile when a call is over, and nothing of the old one any more', () => {
    loggedIn();
    const [first, second] = [new FakeCall('bob'), new FakeCall('cleo')];
    inCall(first);
    board().calls = [first.asCall, second.asCall];
    board().tell('incoming', second.asCall);
    expect(shown().call.peerID).toBe('bob');
    first.go({ phase: 'ended', reason: 'completed', endedBy: 'caller' });
    expect(shown().call.peerID).toBe('cleo');
    first.tell('peerMedia', first.peerMedia);
    expect(shown().call.peerID).toBe('cleo');
  });

  it('says that there is no camera until there is one; a camera that is turned off is not lacking', () => {
    loggedIn();
    const call = inCall();
    call.sends('audio');
    expect(shown().lacking).toBe('noCamera');
    call.sends('audio', 'video');
    expect(shown().lacking).toBeUndefined();
    call.sends('audio');
    expect(shown().lacking).toBeUndefined();
  });
});

it('presence is forgotten with the session', () => {
  loggedIn();
  board().tell('presence', { userID: 'bob', state: 'busy' });
  expect([...phone.presence.value]).toEqual([['bob', 'busy']]);
  phone.logOut();
  expect(phone.presence.value.size).toBe(0);
});
