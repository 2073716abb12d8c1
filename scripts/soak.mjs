/** `npm run soak -- --minutes 60`: a fault each minute, and at the end everything must be as small as after the warm-up. See tests/chaos/README.md. */
import { longRun } from './lib/long-run.mjs';

await longRun({ name: 'soak', minutes: '60', module: 'tests/chaos/soak.ts' });
