/** What a media worker can be told. One worker per media server. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { workerID, type WorkerID } from '@switchboard/protocol';
import { clusterFields, healthFields, whole } from '@switchboard/service-kit';

export const config = z.object({
  ...clusterFields,
  KMS_URL: z
    .url({ protocol: /^wss?$/, error: 'is not a ws:// or wss:// address' })
    .meta({ example: 'ws://127.0.0.1:8888/kurento', description: 'the media server of this worker' }),
  WORKER_ID: z
    .string()
    .regex(/^[\w.-]{1,64}$/, 'only letters, digits and . - _ are allowed')
    .optional()
    .meta({ example: 'worker-1', description: 'name of this worker, the same after a restart; default: from KMS_URL' }),
  CAPACITY: whole(1, 100_000, 200).meta({ example: '200', description: 'most calls at a time' }),
  KMS_DEADLINE_MS: whole(100, 60_000, 5_000).meta({
    example: '5000',
    description: 'longest wait for an answer of the media server, ms',
  }),
  ...healthFields,
});
export type Config = z.output<typeof config>;

/** Stable over restarts: what waits in this worker's mailbox, and its pipelines, are found again by it. */
export function workerIDOf({ WORKER_ID, KMS_URL }: Pick<Config, 'WORKER_ID' | 'KMS_URL'>): WorkerID {
  const name = WORKER_ID ?? `worker-${createHash('sha256').update(KMS_URL).digest('hex').slice(0, 12)}`;
  return workerID.parse(name);
}
