/**
 * The model as the log runs it: Line and Call behind one `decide`, `evolve`, `effects`. Pure: no I/O, no clock, no chance.
 * What only the shell knows (which worker has room) it asks by a `Question`.
 */
import {
  command as commandSchema,
  isLineCommand,
  type CallID,
  type Command,
  type GatewayID,
  type UserID,
  type WorkerID,
} from '@switchboard/protocol';
import { decideCall } from './call/decide.ts';
import { callEffects } from './call/effects.ts';
import type { CallEvent } from './call/events.ts';
import { evolveCall } from './call/evolve.ts';
import { deadlineOf, refsOf, type CallState } from './call/state.ts';
import type { Effect } from './effect.ts';
import { decideLine } from './line/decide.ts';
import { lineEffects } from './line/effects.ts';
import type { LineEvent } from './line/events.ts';
import { evolveLine } from './line/evolve.ts';
import { wakeLineAt, watchedByLine, type LineState } from './line/state.ts';
import type { Policy } from './policy.ts';

export type State = LineState | CallState;
export type Event = LineEvent | CallEvent;

/** What the log indexes of a state: when to wake it, whose death it must hear of, which SDP it needs. */
export interface Facts {
  readonly deadline: number | undefined;
  readonly watches: readonly string[];
  readonly refs: readonly string[];
  readonly live: boolean;
}

/** The name of an aggregate in the log: `line:<userID>` or `call:<callID>`. */
export const lineKey = (id: UserID): string => `line:${id}`;
export const callKey = (id: CallID): string => `call:${id}`;

const isLineKey = (key: string): boolean => key.startsWith('line:');
const idOfKey = (key: string): string => key.slice(key.indexOf(':') + 1);

/** `partitions`: how many the cluster has; it never changes. */
export function createModel({ partitions, policy }: { readonly partitions: number; readonly policy: Policy }) {
  return {
    /** Undefined for what is no command of this version. */
    parse(body: string): Command | undefined {
      const parsed = commandSchema.safeParse(JSON.parse(body));
      return parsed.success ? parsed.data : undefined;
    },
    keyOf: (command: Command): string => (isLineCommand(command) ? lineKey(command.userID) : callKey(command.callID)),
    decide: (state: State | undefined, command: Command, now: number): readonly Event[] =>
      decide(state, command, now, policy),
    evolve,
    effects: (event: Event): readonly Effect[] =>
      isCallEvent(event) ? callEffects(event, partitions) : lineEffects(event),
    facts,
    onDeadline: (key: string): Command =>
      isLineKey(key)
        ? { type: 'WakeLine', userID: idOfKey(key) as UserID }
        : { type: 'WakeCall', callID: idOfKey(key) as CallID },
    onLost: (key: string, process: string): Command =>
      isLineKey(key)
        ? { type: 'GatewayLost', userID: idOfKey(key) as UserID, gateway: process as GatewayID }
        : { type: 'WorkerLost', callID: idOfKey(key) as CallID, workerID: process as WorkerID },
  };
}

export type Model = ReturnType<typeof createModel>;

const isCallEvent = (event: Event): event is CallEvent => !('userID' in event) || event.type === 'LineTold';
const lineOf = (state: State | undefined): LineState | undefined => (state?.kind === 'line' ? state : undefined);
const callOf = (state: State | undefined): CallState | undefined => (state?.kind === 'call' ? state : undefined);

function decide(state: State | undefined, command: Command, now: number, policy: Policy): readonly Event[] {
  return isLineCommand(command)
    ? decideLine(lineOf(state), command, now, policy)
    : decideCall(callOf(state), command, now, policy);
}

function evolve(state: State | undefined, event: Event): State | undefined {
  return isCallEvent(event) ? evolveCall(callOf(state), event) : evolveLine(lineOf(state), event);
}

function facts(state: State): Facts {
  if (state.kind === 'line') {
    return { deadline: wakeLineAt(state), watches: watchedByLine(state), refs: [], live: false };
  }
  if (state.phase === 'ended') return { deadline: state.forgetAt, watches: [], refs: [], live: false };
  const watches = state.media.kind === 'placed' ? [state.media.workerID] : [];
  return { deadline: deadlineOf(state), watches, refs: refsOf(state), live: true };
}
