/** `npm test`: sets up what is missing, runs every test; see `--help`. Its last line is `N passed, N failed`. */
import { makeContext } from './lib/context.mjs';
import { test } from './lib/test-run.mjs';

process.exit(await test(makeContext(), process.argv.slice(2)));
