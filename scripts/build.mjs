/** `npm run build`: installs the packages if need be, compiles, packs the page. */
import { makeContext } from './lib/context.mjs';
import { prepare } from './lib/prepare.mjs';
import { explain } from './lib/say.mjs';

const context = makeContext();
try {
  await prepare(context);
  context.say.step('Done');
} catch (error) {
  context.say.problem(explain(error));
  process.exitCode = 1;
}
process.exit();
