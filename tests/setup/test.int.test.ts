import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('npm test', () => {
  it.each([[['--only', 'nonsense']], [['--watch']]])(
    'ends with the counting line and a truthful exit code when it can not even begin: %j',
    (args) => {
      const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/test.mjs', ...args], { cwd: root });
      expect(status).toBe(1);
      expect(String(stdout).trimEnd().split('\n').at(-1)).toBe('0 passed, 1 failed');
      expect(String(stderr)).toContain(args.at(-1));
    },
  );
});
