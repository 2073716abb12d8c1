/** The page's view of libs/client: one session, and one call at a time that is shown until the next. */
import {
  Switchboard,
  type Call,
  type CallState,
  type ConnectionState,
  type SwitchboardError,
} from '@switchboard/client';
import { shallowRef, type ShallowRef } from 'vue';
import type { Settings } from '../settings.ts';

export type Session =
  | { kind: 'logged-out'; error?: SwitchboardError }
  | { kind: 'logging-in'; connection: ConnectionState }
  | { kind: 'logged-in'; userID: string; connection: ConnectionState };

/** `shown`: the call, its latest state, and how long it was connected once it is over. */
export type Line =
  | { kind: 'idle' }
  | {
      kind: 'shown';
      call: Call;
      state: CallState;
      local: MediaStream | undefined;
      remote: MediaStream | undefined;
      talked: { from: number; to?: number } | undefined;
    };

export interface Phone {
  session: ShallowRef<Session>;
  line: ShallowRef<Line>;
  logIn(userID: string, token: string | undefined): void;
  logOut(): void;
  call(calleeID: string): void;
}

export function usePhone({ gateways, iceServers }: Settings): Phone {
  const session = shallowRef<Session>({ kind: 'logged-out' });
  const line = shallowRef<Line>({ kind: 'idle' });
  let board: Switchboard | undefined;

  function logIn(userID: string, token: string | undefined): void {
    const mine = new Switchboard({
      gateways,
      userID,
      iceServers: iceServers as RTCIceServer[],
      ...(token && { token }),
    });
    board = mine;
    session.value = { kind: 'logging-in', connection: mine.state };
    mine.on('state', (connection) => {
      if (board !== mine) return;
      if (connection.status === 'closed') leave({ kind: 'logged-out', error: connection.error });
      else if (connection.status === 'online') session.value = { kind: 'logged-in', userID, connection };
      else session.value = { ...session.value, connection } as Session;
    });
    mine.on('incoming', (call) => {
      if (!isLive(line.value)) show(line, call, mine);
    });
    mine.connect().catch(() => undefined);
  }

  function leave(to: Session): void {
    board = undefined;
    session.value = to;
  }

  function logOut(): void {
    const mine = board;
    leave({ kind: 'logged-out' });
    mine?.disconnect();
    line.value = { kind: 'idle' };
  }

  function call(calleeID: string): void {
    if (board?.state.status === 'online' && !isLive(line.value)) show(line, board.call(calleeID), board);
  }

  return { session, line, logIn, logOut, call };
}

export function isLive(line: Line): boolean {
  return line.kind === 'shown' && line.state.phase !== 'ended';
}

/** Follows a call; once it is over, one that came in meanwhile takes its place. */
function show(line: ShallowRef<Line>, call: Call, board: Switchboard): void {
  let talked: { from: number; to?: number } | undefined;
  const paint = () => {
    const { state, localStream: local, remoteStream: remote } = call;
    line.value = { kind: 'shown', call, state, local, remote, talked };
  };
  call.on('localStream', paint);
  call.on('remoteStream', paint);
  call.on('phase', (state) => {
    if (state.phase === 'connected') talked = { from: state.since };
    if (state.phase === 'ended' && talked) talked = { ...talked, to: Date.now() };
    paint();
  });
  call.on('ended', () => {
    const next = board.calls.find((other) => other !== call);
    if (next) show(line, next, board);
  });
  paint();
}
