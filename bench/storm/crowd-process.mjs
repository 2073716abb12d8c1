/** One process of the crowd: joins when told, and measures how long its members take to another gateway. */
import { Crowd } from '@switchboard/testkit';

/** @type {Crowd | undefined} */
let crowd;

process.on('message', async (/** @type {any} */ order) => {
  try {
    if (order.do === 'join') crowd = await Crowd.join(order.options);
    if (order.do === 'join') return void process.send?.({ joined: true });
    const since = order.sinceMs - performance.timeOrigin;
    const movedMs = await crowd?.movedFrom(order.gateway, since, order.withinMs);
    process.send?.({ movedMs, lostSessions: crowd?.lostSessions, refusals: crowd?.refusals });
  } catch (error) {
    process.send?.({ error: String(error) });
  }
});
process.on('disconnect', () => process.exit());
