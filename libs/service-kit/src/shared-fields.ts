/** Settings that processes of one cluster have in common; each service takes what it needs into its own schema. */
import { z } from 'zod';

/** A whole number in a range, with what it is if nothing is said. */
export const whole = (min: number, max: number, fallback: number) =>
  z.coerce.number().int().min(min).max(max).default(fallback);

/** Where the log is. */
export const clusterFields = {
  REDIS_URL: z
    .url({ protocol: /^rediss?$/, error: 'is not a redis:// or rediss:// address' })
    .default('redis://127.0.0.1:6379')
    .meta({ example: 'redis://127.0.0.1:6379', description: 'the Redis that holds the log' }),
  NAMESPACE: z
    .string()
    .regex(/^[\w.-]{1,64}$/, 'only letters, digits and . - _ are allowed')
    .default('switchboard')
    .meta({ example: 'switchboard', description: 'first part of every key; one per cluster' }),
  PARTITIONS: whole(1, 1024, 32).meta({
    example: '32',
    description: 'partitions of the log; fixed when the cluster is first started',
  }),
};

/** Where a process says how it is. */
export const healthFields = {
  HEALTH_HOST: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .meta({ example: '127.0.0.1', description: 'where /healthz, /readyz and /metrics listen' }),
  HEALTH_PORT: whole(0, 65_535, 0).meta({ example: '9100', description: 'their port; 0 chooses a free one' }),
};
