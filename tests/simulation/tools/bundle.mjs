/**
 * Makes one JavaScript module of the simulation and all Switchboard sources below `root`, so that plain Node runs them. What comes
 * from the registry stays outside.
 */
import { symlinkSync } from 'node:fs';
import path from 'node:path';

import { build } from 'vite';

/**
 * @param {{ root: string; outDir: string; packages: string }} options `outDir`: an empty folder; `packages`: a node_modules
 * @returns {Promise<string>} the module's file: it exports what campaign.ts does
 */
export async function bundleSimulation({ root, outDir, packages }) {
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    resolve: {
      alias: [
        {
          find: '@switchboard/call-orchestrator',
          replacement: path.join(root, 'services/call-orchestrator/src/index.ts'),
        },
        {
          find: '@switchboard/event-log/redis-url',
          replacement: path.join(root, 'libs/event-log/src/redis/redis-url.ts'),
        },
        { find: /^@switchboard\/([^/]+)$/, replacement: path.join(root, 'libs/$1/src/index.ts') },
      ],
    },
    ssr: { noExternal: [/^@switchboard\//] },
    build: {
      ssr: path.join(root, 'tests/simulation/campaign.ts'),
      outDir,
      emptyOutDir: false,
      target: 'node20',
      minify: false,
      rollupOptions: { output: { entryFileNames: 'simulation.mjs' } },
    },
  });
  symlinkSync(packages, path.join(outDir, 'node_modules'));
  return path.join(outDir, 'simulation.mjs');
}
