/** The seeds of `npm test`, dealt out to test files so that two of them run at a time. */
import { check, play } from './campaign.ts';
import { expect, test } from 'vitest';

const seeds = Number(process.env['SIMULATION_SEEDS'] ?? 2000);
const mostFailures = 3;

export function simulate(shard: number, shards: number): void {
  test(`every invariant holds under ${String(seeds / shards)} seeds`, { timeout: 900_000 }, async () => {
    const reports: string[] = [];
    for (let seed = 1 + shard; seed <= seeds && reports.length < mostFailures; seed += shards) {
      const failure = await check(seed, { shrinks: true });
      if (failure !== undefined) reports.push(failure.report);
    }
    expect(reports.join('\n\n')).toBe('');
  });

  test('a seed always plays the same', { timeout: 60_000 }, async () => {
    for (let seed = 1 + shard; seed <= 10; seed += shards) expect(await play(seed)).toEqual(await play(seed));
  });
}
