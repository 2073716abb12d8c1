/** `npm run chaos`: faults at random on a running cluster, one after the other, until the time is over. */
import { Random } from '../simulation/engine/random.ts';
import { faults } from './faults/index.ts';
import type { Fault } from './faults/fault.ts';
import { markdown, table, type Line } from './report/figures.ts';
import { say } from './report/say.ts';
import { Stage } from './stage/stage.ts';
import { strike, type Outcome } from './strike.ts';

export interface RunOptions {
  readonly minutes: number;
  readonly seed: string;
  /** Names of faults; empty: all. */
  readonly only: readonly string[];
  readonly say: (text: string) => void;
  /** Aborted: everything is stopped, and what was measured is shown. */
  readonly signal: AbortSignal;
}

export interface Report {
  /** What should not be, one line each. */
  readonly wrong: readonly string[];
  readonly table: string;
  /** For docs/reliability.md. */
  readonly markdown: string;
}

export async function run(options: RunOptions): Promise<Report> {
  const random = new Random(options.seed);
  const outcomes: Outcome[] = [];
  const wrong = await onStage(options, random, async (stage) => {
    const draw = drawing(chosen(options.only), random);
    const end = performance.now() + options.minutes * 60_000;
    while (performance.now() < end) {
      const outcome = await strike(stage, draw(), random);
      outcomes.push(outcome);
      const left = Math.max(0, (end - performance.now()) / 60_000).toFixed(1);
      options.say(`${String(outcomes.length)}. ${say(outcome)} [${left} min left]`);
    }
  });
  const lines = chosen(options.only).map((fault): Line => ({
    fault,
    outcomes: outcomes.filter((outcome) => outcome.fault === fault.name),
  }));
  return {
    wrong: [...outcomes.flatMap((outcome) => outcome.wrong), ...wrong],
    table: table(lines),
    markdown: markdown(lines),
  };
}

/** Runs `play` on a stage and clears it up; the result is what was wrong in the end. After an abort nothing is looked at. */
export async function onStage(
  { signal, say }: RunOptions,
  random: Random,
  play: (stage: Stage) => Promise<void>,
): Promise<string[]> {
  say('starting a cluster, and people on it');
  const stage = await Stage.start({ calls: 6, pairs: 3, random });
  try {
    const aborted = new Promise<'aborted'>((resolve) => {
      const tell = () => resolve('aborted');
      if (signal.aborted) tell();
      else signal.addEventListener('abort', tell);
    });
    const playing = play(stage).then(() => stage.leave());
    const left = await Promise.race([playing, aborted]);
    if (left !== 'aborted') return left;
    playing.catch(() => undefined);
    return ['it was stopped'];
  } finally {
    await stage.close();
  }
}

/** Faults by name. Throws if there is none of a name. */
export function chosen(only: readonly string[]): readonly Fault[] {
  const unknown = only.find((name) => !faults.some((fault) => fault.name === name));
  const names = faults.map(({ name }) => name).join(', ');
  if (unknown !== undefined) throw new RangeError(`there is no fault "${unknown}": ${names}`);
  return only.length === 0 ? faults : faults.filter(({ name }) => only.includes(name));
}

/** All in turn, each turn in an order of its own, so that none is left out for long. */
export function drawing(all: readonly Fault[], random: Random): () => Fault {
  let left: Fault[] = [];
  return () => {
    if (left.length === 0) left = [...all];
    const [drawn] = left.splice(random.whole(0, left.length - 1), 1);
    if (!drawn) throw new RangeError('there is no fault to draw');
    return drawn;
  };
}
