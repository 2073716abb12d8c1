/** What every rule of a Call needs: how an event is made, how a call ends, and what is said of one that is over. */
import type { CallCommand, EndedBy, Reason, WorkerID } from '@switchboard/protocol';
import type { Policy } from '../policy.ts';
import type { CallEvent, Farewell } from './events.ts';
import { isTalking, wasAnswered, type CallState, type EndedCall, type LiveCall, type Party } from './state.ts';

export type Command<Type extends CallCommand['type']> = Extract<CallCommand, { type: Type }>;
export type Decision = readonly CallEvent[];
export interface Context {
  readonly call: LiveCall;
  readonly now: number;
  readonly policy: Policy;
}

type Plain<E> = E extends CallEvent ? Omit<E, 'v' | 'callID' | 'n'> : never;

/** The `step`th event that follows from this state in one decision. */
export function happened(call: CallState, event: Plain<CallEvent>, step = 1): CallEvent {
  return { v: 1, callID: call.callID, n: call.n + step, ...event } as CallEvent;
}

/** The one end of a call. `calleeEngaged`: false if the callee's Line never took it. */
export function end(
  { call, now, policy }: Context,
  { reason, endedBy }: { readonly reason: Reason; readonly endedBy: EndedBy },
  { calleeEngaged } = { calleeEngaged: true },
): Decision {
  const parties: Farewell[] = [farewell('caller', call.caller, endedBy)];
  if (isTalking(call)) parties.push(farewell('callee', call.callee, endedBy));
  return [
    happened(call, {
      type: 'CallEnded',
      ending: { reason, endedBy, phase: call.phase },
      parties,
      lines: calleeEngaged ? [call.caller.userID, call.calleeID] : [call.caller.userID],
      attempts: call.attempts,
      forgetAt: now + policy.tombstoneMs,
    }),
  ];
}

const farewell = (role: 'caller' | 'callee', party: Party, endedBy: EndedBy): Farewell => ({
  role,
  device: party.device,
  answered: wasAnswered(party),
  tell: role !== endedBy,
});

/** To a call that has ended: late devices hear its reason, lines are freed again, strays are released. */
export function callOver(call: EndedCall, command: CallCommand): Decision {
  const base = { v: 1, callID: call.callID, n: call.n } as const;
  switch (command.type) {
    case 'Accept':
      return [{ ...base, type: 'AcceptRefused', device: command.device, ending: call.ending }];
    case 'AskCall':
      return [{ ...base, type: 'LineTold', userID: command.userID, ending: call.ending }];
    case 'AttemptReleased':
      return holds(call, command)
        ? [happened(call, { type: 'AttemptReleased', attempt: command.attempt, workerID: command.workerID })]
        : [];
    case 'LegAnswered':
    case 'LegConnected':
      return holds(call, command)
        ? []
        : [{ ...base, type: 'StrayAttempt', attempt: command.attempt, workerID: command.workerID }];
    default:
      return [];
  }
}

const holds = (call: EndedCall, named: { attempt: number; workerID: WorkerID }): boolean =>
  call.attempts.some(({ attempt, workerID }) => attempt === named.attempt && workerID === named.workerID);
