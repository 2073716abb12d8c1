import { connectRedisStore, systemClock } from '@switchboard/event-log';
import { startRedis } from '@switchboard/testkit';
import { deadlinesContract } from './deadlines.ts';

deadlinesContract('deadlines of calls, on Redis', async () => {
  const redis = await startRedis();
  return {
    clock: systemClock,
    open: (namespace) => connectRedisStore({ url: redis.url, namespace }),
    pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    close: () => redis.stop(),
  };
});
