/** Runs the embedded media server with the arguments given, building it first where that was not done. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const main = `${root}libs/media-server/dist/main.js`;

if (!existsSync(main)) {
  const built = spawnSync(process.execPath, ['node_modules/ts7/bin/tsc', '-b', 'libs/media-server'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (built.status !== 0) process.exit(built.status ?? 1);
}

const server = spawn(process.execPath, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
/** @type {NodeJS.Signals[]} */
const SIGNALS = ['SIGTERM', 'SIGINT'];
for (const signal of SIGNALS) process.on(signal, () => server.kill(signal));
server.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
