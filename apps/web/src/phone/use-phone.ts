/**
 * The page's view of libs/client: one session, one call at a time, and who of the people is there.
 *
 *   logged-out → logging-in → logged-in → logged-out        a log-out, or the server said not to come back
 *                                       → taken-over → logging-in
 */
import { Switchboard, type Call, type ConnectionState, type SwitchboardError } from '@switchboard/client';
import { ref, shallowRef, type Ref, type ShallowRef } from 'vue';
import type { TabLogin, TabMemory } from '../memory.ts';
import type { Settings } from '../settings.ts';
import { holdLine, isLive, type Line, type LineHolder } from './line.ts';
import { holdPresence, type PresenceBook } from './presence.ts';

/** `taken-over`: another tab has this session now. */
export type Session =
  | { kind: 'logged-out'; error?: SwitchboardError }
  | { kind: 'logging-in'; connection: ConnectionState }
  | { kind: 'logged-in'; userID: string; connection: ConnectionState }
  | { kind: 'taken-over'; userID: string };

export interface Phone {
  session: ShallowRef<Session>;
  line: ShallowRef<Line>;
  presence: ShallowRef<PresenceBook>;
  away: Ref<boolean>;
  logIn(login: TabLogin): void;
  /** Takes the session back from the tab that took it. */
  logInAgain(): void;
  logOut(): void;
  call(calleeID: string, media: Call['media']): void;
  watch(userIDs: readonly string[]): void;
  setAway(away: boolean): void;
}

export function usePhone(settings: Settings, memory: TabMemory): Phone {
  const session = shallowRef<Session>({ kind: 'logged-out' });
  const away = ref(false);
  const [lines, people] = [holdLine(), holdPresence()];
  let board: Switchboard | undefined;
  let last: TabLogin | undefined;

  function logIn(login: TabLogin): void {
    const mine = openBoard(settings, login);
    board = mine;
    last = login;
    away.value = login.away;
    session.value = { kind: 'logging-in', connection: mine.state };
    mine.on('state', (connection) => {
      if (board === mine) connectionIs(connection, login.userID);
    });
    people.follow(mine);
    followCalls(mine, lines);
    mine.connect().catch(() => undefined);
  }

  function connectionIs(connection: ConnectionState, userID: string): void {
    if (connection.status === 'closed') return closed(connection.error, userID);
    if (connection.status !== 'online') return void (session.value = { ...session.value, connection } as Session);
    if (session.value.kind === 'logging-in' && last) memory.keep(last);
    session.value = { kind: 'logged-in', userID, connection };
  }

  function closed(error: SwitchboardError, userID: string): void {
    if (error.code === 'auth_failed') memory.forget();
    leave(error.code === 'session_taken_over' ? { kind: 'taken-over', userID } : { kind: 'logged-out', error });
  }

  function leave(to: Session): void {
    const mine = board;
    board = undefined;
    session.value = to;
    if (to.kind === 'logged-out' && !to.error) mine?.disconnect();
    people.clear();
    lines.clear();
  }

  function logOut(): void {
    memory.forget();
    leave({ kind: 'logged-out' });
  }

  function setAway(wanted: boolean): void {
    away.value = wanted;
    board?.setPresence(wanted ? 'away' : 'online');
    if (last) memory.keep((last = { ...last, away: wanted }));
  }

  return {
    session,
    line: lines.line,
    presence: people.presence,
    away,
    logIn,
    logInAgain: () => last && logIn(last),
    logOut,
    call: (calleeID, media) => board && place(board, lines, { calleeID, media }),
    watch: (userIDs) => board?.watch([...userIDs]),
    setAway,
  };
}

function openBoard({ gateways, iceServers }: Settings, { userID, token, away }: TabLogin): Switchboard {
  const board = new Switchboard({
    gateways,
    userID,
    iceServers: iceServers as RTCIceServer[],
    ...(token && { token }),
  });
  if (away) board.setPresence('away');
  return board;
}

function place(board: Switchboard, { line, show }: LineHolder, to: { calleeID: string; media: Call['media'] }): void {
  if (board.state.status !== 'online' || isLive(line.value)) return;
  show(board.call(to.calleeID, { media: to.media }), board);
}

/** A call that comes in during another waits in the SDK until that one is over. */
function followCalls(board: Switchboard, { line, show }: LineHolder): void {
  board.on('incoming', (call) => {
    if (!isLive(line.value)) show(call, board);
  });
  board.on('restored', (call) => {
    if (!isLive(line.value)) show(call, board, 'restored');
  });
}
