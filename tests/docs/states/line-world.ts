/** All that can be said to the Line of ben, who has up to two devices. */
import type { LineState, State } from '@switchboard/call-model';
import type { CallID, Command, Device, LegID, SessionID, UserID } from '@switchboard/protocol';
import { without, type World } from './explore.ts';

const userID = 'ben' as UserID;
const anna = 'anna' as UserID;
const cleo = 'cleo' as UserID;
const gateway = 'g1' as Device['gateway'];
const callIDOf = (index: number) => `1-0190a000-0000-7000-8000-00000000000${String(index)}` as CallID;
/** Anna's wins against ours in a glare, and her later one loses. */
const [HERS, OURS, HERS_LATER, OTHER] = [callIDOf(1), callIDOf(2), callIDOf(3), callIDOf(4)] as const;

export const lineWorld = (offlineCallee: 'unreachable' | 'wake'): World => ({
  policy: { offlineCallee },
  commands: (state) => commands(state?.kind === 'line' ? state : undefined),
  key: (state) =>
    without(ordered(state), [
      'n',
      'until',
      'ringUntil',
      'checkAt',
      'connection',
      'socket',
      'legID',
      'media',
      'says',
      'watchers',
      'aliases',
    ]),
});

/** A device that is attached again goes to the end: the order does not matter. Nor does how many requests it remembers. */
function ordered(state: State | undefined): State | undefined {
  if (state?.kind !== 'line') return state;
  const devices = [...state.devices].sort((a, b) => (a.device.session < b.device.session ? -1 : 1));
  const engaged = state.engaged && 'sessions' in state.engaged ? sorted(state.engaged) : state.engaged;
  return { ...state, devices, engaged, requests: state.requests.slice(0, 1) };
}

const sorted = <E extends { sessions: readonly SessionID[] }>(engaged: E): E => ({
  ...engaged,
  sessions: [...engaged.sessions].sort(),
});

function commands(line: LineState | undefined): Command[] {
  return [...ofDevices(line), ...ofCalls(), ...(line?.devices ?? []).flatMap(ofDevice), ...ofOthers()];
}

function ofDevices(line: LineState | undefined): Command[] {
  const sockets = ['s1', 's2'] as SessionID[];
  const free = sockets.filter((socket) => !line?.devices.some(({ device }) => device.session === socket));
  return free.map((socket) => ({ type: 'AttachDevice', userID, socket, gateway, capabilities: ['native'] }));
}

function ofDevice({ device, socket }: LineState['devices'][number]): Command[] {
  const { session, connection } = device;
  const speaker = { userID, session, connection };
  const legID = `${session}:o1` as LegID;
  const place = { type: 'Place', ...speaker, media: 'video', legID, callID: OURS } as const;
  const again = `${session}.${String(connection + 1)}` as SessionID;
  return [
    { type: 'AttachDevice', userID, socket: again, gateway, capabilities: ['native'], resume: session },
    { type: 'DeviceHere', userID, socket: again, device: { ...device, connection: connection + 1 } },
    { type: 'CloseSocket', userID, socket, resumable: true },
    { type: 'CloseSocket', userID, socket, resumable: false },
    { type: 'SetPresence', ...speaker, state: 'away' },
    { type: 'SetPresence', ...speaker, state: 'online' },
    { ...place, calleeID: anna },
    { ...place, calleeID: anna, requestID: 'r' },
    { ...place, calleeID: userID },
    ...[HERS, OURS].flatMap((callID): Command[] => [
      { type: 'Stop', ...speaker, callID },
      { type: 'Decline', ...speaker, callID },
    ]),
  ];
}

function ofCalls(): Command[] {
  const ring = { type: 'Ring', userID, n: 1, media: 'video', until: 1 } as const;
  const ending = { reason: 'completed', endedBy: 'caller', phase: 'connected' } as const;
  return [
    { ...ring, callID: HERS, callerID: anna },
    { ...ring, callID: HERS_LATER, callerID: anna },
    { ...ring, callID: OTHER, callerID: cleo },
    ...[HERS, HERS_LATER, OURS, OTHER].map((callID): Command => ({ type: 'Release', userID, callID, n: 9, ...ending })),
    ...[HERS, OURS].map((callID): Command => ({ type: 'Answered', userID, callID, n: 2, session: 's1' as SessionID })),
    { type: 'Answered', userID, callID: HERS, n: 2, session: 's2' as SessionID },
  ];
}

function ofOthers(): Command[] {
  return [
    { type: 'Watch', userID, gateway },
    { type: 'Unwatch', userID, gateway },
    { type: 'GatewayLost', userID, gateway },
    { type: 'WakeLine', userID },
  ];
}
