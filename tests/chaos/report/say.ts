/** What is said of one strike. */
import type { Outcome } from '../strike.ts';

export function say(outcome: Outcome): string {
  const { fault, told, callsLive, callsPlayed, callsLost, callsRefused, packetsLost, wrong } = outcome;
  const calls = `${String(callsLive)} calls up, ${String(callsLost.length)} lost, ${String(callsPlayed)} came and went (${String(callsRefused)} refused)`;
  const commands = `commands ${String(outcome.commandsLost)} lost, ${String(outcome.commandsDoubled)} doubled`;
  const media = `longest gap ${ms(outcome.gapMs)}, ${String(packetsLost)} packets lost`;
  const line = `${fault} (${told}): ${calls}; ${commands}; back after ${ms(Math.max(...outcome.recoveriesMs))}; ${media}`;
  return [line, ...wrong.map((each) => `  ! ${each}`)].join('\n');
}

const ms = (value: number) => `${value.toFixed(0)} ms`;
