/** Invariants 1, 3, 4 and 7 as the log tells them, event by event. */
import { deadlineOf, type CallEvent, type State } from '@switchboard/call-model';
import { partitionOfCall, type CallID, type Reason, type UserID, type WorkerID } from '@switchboard/protocol';
import { msOfID } from '../engine/applied.ts';
import type { LoggedEvent } from '../engine/logged-event.ts';

type Of<T extends CallEvent['type']> = Extract<CallEvent, { type: T }>;

/** What the log says of one call. */
export interface CallStory {
  readonly callID: CallID;
  readonly caller: UserID;
  readonly callee: UserID;
  acceptedBy: string | undefined;
  connected: boolean;
  /** Users whose own Line left it. */
  readonly left: Set<UserID>;
  /** Workers that are not asked (again) for its media. */
  passed: readonly WorkerID[];
  ended: { readonly reason: Reason; readonly at: number } | undefined;
}

export interface CallCheckParts {
  readonly fail: (invariant: string, what: string) => void;
  /** How many there were. */
  readonly commits: () => number;
  readonly stateOf: (key: string) => State | undefined;
  /** How many there are, if every owner knows; else 0. */
  readonly workers: () => number;
  /** The first message in a partition's inbox behind a cursor. */
  readonly firstAfter: (partition: number, cursor: string) => string | undefined;
}

export class CallChecks {
  readonly calls = new Map<CallID, CallStory>();
  readonly #parts: CallCheckParts;
  /** Sessions whose accept was applied first, by call: more than one if one commit applied them. */
  readonly #accepts = new Map<string, { readonly commit: number; readonly sessions: string[] }>();

  constructor(parts: CallCheckParts) {
    this.#parts = parts;
  }

  /** A command from an inbox. */
  applied(body: string): void {
    if (!body.startsWith('{"type":"Accept"')) return;
    const { callID, device } = JSON.parse(body) as { callID: string; device: { session: string } };
    this.#acceptedBy(callID, device.session);
  }

  event(logged: LoggedEvent): void {
    const { event } = logged;
    switch (event.type) {
      case 'CalledBack':
      case 'GlareLost':
        // To a Call of its own partition it goes through no inbox.
        if (partitionOfCall(event.callID) === logged.partition) this.#acceptedBy(event.callID, event.device.session);
        return;
      case 'CallStarted':
        return this.#started(event);
      case 'CallAccepted':
        return this.#accepted(event);
      case 'MediaWanted':
        return this.#wanted(event);
      case 'AttemptPlaced':
        return this.#placed(event);
      case 'CallConnected':
        return this.#connected(event);
      case 'CallEnded':
        return this.#ended(event, logged);
      case 'LineStopped':
        this.calls.get(event.callID)?.left.add(event.userID);
        return;
      case 'DeviceDetached':
        if (event.left !== undefined) this.calls.get(event.left)?.left.add(event.userID);
        return this.#timely(logged, this.#graceOf(logged));
    }
  }

  /** A worker connected the parties to each other. */
  joined(callID: CallID): void {
    if (this.calls.get(callID)?.acceptedBy === undefined)
      this.#parts.fail('7 media before the accept', `the parties of ${callID} are joined, and nobody accepted`);
  }

  #acceptedBy(callID: string, session: string): void {
    const [commit, first] = [this.#parts.commits(), this.#accepts.get(callID)];
    if (first === undefined) this.#accepts.set(callID, { commit, sessions: [session] });
    else if (first.commit === commit) first.sessions.push(session);
  }

