import { Switchboard, type Call, type SwitchboardOptions } from '../src/index.ts';
import { FakeBrowser, settle } from './fakes.ts';

export const ID1 = '3-01930000-0000-7000-8000-000000000001';
export const ID2 = '3-01930000-0000-7000-8000-000000000002';
export const LEG1 = 'leg-i0000000-1';
export const LEG2 = 'leg-i0000000-2';
export const LEG3 = 'leg-i0000000-3';
export const GRACE_MS = 10_000;
/** Timers of a client that is online and waits for nothing: it will ask whether the gateway is still there. */
export const AT_REST = 1;

export const gone = { code: 1006, reason: '' };

export interface Login {
  gateways?: string[];
  sessionID?: string;
  /** The call that is alive. */
  callID?: string;
}

/** The server takes the login on the newest socket. */
export async function acceptLogin(browser: FakeBrowser, { gateways = [], sessionID, ...rest }: Login = {}) {
  browser.socket.onopen?.();
  await settle();
  browser.socket.say({
    type: 'loginResponse',
    content: 'accepted',
    sessionID: sessionID ?? `s${String(browser.sockets.length)}`,
    iceServers: [{ urls: 'stun:there' }],
    graceMs: GRACE_MS,
    gateways,
    ...rest,
  });
  await settle();
}

/** Alice, logged in; `errors`, `incoming` and `restored` fill as things happen. */
export async function online(
  options: Partial<SwitchboardOptions> = {},
  { browser = new FakeBrowser(), ...login }: Login & { browser?: FakeBrowser } = {},
) {
  const world = page(options, browser);
  const connected = world.alice.connect();
  await acceptLogin(browser, login);
  await connected;
  return world;
}

/** Alice, before she logs in. */
export function page(options: Partial<SwitchboardOptions> = {}, browser = new FakeBrowser()) {
  const alice = new Switchboard({ gateways: 'https://a:8443', userID: 'alice', deps: browser.deps, ...options });
  const errors: string[] = [];
  const incoming: Call[] = [];
  const restored: Call[] = [];
  alice.on('error', ({ code }) => errors.push(code));
  alice.on('incoming', (call) => incoming.push(call));
  alice.on('restored', (call) => restored.push(call));
  return { alice, browser, errors, incoming, restored };
}

/** The socket breaks. */
export function breakSocket(browser: FakeBrowser): void {
  browser.socket.onclose?.(gone);
}

/** It comes back, and the server goes on with the session. */
export async function comeBack(browser: FakeBrowser, login: Login = {}): Promise<void> {
  browser.pass(1_000);
  await acceptLogin(browser, { sessionID: 's1', ...login });
}

/** A call that this device placed and the other took. */
export async function connected(media: 'audio' | 'video' = 'video', options: Partial<SwitchboardOptions> = {}) {
  const world = await online(options);
  const call = world.alice.call('bob', { media });
  await settle();
  const { socket, peer } = world.browser;
  socket.say({ type: 'callProgress', callID: ID1, n: 1, phase: 'inviting' });
  socket.say({ type: 'callResponse', callResponse: 'accepted', sdpAnswer: 'yes', callID: ID1, legID: LEG1, n: 5 });
  await settle();
  peer.becomes('connected');
  socket.say({ type: 'callProgress', callID: ID1, n: 8, phase: 'connected' });
  return { ...world, call, phases: watch(call), socket, peer };
}

/** As the server tells it after a resume; `about` says what is different. */
export const callState = (about: object = {}) => ({
  type: 'callState',
  callID: ID1,
  n: 20,
  phase: 'connected',
  role: 'caller',
  peer: 'bob',
  media: 'video',
  legID: LEG1,
  peerState: 'connected',
  peerMedia: { audio: true, video: true, screen: false },
  ...about,
});

export function watch(call: Call): string[] {
  const seen: string[] = [call.state.phase];
  call.on('phase', (state) =>
    seen.push(state.phase === 'ended' ? `ended ${state.reason} by ${state.endedBy}` : state.phase),
  );
  return seen;
}
