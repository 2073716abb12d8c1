/** A page that is loaded anew, and a tab that is duplicated. */
import { describe, expect, it } from 'vitest';
import { FakeBrowser, FakeStorage, settle } from './fakes.ts';
import { acceptLogin, callState, connected, ID1, LEG1, online, page, watch } from './harness.ts';

/** The page that comes after: the same storage, and locks that the old one has let go. */
function nextPage(old: FakeBrowser, { locked = false } = {}): FakeBrowser {
  const browser = new FakeBrowser();
  browser.storage = old.storage;
  browser.locks = old.locks;
  if (!locked) old.locks.clear();
  return browser;
}

async function reloaded(about: object = {}) {
  const { browser: old } = await connected();
  const world = await online({}, { browser: nextPage(old), sessionID: 's1', callID: ID1 });
  const { socket } = world.browser;
  socket.say(callState({ legID: undefined, ...about }));
  const call = world.restored[0]!;
  return { ...world, socket, call, phases: watch(call) };
}

describe('a reload', () => {
  it('goes on with the session, with no connection left', async () => {
    const { browser: old } = await online({ deviceID: 'd' });
    const { browser, alice } = await online({}, { browser: nextPage(old), sessionID: 's1' });
    expect(browser.socket.sent).toMatchObject([
      { type: 'login', deviceID: 'd', resume: { sessionID: 's1', fresh: true, calls: [] } },
    ]);
    expect(alice.state).toMatchObject({ sessionID: 's1' });
  });

  it('brings the call back, which asks for its media and offers a new leg when the server wants it', async () => {
    const { browser, socket, call, phases, restored } = await reloaded({
      role: 'callee',
      peerMedia: { audio: true, video: false, screen: false },
    });
    expect(call).toMatchObject({ direction: 'incoming', role: 'callee', peerID: 'bob', callID: ID1, media: 'video' });
    expect(call.peerMedia.video).toBe(false);
    expect(browser.peers).toHaveLength(0);
    socket.say({ type: 'renegotiate', callID: ID1, n: 21, cause: 'reload' });
    await settle();
    expect(socket.sent.slice(1)).toMatchObject([
      { type: 'renegotiate', callID: ID1, legID: LEG1, sdpOffer: 'v=0 offer' },
      { type: 'onIceCandidate', callID: ID1, legID: LEG1 },
      { type: 'mediaState', callID: ID1, audio: true, video: true, screen: false },
    ]);
    socket.say({ type: 'renegotiated', callID: ID1, n: 23, legID: LEG1, sdpAnswer: 'yes' });
    await settle();
    expect(browser.peer.log).toContain('answer yes');
    expect(call.localStream).toBeDefined();
    expect(phases).toEqual(['connected']);
    expect(restored).toHaveLength(1);
    call.hangUp();
    expect(socket.last()).toEqual({ type: 'stop', callID: ID1 });
  });

  it('leaves muted who was muted, and opens no camera that was off; a screen has to be chosen again', async () => {
    const { browser, socket, call } = await reloaded({ ownMedia: { audio: false, video: false, screen: true } });
    expect(call.localMedia).toEqual({ audio: false, video: false, screen: false });
    socket.say({ type: 'renegotiate', callID: ID1, n: 21, cause: 'reload' });
    await settle();
    expect(browser.asked).toEqual([{ audio: true }]);
    expect(browser.peer.senders['audio']!.track).toMatchObject({ enabled: false });
    expect(browser.peer.senders['video']!.track).toBeNull();
    expect(socket.last()).toEqual({ type: 'mediaState', callID: ID1, audio: false, video: false, screen: false });
    call.setMicrophone(true);
    await call.setCamera(true);
    expect(browser.peer.senders['audio']!.track).toMatchObject({ enabled: true });
    expect(socket.last()).toEqual({ type: 'mediaState', callID: ID1, audio: true, video: true, screen: false });
  });

  it('opens the camera that an audio call had got', async () => {
    const ownMedia = { audio: true, video: true, screen: false };
    const { browser, socket } = await reloaded({ media: 'audio', ownMedia });
    socket.say({ type: 'renegotiate', callID: ID1, n: 21, cause: 'reload' });
    await settle();
    expect(browser.peer.senders['video']!.track).toMatchObject({ kind: 'video' });
  });

  it('counts the time of the call on, whatever the clocks say', async () => {
    const { call, browser } = await reloaded({ connectedMs: 5_000 });
    expect(call.state).toEqual({ phase: 'connected', since: browser.now - 5_000 });
  });

  it.each([
    ['inviting', 'ended cancelled by caller'],
    ['ringing', 'ended cancelled by caller'],
    ['connecting', 'ended completed by caller'],
  ])('brings back a call in %s', async (phase, end) => {
    const { call, phases } = await reloaded({ phase });
    expect(call.state.phase).toBe(phase);
    call.hangUp();
    expect(phases.at(-1)).toBe(end);
  });

  it('without a camera that is allowed ends the call', async () => {
    const { browser, socket, phases } = await reloaded();
    browser.devices = new DOMException('no', 'NotAllowedError');
    socket.say({ type: 'renegotiate', callID: ID1, n: 21, cause: 'reload' });
    await settle();
    expect(phases.at(-1)).toBe('ended media_denied by caller');
    expect(socket.last()).toEqual({ type: 'stop', callID: ID1 });
  });

  it('to a server that knows the session no more begins a new one', async () => {
    const { browser: old } = await online();
    const { browser, alice } = await online({}, { browser: nextPage(old), sessionID: 's9' });
    expect(alice.state).toMatchObject({ status: 'online', sessionID: 's9' });
    expect([...browser.storage.items.values()].join()).toContain('s9');
    expect([...browser.locks]).toEqual(['switchboard:s9']);
  });

  it('waits for the lock of the page that is going', async () => {
    const { browser: old } = await online();
    const { alice, browser } = page({}, nextPage(old, { locked: true }));
    void alice.connect();
    browser.socket.onopen?.();
    await settle();
    browser.pass(50);
    await settle();
    expect(browser.socket.sent).toEqual([]);
    old.locks.clear();
    browser.pass(50);
    await settle();
    expect(browser.socket.sent[0]).toMatchObject({ resume: { sessionID: 's1', fresh: true } });
  });
});

