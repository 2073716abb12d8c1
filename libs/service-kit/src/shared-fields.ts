/** Settings that processes of one cluster have in common; each service takes what it needs into its own schema. */
import { parseRedisURL } from '@switchboard/event-log/redis-url';
import { z } from 'zod';
import { secretString } from './config-meta.ts';
import { Secret } from './redacted.ts';

/** A whole number in a range, with what it is if nothing is said. */
export const whole = (min: number, max: number, fallback: number) =>
  z.coerce.number().int().min(min).max(max).default(fallback);

/** A `Secret`, for it may hold a password; refused with what is wrong about it, never with what it is. */
const redisURL = z
  .string()
  .default('redis://127.0.0.1:6379')
  .transform((url, context) => {
    try {
      parseRedisURL(url);
      return new Secret(url);
    } catch (error) {
      context.addIssue(error instanceof Error ? error.message : String(error));
      return z.NEVER;
    }
  });

/** Where the log is. */
export const clusterFields = {
  REDIS_URL: redisURL.meta({
    example: 'redis://127.0.0.1:6379',
    description:
      'the Redis that holds the log: redis://host, redis+sentinel://h1,h2,h3/name or redis-cluster://h1,h2,h3, each with ' +
      'user:password@ if need be; rediss…: over TLS',
    secret: true,
  }),
  REDIS_CA: secretString({
    description: 'the authority that signed the certificates of Redis and its sentinels, PEM; give it as REDIS_CA_FILE',
  }).optional(),
  REDIS_SENTINEL_PASSWORD: secretString({
    description: "the sentinels' own password; that of the servers which they watch is in REDIS_URL",
  }).optional(),
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

/** How to connect to the log, for `connectRedisStore`. */
export function logAddress(config: z.output<z.ZodObject<typeof clusterFields>>) {
  const { REDIS_URL, REDIS_CA, REDIS_SENTINEL_PASSWORD, NAMESPACE } = config;
  return {
    url: REDIS_URL.reveal(),
    namespace: NAMESPACE,
    ...(REDIS_CA === undefined ? {} : { ca: REDIS_CA.reveal() }),
    ...(REDIS_SENTINEL_PASSWORD === undefined ? {} : { sentinelPassword: REDIS_SENTINEL_PASSWORD.reveal() }),
  };
}

/** Where a process says how it is. */
export const healthFields = {
  HEALTH_HOST: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .meta({ example: '127.0.0.1', description: 'where /healthz, /readyz and /metrics listen' }),
  HEALTH_PORT: whole(0, 65_535, 0).meta({ example: '9100', description: 'their port; 0 chooses a free one' }),
};
