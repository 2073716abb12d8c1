/** Figures of many strikes, and the tables that show them. Pure. */
import type { Fault } from '../faults/fault.ts';
import type { Outcome } from '../strike.ts';

export interface Line {
  readonly fault: Fault;
  readonly outcomes: readonly Outcome[];
}

const COLUMNS = [
  'fault',
  'times',
  'calls live',
  'calls lost',
  'commands lost / doubled',
  'recovery p50 / p95 / max, ms',
  'longest media gap, ms',
  'packets lost',
] as const;

/** The smallest value that a share of all does not exceed; 0 of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

function cells({ fault, outcomes }: Line, name: string): string[] {
  const sum = (of: (outcome: Outcome) => number) => outcomes.reduce((total, outcome) => total + of(outcome), 0);
  const most = (of: (outcome: Outcome) => number) => Math.max(0, ...outcomes.map(of));
  const recoveries = outcomes.flatMap(({ recoveriesMs }) => recoveriesMs);
  const times = [0.5, 0.95, 1].map((share) => whole(percentile(recoveries, share)));
  return [
    name === 'what' ? fault.what : fault.name,
    whole(outcomes.length),
    whole(sum(({ callsLive, callsPlayed }) => callsLive + callsPlayed)),
    whole(sum(({ callsLost }) => callsLost.length)),
    `${whole(sum(({ commandsLost }) => commandsLost))} / ${whole(sum(({ commandsDoubled }) => commandsDoubled))}`,
    times.join(' / '),
    whole(most(({ gapMs }) => gapMs)),
    whole(sum(({ packetsLost }) => packetsLost)),
  ];
}

const whole = (value: number) => value.toFixed(0);

/** For docs/reliability.md. */
export function markdown(lines: readonly Line[]): string {
  const rows = [[...COLUMNS], COLUMNS.map(() => '---'), ...lines.map((line) => cells(line, 'what'))];
  return rows.map((row) => `| ${row.join(' | ')} |`).join('\n');
}

/** For a terminal. */
export function plain(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => (row[at] ?? '').length)));
  return rows
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export const table = (lines: readonly Line[]): string =>
  plain([[...COLUMNS], ...lines.map((line) => cells(line, 'name'))]);
