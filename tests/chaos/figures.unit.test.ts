import { expect, test } from 'vitest';
import { Random } from '../simulation/engine/random.ts';
import { chosen, drawing } from './campaign.ts';
import { faults } from './faults/index.ts';
import { markdown, percentile } from './report/figures.ts';
import type { Outcome } from './strike.ts';

const outcome: Outcome = {
  ...{ fault: 'gateway-killed', told: '', callsLive: 6, callsPlayed: 4, callsLost: ['x'], callsRefused: 1 },
  ...{ commandsLost: 2, commandsDoubled: 1, recoveriesMs: [300, 100, 200], gapMs: 41.6, packetsLost: 3, wrong: [] },
};

test('a percentile is a value that was measured', () => {
  const values = [4, 1, 3, 2];
  expect([0.5, 0.75, 0.95, 1].map((share) => percentile(values, share))).toEqual([2, 3, 4, 4]);
  expect(percentile([], 0.5)).toBe(0);
});

test('the table adds up what was counted and shows the worst of what was measured', () => {
  const fault = faults[0]!;
  const rows = markdown([{ fault, outcomes: [outcome, { ...outcome, gapMs: 12, recoveriesMs: [900] }] }]).split('\n');
  expect(rows[2]).toBe(`| ${fault.what} | 2 | 20 | 2 | 4 / 2 | 200 / 900 / 900 | 42 | 6 |`);
});

test('every fault comes once in each turn, and the same seed draws the same', () => {
  const names = (seed: string) => {
    const draw = drawing(faults, new Random(seed));
    return Array.from({ length: faults.length * 2 }, () => draw().name);
  };
  const drawn = names('7');
  const all = faults.map(({ name }) => name).sort();
  expect([drawn.slice(0, all.length).sort(), drawn.slice(all.length).sort()]).toEqual([all, all]);
  expect(names('7')).toEqual(drawn);
  expect(new Set(all).size).toBe(all.length);
});

test('only faults that there are can be asked for', () => {
  expect(chosen(['link-cut']).map(({ name }) => name)).toEqual(['link-cut']);
  expect(() => chosen(['link-cut', 'nonsense'])).toThrow('there is no fault "nonsense"');
});
