/**
 * Invariants 2 and 8, whenever no message is in flight: Lines and Calls agree about who is engaged, and every pipeline belongs to
 * a live call.
 */
import type { CallState, LineState, State } from '@switchboard/call-model';
import type { UserID } from '@switchboard/protocol';

type Live = Exclude<CallState, { phase: 'ended' }>;

export interface Quiet {
  readonly states: ReadonlyMap<string, State>;
  readonly pipelines: readonly string[];
  /** Those that are there, and have nothing left to say of their sessions. */
  readonly gateways: ReadonlySet<string>;
  /** Those that are there, in their first life: a word that got lost with an earlier one is said when the call ends. */
  readonly workers: ReadonlySet<string>;
}

/** What is wrong: the invariant, and how it shows. */
export type Finding = readonly [invariant: string, what: string];

export const checkQuiet = (quiet: Quiet): Finding | undefined =>
  linesAndCalls(quiet) ?? orphans(quiet) ?? attempts(quiet) ?? connections(quiet);

function linesAndCalls({ states }: Quiet): Finding | undefined {
  const engaged = new Map<UserID, string>();
  for (const line of linesOf(states)) if (line.engaged !== undefined) engaged.set(line.userID, line.engaged.callID);
  const live = liveCalls(states);
  for (const call of live) {
    for (const user of [call.caller.userID, call.calleeID]) {
      if (engaged.get(user) !== call.callID)
        return ['2 lines and calls', `${user} is in ${call.callID}, and the Line is in ${String(engaged.get(user))}`];
    }
  }
  for (const [user, callID] of engaged) {
    if (!live.some((call) => call.callID === callID && [call.caller.userID, call.calleeID].includes(user)))
      return ['2 an engaged line', `the Line of ${user} is engaged in ${callID}, which does not live`];
  }
  return undefined;
}

function orphans({ states, pipelines }: Quiet): Finding | undefined {
  const live = liveCalls(states);
  const attempts = new Set(
    live.flatMap(({ callID, attempts }) => attempts.map(({ attempt }) => `${callID}/${String(attempt)}`)),
  );
  const orphan = pipelines.find((name) => !attempts.has(name));
  return orphan === undefined ? undefined : ['8 an orphan pipeline', orphan];
}

/** What was refused or lost is released. */
function attempts({ states, workers }: Quiet): Finding | undefined {
  for (const { callID, media, attempts } of liveCalls(states)) {
    const current = media.kind === 'placed' ? media.attempt : undefined;
    const kept = attempts.find(({ attempt, workerID }) => attempt !== current && workers.has(workerID));
    if (kept) return ['8 an attempt kept', `${callID}/${String(kept.attempt)} on ${kept.workerID}`];
  }
  return undefined;
}

/** A Call speaks to its parties on the connection that their Lines know, and knows who is away. */
function connections({ states, gateways }: Quiet): Finding | undefined {
  for (const call of liveCalls(states)) {
    for (const { userID, device, link } of 'callee' in call ? [call.caller, call.callee] : [call.caller]) {
      const line = linesOf(states).find((each) => each.userID === userID);
      const known = line?.devices.find((each) => each.device.session === device.session);
      if (known !== undefined && !gateways.has(known.device.gateway)) continue;
      const same = known?.device.connection === device.connection && (known.link.kind === 'up') === (link === 'here');
      if (!same)
        return [
          '2 where a party is',
          `${call.callID} has ${device.session}#${String(device.connection)} ${link}, its Line ${JSON.stringify(known)}`,
        ];
    }
  }
  return undefined;
}

export const linesOf = (states: ReadonlyMap<string, State>): LineState[] =>
  [...states.values()].filter((state) => state.kind === 'line');

export const liveCalls = (states: ReadonlyMap<string, State>): Live[] =>
  [...states.values()].filter((state): state is Live => state.kind === 'call' && state.phase !== 'ended');
