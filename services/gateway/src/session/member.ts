/** A session that has logged in: who it is, how it is spoken to, and the calls it knows. */
import type { Capability, CallID, LegID, SessionID, UserID } from '@switchboard/protocol';
import { makeLegID } from '@switchboard/protocol';
import { native, seed, type Dialect, type Fault, type Told } from '../dialect/index.ts';
import type { Action, GatewayCommand } from './actions.ts';
import { CallTable } from './calls.ts';

/** A fresh session's connection number; a resume (a later issue) gets its own from the Line. */
export const CONNECTION = 1;

export class Member {
  readonly userID: UserID;
  readonly session: SessionID;
  readonly capabilities: readonly Capability[];
  readonly deviceID: string | undefined;
  readonly calls = new CallTable();
  readonly dialect: Dialect;
  readonly isNative: boolean;
  welcomed = false;
  #offers = 0;

  constructor(
    who: { userID: UserID; capabilities: readonly Capability[]; deviceID: string | undefined },
    id: SessionID,
  ) {
    this.userID = who.userID;
    this.session = id;
    this.capabilities = who.capabilities;
    this.deviceID = who.deviceID;
    this.isNative = who.capabilities.includes('native');
    this.dialect = this.isNative ? native : seed;
  }

  /** How commands name this device. */
  get speaker(): { session: SessionID; connection: number } {
    return { session: this.session, connection: CONNECTION };
  }

  /** The leg of a new offer, by the client's name for it or a fresh one; undefined if that name is in use. */
  newLeg(name: string | undefined): LegID | undefined {
    this.#offers += 1;
    const leg = makeLegID(this.session, name ?? `~${String(this.#offers)}`);
    return this.calls.leg(leg) === undefined ? leg : undefined;
  }

  tell(told: Told): Action[] {
    return this.dialect(told).map((message) => ({ kind: 'frame', message }));
  }

  /** Tells a native client what was wrong, a seed client what it can understand of it, and counts it. */
  refuse(code: Fault['code'], message: string, re: string): Action[] {
    return refusal(this.dialect, { kind: 'fault', code, message, re });
  }
}

export function refusal(dialect: Dialect, fault: Fault): Action[] {
  const frames = dialect(fault).map((message): Action => ({ kind: 'frame', message }));
  return [{ kind: 'count', what: 'message_refused', code: fault.code }, ...frames];
}

export function command(what: GatewayCommand, blobs?: Readonly<Record<string, string>>): Action {
  return { kind: 'command', command: what, ...(blobs === undefined ? {} : { blobs }) };
}

export function dropped(): Action[] {
  return [{ kind: 'count', what: 'mail_dropped' }];
}

/** What ends a call that this session placed or accepted. */
export function stopCommand({ userID, speaker }: Member, callID: CallID): Action {
  return command({ type: 'Stop', userID, ...speaker, callID });
}
