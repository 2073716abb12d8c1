/** A gateway that goes away, and one that is gone without a word. */
import { describe, expect, it } from 'vitest';
import { FakeBrowser, settle } from './fakes.ts';
import { acceptLogin, AT_REST, callState, connected, gone, ID1, online } from './harness.ts';

const GATEWAYS = ['https://a', 'https://b'];

/** In a call at the first gateway, which says that it goes away; `states`: what the page sees from then on. */
async function leaving(options: { gateways?: string[] } = {}) {
  const world = await connected('video', { gateways: GATEWAYS, ...options });
  const states: string[] = [];
  world.alice.on('state', ({ status }) => states.push(status));
  world.socket.say({ type: 'reconnect', afterMs: 1000 });
  return { ...world, states };
}

describe('a gateway that goes away', () => {
  it('is left after the time that it said, for another one, and serves until that one has the session', async () => {
    const { browser, alice, call, phases, socket, states } = await leaving();
    browser.pass(999);
    expect(browser.sockets).toHaveLength(1);
    browser.pass(1);
    expect(browser.socket.url).toBe('wss://b/videoCall');
    call.setMicrophone(false);
    expect(socket.types().at(-1)).toBe('mediaState');
    socket.say({ type: 'peerState', callID: ID1, n: 9, state: 'reconnecting' });
    expect(call.peerState).toBe('reconnecting');
    await acceptLogin(browser, { sessionID: 's1', callID: ID1 });
    expect(browser.socket.sent[0]).toMatchObject({ resume: { sessionID: 's1', fresh: false, calls: [ID1] } });
    expect({ closed: socket.closed, code: socket.code }).toEqual({ closed: true, code: 4000 });
    browser.socket.say(callState());
    expect(alice.state).toMatchObject({ status: 'online', gateway: 'https://b' });
    expect(states).toEqual(['online']);
    expect(phases).toEqual(['connected']);
    expect(browser.pendingTimers).toBe(AT_REST);
  });

  it('closes the old socket as taken over before the new one is told: that is no end', async () => {
    const { browser, alice, socket, errors, states } = await leaving();
    browser.pass(1000);
    socket.onclose?.({ code: 4001, reason: '' });
    await acceptLogin(browser, { sessionID: 's1' });
    expect(alice.state).toMatchObject({ status: 'online', gateway: 'https://b' });
    expect(states).toEqual(['connecting', 'online']);
    expect(errors).toEqual([]);
  });

  it('that is gone before its time is left at once', async () => {
    const { browser, alice, socket } = await leaving();
    socket.onclose?.({ code: 1012, reason: '' });
    browser.pass(125);
    expect(browser.socket.url).toBe('wss://b/videoCall');
    await acceptLogin(browser, { sessionID: 's1' });
    expect(alice.state.status).toBe('online');
    browser.pass(1000);
    expect(browser.sockets).toHaveLength(2);
  });

  it('serves on while the others take nobody', async () => {
    const { browser, alice, socket, states } = await leaving();
    browser.pass(1000);
    browser.socket.onclose?.(gone);
    expect(socket.closed).toBe(false);
    browser.pass(125);
    expect(browser.sockets.map(({ url }) => url.at(6))).toEqual(['a', 'b', 'a']);
    browser.socket.onclose?.(gone);
    browser.pass(375);
    await acceptLogin(browser, { sessionID: 's1' });
    expect(alice.state).toMatchObject({ status: 'online', gateway: 'https://b' });
    expect(states).toEqual(['online']);
  });

  it('is taken over by a successor that went down with it: the page comes back all the same', async () => {
    const { browser, alice, socket, errors } = await leaving();
    browser.pass(1000);
    browser.socket.onclose?.(gone);
    socket.onclose?.({ code: 4001, reason: '' });
    browser.pass(1000);
    await acceptLogin(browser, { sessionID: 's1' });
    expect(alice.state.status).toBe('online');
    expect(errors).toEqual([]);
  });

  it('a goodbye meanwhile is said to both', async () => {
    const { browser, alice, socket } = await leaving();
    browser.pass(1000);
    alice.disconnect();
    expect([socket.code, browser.socket.code]).toEqual([1000, 1000]);
    expect(browser.pendingTimers).toBe(0);
  });
});

describe('a gateway that says nothing', () => {
  it('for 5 s of a call is asked, and left if it does not answer', async () => {
    const { browser, alice, socket } = await connected('video', { gateways: GATEWAYS });
    browser.pass(5000);
    expect(socket.last()).toEqual({ type: 'ping' });
    browser.pass(4999);
    expect(alice.state.status).toBe('online');
    browser.pass(1);
    expect(socket.code).toBe(4000);
    expect(alice.state).toMatchObject({ status: 'waiting', gateway: 'https://b' });
  });

  it('but answers is kept', async () => {
    const { browser, alice, socket } = await connected();
    for (let beat = 0; beat < 3; beat += 1) {
      browser.pass(5000);
      socket.say({ type: 'pong' });
      browser.pass(4999);
    }
    expect(alice.state.status).toBe('online');
    expect(socket.types().filter((type) => type === 'ping')).toHaveLength(3);
  });

  it('without a call is asked less often', async () => {
    const { browser } = await online();
    browser.pass(29_999);
    expect(browser.socket.types()).toEqual(['login']);
    browser.pass(1);
    expect(browser.socket.last()).toEqual({ type: 'ping' });
  });

  it('is asked at once when the browser has a network again', async () => {
    const { browser, alice } = await online();
    browser.networkBack?.();
    expect(browser.socket.last()).toEqual({ type: 'ping' });
    browser.pass(5000);
    expect(alice.state.status).toBe('waiting');
    browser.networkBack?.();
    expect(alice.state.status).toBe('connecting');
    alice.disconnect();
    expect(browser.networkBack).toBeUndefined();
  });
});

it('clients of a lost gateway go on at the others by chance, and come to it last', async () => {
  const gateways = ['https://a', 'https://b', 'https://c', 'https://d'];
  const browser = new FakeBrowser();
  let chances: number[] = [];
  const random = () => chances.shift() ?? 0.5;
  await online({ gateways, deps: { ...browser.deps, random } }, { browser });
  chances = [0.9, 0.1, 0.5];
  browser.socket.onclose?.(gone);
  for (let failure = 0; failure < 4; failure += 1) {
    browser.pass(15_000);
    browser.socket.onclose?.(gone);
    await settle();
  }
  expect(browser.sockets.map(({ url }) => url.at(6)).join('')).toBe('acdba');
});
