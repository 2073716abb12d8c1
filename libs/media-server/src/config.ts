/**
 * What the process can be told: as a flag (`--port-range`) or in the environment (`MEDIA_SERVER_PORT_RANGE`). The
 * variables are prefixed, as this process often shares its environment with the others, which have a PORT too.
 */
import { z } from 'zod';

export const config = z.object({
  PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(8888)
    .meta({ example: '8888', description: 'TCP port of the WebSocket; 0: the system chooses' }),
  HOST: z
    .string()
    .default('127.0.0.1')
    .meta({ example: '127.0.0.1', description: 'address for clients; 127.0.0.1 also listens on ::1' }),
  BIND_ADDRESS: z
    .union([z.ipv4(), z.ipv6()])
    .optional()
    .meta({ example: '192.0.2.7', description: 'address that media (UDP) binds to; default: all of the machine' }),
  PORT_RANGE: z
    .string()
    .regex(/^\d{1,5}-\d{1,5}$/, 'should be first-last')
    .transform((text) => text.split('-').map(Number))
    .refine(([first = 0, last = 0]) => first > 0 && first <= last && last <= 65_535, 'should be first-last, ascending')
    .transform(([first = 0, last = 0]) => ({ first, last }))
    .optional()
    .meta({ example: '40000-40999', description: 'UDP ports for media; default: any' }),
  STUN: z.string().optional().meta({ example: 'stun.example.org:3478', description: 'STUN server, host:port' }),
  TURN: z
    .string()
    .optional()
    .meta({ example: 'user:password@turn.example.org:3478', description: 'TURN server over UDP', secret: true }),
  SESSION_GRACE_MS: z.coerce
    .number()
    .int()
    .min(0)
    .default(240_000)
    .meta({ example: '240000', description: 'how long a session outlives its socket, in ms; Kurento: four minutes' }),
});

export type Config = z.output<typeof config>;

const PREFIX = 'MEDIA_SERVER_';

/** The environment as this process sees it: `MEDIA_SERVER_PORT` as PORT, and nobody else's PORT. */
export function ownEnvironment(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const names = Object.keys(config.shape).flatMap((name) => [name, `${name}_FILE`]);
  return Object.fromEntries(names.map((name) => [name, env[`${PREFIX}${name}`] ?? '']));
}
