/** `npm run chaos -- --minutes 30`: faults at random on a real cluster, and a table of what became of the calls. See tests/chaos/README.md. */
import { longRun } from './lib/long-run.mjs';

await longRun({ name: 'chaos', minutes: '30', module: 'tests/chaos/campaign.ts' });
