import { hostname } from 'node:os';
import { z } from 'zod';

import { logLevels } from './logger.ts';

/** The variables of every process; `runService` adds them to the service's own. */
export const baseConfig = z.object({
  LOG_LEVEL: z
    .enum(logLevels)
    .default('info')
    .meta({ example: 'info', description: `least severe level that is logged: ${logLevels.join(', ')}` }),
  PROCESS_ID: z
    .string()
    .regex(/^[\w.:-]{1,128}$/, 'only letters, digits and . : - _ are allowed, 128 at most')
    .optional()
    .meta({
      example: 'gateway-1',
      description: 'name of this process in logs; default: made of service, host and pid',
    }),
  SWITCHBOARD_SUPERVISED: z
    .enum(['0', '1'])
    .default('0')
    .meta({ example: '1', description: '1: stop when standard input closes, as our supervisor then is gone' }),
});

export type BaseConfig = z.output<typeof baseConfig>;

export function processIDOf(service: string, config: BaseConfig): string {
  return config.PROCESS_ID ?? `${service}-${hostname()}-${process.pid}`;
}