it('a duplicated tab leaves the session to the other and has its own', async () => {
  const { browser: old } = await online();
  const tab = nextPage(old, { locked: true });
  tab.storage = copyOf(old.storage);
  const { alice, browser } = page({}, tab);
  void alice.connect();
  browser.socket.onopen?.();
  for (let step = 0; step < 8; step += 1) {
    await settle();
    browser.pass(50);
  }
  expect(browser.now).toBeLessThan(1_000);
  expect(browser.socket.sent).toHaveLength(1);
  expect(browser.socket.sent[0]).not.toHaveProperty('resume');
  await acceptLogin(browser, { sessionID: 's2' });
  expect([...browser.storage.items.values()].join()).toContain('s2');
  expect([...old.storage.items.values()].join()).toContain('s1');
});

function copyOf(storage: FakeStorage): FakeStorage {
  const copy = new FakeStorage();
  for (const [key, value] of storage.items) copy.setItem(key, value);
  return copy;
}

describe('nothing is gone on with', () => {
  it('after disconnecting, which is a goodbye', async () => {
    const { alice, browser } = await online();
    const { socket } = browser;
    alice.disconnect();
    expect(socket.code).toBe(1000);
    expect(browser.storage.items.size).toBe(0);
    expect(browser.locks.size).toBe(0);
  });

  it('without a storage', async () => {
    const { browser: old } = await online({ storage: null });
    expect(old.storage.items.size).toBe(0);
    const { browser } = await online({ storage: null }, { browser: nextPage(old) });
    expect(browser.socket.sent[0]).not.toHaveProperty('resume');
  });

  it('by another user, or with a storage that throws or holds nonsense', async () => {
    const { browser: old } = await online();
    const { browser } = await online({ userID: 'carol' }, { browser: nextPage(old) });
    expect(browser.socket.sent[0]).not.toHaveProperty('resume');
    const broken = {
      getItem: () => '{',
      setItem: () => {
        throw new Error('full');
      },
      removeItem: () => undefined,
    };
    const { browser: other, alice } = await online({ storage: broken });
    expect(other.socket.sent[0]).not.toHaveProperty('resume');
    expect(alice.state.status).toBe('online');
  });
});

describe('a page that goes away', () => {
  it('without a call says goodbye', async () => {
    const { browser } = await online();
    const { socket } = browser;
    browser.pageHides?.(true);
    expect(socket.closed).toBe(false);
    browser.pageHides?.(false);
    expect(socket.code).toBe(1000);
    expect(browser.pendingTimers).toBe(0);
  });

  it('with a call leaves the session for the page that comes', async () => {
    const { browser } = await connected();
    browser.pageHides?.(false);
    expect(browser.socket.closed).toBe(false);
    expect(browser.storage.items.size).toBe(1);
  });
});
