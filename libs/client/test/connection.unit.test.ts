import { describe, expect, it } from 'vitest';
import { Switchboard } from '../src/index.ts';
import { backoffMs } from '../src/backoff.ts';
import { socketURL } from '../src/wire.ts';
import { FakeBrowser, settle } from './fakes.ts';
import { acceptLogin, AT_REST, gone, online, watch } from './harness.ts';

describe('logging in', () => {
  it('says who, with which token, from which device', async () => {
    const { browser, alice } = await online({ token: () => Promise.resolve('t'), deviceID: 'd' });
    expect(browser.socket.url).toBe('wss://a:8443/videoCall');
    expect(browser.socket.sent).toEqual([
      { type: 'login', userID: 'alice', capabilities: ['native', 'renegotiate'], token: 't', deviceID: 'd' },
    ]);
    expect(alice.state).toEqual({ status: 'online', gateway: 'https://a:8443', sessionID: 's1' });
    expect(browser.pendingTimers).toBe(AT_REST);
  });

  it('refused, stays away', async () => {
    const browser = new FakeBrowser();
    const alice = new Switchboard({ gateways: 'https://a', userID: 'alice', deps: browser.deps });
    const connected = alice.connect();
    browser.socket.onopen?.();
    await settle();
    browser.socket.say({ type: 'loginResponse', content: 'rejected', error: 'token expired' });
    await expect(connected).rejects.toMatchObject({ code: 'auth_failed', message: 'token expired' });
    expect(browser.sockets[0]!.closed).toBe(true);
    expect(browser.pendingTimers).toBe(0);
  });

  it('that gets no answer is tried elsewhere', () => {
    const browser = new FakeBrowser();
    const alice = new Switchboard({ gateways: ['https://a', 'https://b'], userID: 'alice', deps: browser.deps });
    void alice.connect();
    browser.pass(10_000);
    expect(alice.state).toEqual({ status: 'waiting', gateway: 'https://b', delayMs: 125 });
    browser.pass(125);
    expect(browser.socket.url).toBe('wss://b/videoCall');
  });
});

it('a gateway that can log nobody in just now is left for the next', async () => {
  const browser = new FakeBrowser();
  const alice = new Switchboard({ gateways: ['https://a', 'https://b'], userID: 'alice', deps: browser.deps });
  void alice.connect();
  browser.socket.onopen?.();
  await settle();
  browser.socket.say({ type: 'error', code: 'service_unavailable', message: 'no log', re: 'login' });
  expect(alice.state).toMatchObject({ status: 'waiting', gateway: 'https://b' });
});

describe('a socket that closes', () => {
  it('again and again is tried less and less often, and from the start after a good session', async () => {
    const { alice, browser } = await online();
    const delays: number[] = [];
    alice.on('state', (state) => {
      if (state.status === 'waiting') delays.push(state.delayMs);
    });
    for (let failure = 0; failure < 8; failure += 1) {
      browser.socket.onclose?.(gone);
      browser.pass(15_000);
    }
    expect(delays).toEqual([125, 375, 750, 1500, 3000, 6000, 11_250, 11_250]);
    await acceptLogin(browser);
    browser.pass(5_000);
    browser.socket.onclose?.(gone);
    expect(delays.at(-1)).toBe(125);
  });

  it.each([
    [4001, 'session_taken_over'],
    [1008, 'session_closed'],
  ])('with code %i is not opened again: %s', async (code, error) => {
    const { alice, browser, errors } = await online();
    browser.socket.onclose?.({ code, reason: 'why' });
    expect(alice.state.status).toBe('closed');
    expect(errors).toEqual([error]);
    expect(browser.pendingTimers).toBe(0);
  });

  it('long after it was replaced changes nothing', async () => {
    const { alice, browser } = await online();
    const old = browser.socket;
    old.onclose?.(gone);
    browser.pass(1_000);
    await acceptLogin(browser);
    expect(old.onclose).toBeNull();
    expect(alice.state.status).toBe('online');
  });

  it('leads on to gateways that only the server knew of', async () => {
    const browser = new FakeBrowser();
    const alice = new Switchboard({ gateways: 'https://a', userID: 'alice', deps: browser.deps });
    void alice.connect();
    await acceptLogin(browser, { gateways: ['https://a/', 'https://c'] });
    browser.socket.onclose?.(gone);
    browser.pass(1_000);
    expect(browser.socket.url).toBe('wss://c/videoCall');
  });
});

it('disconnecting hangs up, closes, and stays away', async () => {
  const { alice, browser } = await online();
  const phases = watch(alice.call('bob'));
  await settle();
  const { socket } = browser;
  alice.disconnect();
  expect(socket.types().at(-1)).toBe('stop');
  expect(phases.at(-1)).toBe('ended cancelled by caller');
  expect(socket.closed).toBe(true);
  expect(alice.state).toEqual({ status: 'offline' });
  browser.pass(60_000);
  expect(browser.sockets).toHaveLength(1);
});

it('the first try is all chance and made at once, the next are half chance', () => {
  expect([backoffMs(1, 0), backoffMs(1, 1)]).toEqual([0, 250]);
  expect([backoffMs(2, 0), backoffMs(2, 1), backoffMs(40, 1)]).toEqual([250, 500, 15_000]);
});

it.each([
  ['https://h:8443', 'wss://h:8443/videoCall'],
  ['http://h/', 'ws://h/videoCall'],
  ['wss://h/videoCall', 'wss://h/videoCall'],
  ['https://h/switchboard/', 'wss://h/switchboard/videoCall'],
])('%s has its socket at %s', (gateway, url) => expect(socketURL(gateway)).toBe(url));
