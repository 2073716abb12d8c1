import { defineConfig } from 'vitest/config';

/** The tier of a test is in its file's name; `npm test` runs each tier as a project of its own. */
const tier = (name: string, settings: { testTimeout: number; maxWorkers: number }) => ({
  extends: true as const,
  test: {
    name,
    include: [`{libs,services,apps}/*/test/**/*.${name}.test.ts`, `tests/**/*.${name}.test.ts`],
    hookTimeout: 60_000,
    ...settings,
  },
});

export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source', 'node', 'default'] } },
  test: {
    projects: [
      tier('unit', { testTimeout: 20_000, maxWorkers: 2 }),
      tier('int', { testTimeout: 60_000, maxWorkers: 2 }),
      tier('e2e', { testTimeout: 120_000, maxWorkers: 1 }),
      tier('chaos', { testTimeout: 120_000, maxWorkers: 1 }),
    ],
  },
});
