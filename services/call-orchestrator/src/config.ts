/** What an orchestrator can be told. The deadlines of a call are a platform's choice; the rest has good defaults. */
import { DEFAULT_POLICY } from '@switchboard/call-model';
import { z } from 'zod';

const ms = (value: number, description: string) =>
  z.coerce
    .number()
    .int()
    .min(100)
    .default(value)
    .meta({ example: String(value), description: `${description}, ms` });

export const config = z.object({
  REDIS_URL: z
    .url({ protocol: /^rediss?$/ })
    .default('redis://127.0.0.1:6379')
    .meta({ example: 'redis://127.0.0.1:6379', description: 'the Redis that holds the log' }),
  NAMESPACE: z
    .string()
    .regex(/^[\w-]{1,32}$/)
    .default('switchboard')
    .meta({ example: 'switchboard', description: 'first part of every key; one per cluster' }),
  PARTITIONS: z.coerce
    .number()
    .int()
    .min(1)
    .max(1024)
    .default(32)
    .meta({ example: '32', description: 'partitions of the log; fixed when the cluster is first started' }),
  RING_MS: ms(DEFAULT_POLICY.ringMs, 'how long a call rings'),
  SETUP_MS: ms(DEFAULT_POLICY.setupMs, 'how long media may take from accept to connected'),
  MAX_CALL_MS: ms(DEFAULT_POLICY.maxCallMs, 'the longest that a call may last'),
  LEASE_MS: ms(1500, 'how long a partition waits for a dead owner'),
  HEALTH_HOST: z
    .string()
    .default('127.0.0.1')
    .meta({ example: '127.0.0.1', description: 'where /healthz, /readyz and /metrics listen' }),
  HEALTH_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(0)
    .meta({ example: '9100', description: 'their port; 0 chooses a free one' }),
});

export type Config = z.output<typeof config>;
