/** `npm start`: runs a small cluster on this machine; see `--help`. */
import { makeContext } from './lib/context.mjs';
import { start } from './lib/start.mjs';

process.exit(await start(makeContext(), process.argv.slice(2)));
