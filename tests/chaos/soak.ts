/**
 * `npm run soak`: calls at a steady rate, a fault at random each minute. At the end everything must be as small as it was after the
 * warm-up: memory, file descriptors, pipelines, keys.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { Random } from '../simulation/engine/random.ts';
import { chosen, drawing, onStage, type Report, type RunOptions } from './campaign.ts';
import { percentile, plain } from './report/figures.ts';
import { say } from './report/say.ts';
import { sample, type Sample } from './stage/resources.ts';
import type { Stage } from './stage/stage.ts';
import { strike, type Outcome } from './strike.ts';

const MINUTE = 60_000;
const SAMPLE_MS = 2000;
/** Of the end, and of what follows the warm-up, so much is compared; the faults of that time are in both. */
const WINDOW = 0.2;
const GROWTH = 1.1;
/** For what is counted in small numbers. */
const SLACK = 3;

interface Taken {
  readonly at: number;
  readonly sample: Sample;
}

export async function run(options: RunOptions): Promise<Report> {
  const random = new Random(options.seed);
  const total = options.minutes * MINUTE;
  const taken: Taken[] = [];
  const outcomes: Outcome[] = [];
  const wrong = await onStage(options, random, async (stage) => {
    const began = performance.now();
    const over = () => performance.now() - began >= total || options.signal.aborted;
    const sampling = keepSampling(stage, taken, over);
    const draw = drawing(chosen(options.only), random);
    while (!over()) {
      const next = performance.now() + Math.min(MINUTE, total / 5);
      const outcome = await strike(stage, draw(), random);
      outcomes.push(outcome);
      const left = ((total - (performance.now() - began)) / MINUTE).toFixed(1);
      options.say(`${say(outcome)} [${left} min left]`);
      while (performance.now() < next && !over()) await pause(200);
    }
    await sampling;
  });
  const rows = compare(taken);
  const grown = rows.filter(({ ok }) => !ok).map(({ name }) => `${name}: grew by more than 10 %`);
  const cells = [['', 'after warm-up', 'at the end', 'change'], ...rows.map(({ text }) => text)];
  return {
    wrong: [...outcomes.flatMap((outcome) => outcome.wrong), ...grown, ...wrong],
    table: `${plain(cells)}\n\n${String(outcomes.length)} faults, ${String(outcomes.reduce((sum, { callsPlayed }) => sum + callsPlayed, 0))} calls`,
    markdown: [cells[0] ?? [], ['---', '---', '---', '---'], ...cells.slice(1)]
      .map((row) => `| ${row.join(' | ')} |`)
      .join('\n'),
  };
}

async function keepSampling(stage: Stage, taken: Taken[], over: () => boolean): Promise<void> {
  while (!over()) {
    // A fault may be just now: the next time, then.
    const found = await sample(stage).catch(() => undefined);
    if (found) taken.push({ at: performance.now(), sample: found });
    await pause(SAMPLE_MS);
  }
}

interface Row {
  readonly name: string;
  readonly ok: boolean;
  readonly text: readonly string[];
}

/** The first window is the warm-up, the second is what the last is compared with. */
function compare(taken: readonly Taken[]): Row[] {
  const size = Math.floor(taken.length * WINDOW);
  if (size === 0) return [];
  const middle = (name: string, from: number) =>
    percentile(
      taken.slice(from, from + size).map((each) => each.sample.get(name) ?? 0),
      0.5,
    );
  return [...(taken[0]?.sample.keys() ?? [])].map((name) => {
    const [before, after] = [middle(name, size), middle(name, taken.length - size)];
    const ok = after <= Math.max(before * GROWTH, before + SLACK);
    const change = before === 0 ? '' : `${(((after - before) / before) * 100).toFixed(1)} %`;
    return { name, ok, text: [name, before.toFixed(1), after.toFixed(1), change] };
  });
}
