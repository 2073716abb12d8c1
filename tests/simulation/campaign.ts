/** Many seeds, one after the other, and what is said of one that fails. */
import { draw } from './script/draw.ts';
import { describe } from './script/describe.ts';
import { run, type Result } from './run.ts';
import { shrink } from './shrink.ts';
import type { Trace } from './world.ts';

export interface Failure {
  readonly seed: number;
  readonly invariant: string;
  /** For a person: what broke, and the shortest script that breaks it. */
  readonly report: string;
}

export const play = (seed: number, trace?: Trace): Promise<Result> => run(draw(seed), trace);

/** Undefined: every invariant held. */
export async function check(
  seed: number,
  options: { readonly shrinks: boolean; readonly trace?: Trace },
): Promise<Failure | undefined> {
  const script = draw(seed);
  const { violation } = await run(script);
  if (violation === undefined) return undefined;
  const { invariant } = violation;
  const short = options.shrinks ? await shrink(script, invariant) : script;
  const shown = (await run(short, options.trace)).violation ?? violation;
  const where = `seed ${String(seed)} breaks "${invariant}" at t=${(shown.at / 1000).toFixed(3)} s: ${shown.what}`;
  return {
    seed,
    invariant,
    report: `${where}\n${describe(short)}\nreplay: npm run simulate -- --seed ${String(seed)}`,
  };
}
