import { describe, expect, it } from 'vitest';

import { chooseRedis } from '../../scripts/lib/redis-ways.mjs';
import { addDeath, isGivenUp, noDeaths, restartDelay } from '../../scripts/lib/restart-rule.mjs';
import { countsOf, lastLine, sum, table } from '../../scripts/lib/summary.mjs';
import { readTestOptions } from '../../scripts/lib/test-options.mjs';

describe('where Redis comes from', () => {
  const all = { url: 'redis://elsewhere', program: '/usr/bin/redis-server', apt: true, docker: '/usr/bin/docker' };

  it('prefers REDIS_URL, then a program on the PATH, then apt-get, then Docker, and else has none', () => {
    expect(chooseRedis(all)).toEqual({ kind: 'url', url: 'redis://elsewhere' });
    expect(chooseRedis({ ...all, url: undefined })).toEqual({ kind: 'program', path: '/usr/bin/redis-server' });
    expect(chooseRedis({ ...all, url: undefined, program: undefined })).toEqual({ kind: 'apt' });
    const noApt = { url: undefined, program: undefined, apt: false, docker: '/usr/bin/docker' };
    expect(chooseRedis(noApt)).toEqual({ kind: 'docker', path: '/usr/bin/docker' });
    expect(chooseRedis({ ...noApt, docker: undefined })).toEqual({ kind: 'none' });
  });
});

describe('restarts', () => {
  const die = (times: readonly number[], livedMs = 1_000) =>
    times.reduce((deaths, at) => addDeath(deaths, { at, livedMs }), noDeaths);

  it('gives up at the fifth death within a minute, not at the fourth', () => {
    expect(isGivenUp(die([0, 10_000, 20_000, 30_000]))).toBe(false);
    expect(isGivenUp(die([0, 10_000, 20_000, 30_000, 59_999]))).toBe(true);
  });

  it('never gives up a child that dies every twenty seconds', () => {
    expect(isGivenUp(die(Array.from({ length: 50 }, (_, n) => n * 20_000)))).toBe(false);
  });

  it('waits 200 ms, doubles up to 5 s, and spreads it by a quarter', () => {
    const delays = [1, 2, 3, 4, 5, 6, 7, 20].map((inARow) => restartDelay({ recent: [], inARow }, 0.5));
    expect(delays).toEqual([200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000]);
    expect(restartDelay({ recent: [], inARow: 1 }, 0)).toBe(150);
    expect(restartDelay({ recent: [], inARow: 1 }, 1)).toBe(250);
  });

  it('starts over with short waits once a child has lived for a minute', () => {
    const before = die([0, 1_000, 2_000]);
    expect(before.inARow).toBe(3);
    expect(addDeath(before, { at: 70_000, livedMs: 65_000 })).toEqual({ recent: [70_000], inARow: 1 });
  });
});

describe('counting tests', () => {
  const report = { numPassedTests: 5, numFailedTests: 1, numPendingTests: 2, numTodoTests: 1 };
  const broken = { status: 'failed', assertionResults: [] };
  const failed = { status: 'failed', assertionResults: [{ status: 'failed' }] };
  const run = { ok: true, mayBeEmpty: false };
  const empty = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, testResults: [] };

  it('adds files that broke before their first test to the failed tests', () => {
    expect(countsOf({ ...report, testResults: [failed, broken] }, { ...run, ok: false })).toMatchObject({
      passed: 5,
      failed: 2,
      skipped: 3,
    });
  });

  it('counts a crash, a missing report and an unfiltered tier without tests as a failure', () => {
    expect(countsOf(undefined, run)).toMatchObject({ failed: 1 });
    expect(countsOf({ testResults: 'nonsense' }, run)).toMatchObject({ failed: 1 });
    expect(countsOf({ ...empty, numPassedTests: 3 }, { ...run, ok: false })).toMatchObject({ passed: 3, failed: 1 });
    expect(countsOf(empty, run)).toMatchObject({ failed: 1 });
    expect(countsOf(empty, { ...run, mayBeEmpty: true })).toMatchObject({ failed: 0 });
  });

  it('sums up in one last line, with the skipped ones only if there are any', () => {
    const one = { passed: 2, failed: 0, skipped: 0 };
    expect(lastLine(sum([one, one]))).toBe('4 passed, 0 failed');
    expect(lastLine(sum([one, { passed: 1, failed: 1, skipped: 3 }]))).toBe('3 passed, 1 failed, 3 skipped');
  });

  it('prints a table of the tiers with their times', () => {
    const lines = table([{ tier: 'unit', passed: 12, failed: 0, skipped: 0, ms: 1_234 }]).split('\n');
    expect(lines[0]).toMatch(/^tier\s+passed\s+failed\s+skipped\s+time$/);
    expect(lines[1]).toMatch(/^unit\s+12\s+0\s+0\s+1\.2 s$/);
  });
});

describe('the command line of npm test', () => {
  it('runs everything, one tier, or the files a filter names', () => {
    expect(readTestOptions([])).toMatchObject({ tiers: ['static', 'unit', 'int', 'e2e', 'chaos'], filters: [] });
    expect(readTestOptions(['unit'])).toMatchObject({ tiers: ['unit'] });
    expect(readTestOptions(['--only', 'int'])).toMatchObject({ tiers: ['int'] });
    expect(readTestOptions(['--only=e2e'])).toMatchObject({ tiers: ['e2e'] });
    expect(readTestOptions(['unit', 'libs/x'])).toMatchObject({ tiers: ['unit'], filters: ['libs/x'] });
    expect(readTestOptions(['libs/x'])).toMatchObject({ tiers: ['unit', 'int', 'e2e', 'chaos'], filters: ['libs/x'] });
  });

  it('refuses what it does not know', () => {
    expect(() => readTestOptions(['--only', 'nonsense'])).toThrow('no tier "nonsense"');
    expect(() => readTestOptions(['--watch'])).toThrow('--watch');
    expect(() => readTestOptions(['--only'])).toThrow('--only needs a tier');
  });
});
