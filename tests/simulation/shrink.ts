/**
 * Makes a failing script as short as it can be: leaves out steps (by halves, then one by one) and people, as long as the same
 * invariant breaks, and then the weather, if it does not matter.
 */
import { run } from './run.ts';
import type { Script, Timed } from './script/script.ts';

export async function shrink(script: Script, invariant: string): Promise<Script> {
  const breaks = async (candidate: Script) => (await run(candidate)).violation?.invariant === invariant;
  let best = script;
  const still: Script = { ...best, weather: 'still' };
  if (script.weather !== 'still' && (await breaks(still))) best = still;
  best = { ...best, steps: await fewer(best.steps, (steps) => breaks({ ...best, steps })) };
  const { devices } = best.cast;
  const needed = await fewer(devices, (some) => breaks({ ...best, cast: { ...best.cast, devices: some } }));
  return { ...best, cast: { ...best.cast, devices: needed } };
}

/** Delta debugging: a list of which nothing can be left out. */
async function fewer<T extends Timed | object>(
  all: readonly T[],
  breaks: (some: readonly T[]) => Promise<boolean>,
): Promise<readonly T[]> {
  let best = all;
  for (let size = Math.ceil(best.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < best.length;) {
      const some = [...best.slice(0, from), ...best.slice(from + size)];
      if (await breaks(some)) best = some;
      else from += size;
    }
  }
  return best;
}