  #started({ callID, caller, calleeID }: Of<'CallStarted'>): void {
    if (this.calls.has(callID)) return this.#parts.fail('3 started twice', callID);
    const users = { caller: caller.userID, callee: calleeID };
    this.calls.set(callID, {
      callID,
      ...users,
      acceptedBy: undefined,
      connected: false,
      passed: [],
      left: new Set(),
      ended: undefined,
    });
  }

  #accepted({ callID, callee: { userID, device } }: Of<'CallAccepted'>): void {
    const call = this.calls.get(callID);
    if (call === undefined || call.acceptedBy !== undefined || call.ended !== undefined)
      return this.#parts.fail('4 accepted twice', `${callID} by ${device.session}`);
    call.acceptedBy = device.session;
    if (userID !== call.callee)
      this.#parts.fail('4 who accepts', `${userID} accepted ${callID}, a call to ${call.callee}`);
    const first = this.#accepts.get(callID)?.sessions ?? [];
    if (!first.includes(device.session))
      this.#parts.fail('4 first to accept', `${device.session} got ${callID}, and ${String(first)} accepted before`);
  }

  #connected({ callID }: Of<'CallConnected'>): void {
    const call = this.calls.get(callID);
    if (call?.acceptedBy === undefined || call.ended !== undefined)
      return this.#parts.fail('7 connected', `${callID} is connected before its accept or after its end`);
    call.connected = true;
    for (const other of this.calls.values()) {
      if (other === call || !other.connected || other.ended !== undefined) continue;
      for (const user of [call.caller, call.callee]) {
        if ((other.caller === user || other.callee === user) && !other.left.has(user))
          this.#parts.fail('1 two connected calls', `${user} is in ${other.callID} and in ${callID}`);
      }
    }
  }

  #wanted({ callID, exclude, lost }: Of<'MediaWanted'>): void {
    const call = this.calls.get(callID);
    if (call) call.passed = lost === undefined ? exclude : [...exclude, lost];
  }

  #placed({ callID, workerID }: Of<'AttemptPlaced'>): void {
    if (this.calls.get(callID)?.passed.includes(workerID) === true)
      this.#parts.fail('8 placed again', `${callID} is on ${workerID}, which refused or lost it`);
  }

  /** Where there is another media server, a call ends only if a party cannot come along, or in the end. */
  #rebuilt({ callID }: Of<'CallEnded'>, state: State | undefined): void {
    const passed = this.calls.get(callID)?.passed.length ?? 0;
    if (state?.kind !== 'call' || state.phase === 'ended' || this.#parts.workers() <= Math.max(1, passed)) return;
    const parties = 'callee' in state ? [state.caller, state.callee] : [state.caller];
    const moves = parties.every(({ device }) => device.capabilities.includes('renegotiate'));
    const { media } = state;
    const tried = media.kind === 'placed' && media.lost !== undefined;
    if (moves && !tried) this.#parts.fail('8 not rebuilt', `${callID} lost its media server, and there is another`);
  }

  #ended({ callID, ending }: Of<'CallEnded'>, logged: LoggedEvent): void {
    const call = this.calls.get(callID);
    if (call === undefined || call.ended !== undefined) return this.#parts.fail('3 ended twice', callID);
    call.ended = { reason: ending.reason, at: logged.at };
    const state = this.#parts.stateOf(logged.key);
    if (ending.reason === 'media_server_lost') this.#rebuilt(logged.event as Of<'CallEnded'>, state);
    const timedOut = ending.endedBy === 'system' && state?.kind === 'call' && state.phase !== 'ended';
    this.#timely(logged, timedOut ? deadlineOf(state) : undefined);
  }

  /** What came in time wins over the deadline: it was read before. */
  #timely({ partition, cursor, decidedAt, key, event }: LoggedEvent, deadline: number | undefined): void {
    if (deadline === undefined || deadline > decidedAt) return;
    const first = this.#parts.firstAfter(partition, cursor);
    if (first === undefined || msOfID(first) >= deadline) return;
    const [late, early] = [decidedAt - deadline, deadline - msOfID(first)].map(String);
    this.#parts.fail(
      '5 timely',
      `${event.type} of ${key} fired ${late} ms late, before a message that had come ${early} ms early`,
    );
  }

  #graceOf({ key, event }: LoggedEvent): number | undefined {
    const state = this.#parts.stateOf(key);
    if (state?.kind !== 'line' || event.type !== 'DeviceDetached') return undefined;
    const link = state.devices.find(({ device }) => device.session === event.session)?.link;
    return link?.kind === 'down' ? link.until : undefined;
  }
}
