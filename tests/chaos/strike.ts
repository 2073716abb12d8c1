/** One fault on a running stage, from a whole stage to a whole stage, and what was measured. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from '../simulation/engine/random.ts';
import type { Blow, Fault } from './faults/fault.ts';
import type { Stage } from './stage/stage.ts';

export interface Outcome {
  readonly fault: string;
  readonly told: string;
  /** Calls that were up when it struck. */
  readonly callsLive: number;
  /** Calls that came and went around it. */
  readonly callsPlayed: number;
  /** Ended though nobody ended them, or otherwise than the one who ended them did. */
  readonly callsLost: readonly string[];
  /** Told so before they rang. */
  readonly callsRefused: number;
  readonly commandsLost: number;
  readonly commandsDoubled: number;
  readonly recoveriesMs: readonly number[];
  /** The longest silence at anybody in a call that was up. */
  readonly gapMs: number;
  readonly packetsLost: number;
  /** Everything that should not be, one line each. */
  readonly wrong: readonly string[];
}

/** So many ms at most between the begin of the traffic and the fault. */
const MOMENT_MS = 1500;

export async function strike(stage: Stage, fault: Fault, random: Random): Promise<Outcome> {
  await pause(random.whole(0, MOMENT_MS));
  const live = stage.liveCalls;
  for (const call of live) call.measureAnew();
  stage.prober.forget();
  const began = performance.now();
  const unfinished = (error: unknown): Blow => ({ recoveriesMs: [], since: began, told: '', wrong: [String(error)] });
  const { since, told, wrong = [], ...blow } = await fault.strike(stage, random).catch(unfinished);
  const wrongs = [...wrong];
  const backMs = await stage.recovered(since).catch((error: unknown) => {
    wrongs.push(String(error));
    return performance.now() - since;
  });
  const recoveriesMs = blow.recoveriesMs.length > 0 ? blow.recoveriesMs : [backMs];
  await stage.rest();
  const balance = await settled(stage);
  const callsLost = [
    ...live.flatMap(({ callID, end }) => (end ? [`${String(callID)}: ${end}`] : [])),
    ...balance.lostPlays,
  ];
  const losses = live.filter(({ isLive }) => isLive).map((call) => call.loss());
  const outcome = {
    ...{ fault: fault.name, told, callsLive: live.length, callsLost, recoveriesMs },
    callsPlayed: balance.played,
    callsRefused: balance.refused,
    commandsLost: balance.lost,
    commandsDoubled: balance.doubled,
    gapMs: Math.max(0, ...losses.map(({ gapMs }) => gapMs)),
    packetsLost: losses.reduce((sum, { packets }) => sum + packets, 0),
    wrong: [...wrongs, ...callsLost, ...balance.findings],
  };
  await stage.fill();
  stage.traffic.start();
  return outcome;
}

/** The books of all that was played until now. */
async function settled(stage: Stage) {
  const played = [...stage.traffic.played];
  const lostPlays = played
    .filter(({ outcome }) => outcome === 'lost')
    .map(({ callID, expected, ends }) => `${String(callID)}: ${ends.join(' / ')}, not ${expected}`);
  const refused = played.filter(({ outcome }) => outcome === 'refused').length;
  const live = stage.liveCalls.map(({ callID }) => String(callID));
  const balance = await stage.books.balance(stage.phones, stage.traffic.played, live);
  return { ...balance, played: played.length, refused, lostPlays };
}
