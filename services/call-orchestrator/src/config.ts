/** What an orchestrator can be told. The deadlines of a call are a platform's choice; the rest has good defaults. */
import { DEFAULT_POLICY } from '@switchboard/call-model';
import { clusterFields, healthFields, whole } from '@switchboard/service-kit';
import { z } from 'zod';

const ms = (value: number, description: string) =>
  whole(100, 7 * 24 * 3_600_000, value).meta({ example: String(value), description: `${description}, ms` });

export const config = z.object({
  ...clusterFields,
  RING_MS: ms(DEFAULT_POLICY.ringMs, 'how long a call rings'),
  SETUP_MS: ms(DEFAULT_POLICY.setupMs, 'how long media may take from accept to connected'),
  GRACE_MS: ms(
    DEFAULT_POLICY.graceMs,
    'how long a broken socket may take to come back; while it rings, until the ring ends',
  ),
  MAX_CALL_MS: ms(DEFAULT_POLICY.maxCallMs, 'the longest that a call may last'),
  OFFLINE_CALLEE: z.enum(['unreachable', 'wake']).default(DEFAULT_POLICY.offlineCallee).meta({
    example: 'wake',
    description:
      'a callee with no device: the call ends at once, or it waits for one while call.wake goes to the push service',
  }),
  LEASE_MS: ms(1500, 'how long a partition waits for a dead owner'),
  ...healthFields,
});

export type Config = z.output<typeof config>;
