import { Switchboard, type Call, type SwitchboardOptions } from '../src/index.ts';
import { FakeBrowser, settle } from './fakes.ts';

export const ID1 = '3-01930000-0000-7000-8000-000000000001';
export const ID2 = '3-01930000-0000-7000-8000-000000000002';

/** The server takes the login on the newest socket. */
export async function acceptLogin(browser: FakeBrowser, gateways: string[] = []): Promise<void> {
  browser.socket.onopen?.();
  await settle();
  browser.socket.say({
    type: 'loginResponse',
    content: 'accepted',
    sessionID: `s${String(browser.sockets.length)}`,
    iceServers: [{ urls: 'stun:there' }],
    graceMs: 10_000,
    gateways,
  });
  await settle();
}

/** Alice, logged in; `phases` and `errors` fill as things happen. */
export async function online(options: Partial<SwitchboardOptions> = {}) {
  const browser = new FakeBrowser();
  const alice = new Switchboard({ gateways: 'https://a:8443', userID: 'alice', deps: browser.deps, ...options });
  const errors: string[] = [];
  const incoming: Call[] = [];
  alice.on('error', ({ code }) => errors.push(code));
  alice.on('incoming', (call) => incoming.push(call));
  const connected = alice.connect();
  await acceptLogin(browser);
  await connected;
  return { alice, browser, errors, incoming };
}

export function watch(call: Call): string[] {
  const seen: string[] = [call.state.phase];
  call.on('phase', (state) =>
    seen.push(state.phase === 'ended' ? `ended ${state.reason} by ${state.endedBy}` : state.phase),
  );
  return seen;
}
