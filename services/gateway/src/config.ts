/**
 * The gateway's settings. Invariant: what is not said is closed: without `AUTH=open` a token is needed, and `open` and
 * plain HTTP exist on loopback only.
 */
import { server, type IceServer } from '@switchboard/protocol';
import { clusterFields, isLoopback, Secret, secretString, whole } from '@switchboard/service-kit';
import { z } from 'zod';

const flag = z
  .enum(['true', 'false'])
  .default('false')
  .transform((text) => text === 'true');

const origin = z
  .url({ protocol: /^https?$/, error: 'must be addresses like https://chat.example.org' })
  .transform((text) => new URL(text).origin);
const origins = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  )
  .pipe(z.array(origin));

const iceServers = z
  .string()
  .default('[]')
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: 'custom', message: 'is not JSON' });
      return z.NEVER;
    }
  })
  .pipe(z.array(server.iceServer) as unknown as z.ZodType<IceServer[], unknown>);

const fields = z.object({
  ...clusterFields,
  HOST: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .meta({ example: '0.0.0.0', description: 'address to listen on; loopback means 127.0.0.1 and ::1' }),
  PORT: whole(0, 65_535, 8443).meta({ example: '8443', description: 'port of page and sockets; 0 chooses one' }),
  HEALTH_PORT: whole(0, 65_535, 0).meta({ description: 'loopback port of /metrics and health; 0 chooses one' }),
  TLS_CERT_FILE: z
    .string()
    .min(1)
    .optional()
    .meta({ example: '/etc/tls/cert.pem', description: 'certificate chain, PEM' }),
  TLS_KEY_FILE: z.string().min(1).optional().meta({ example: '/etc/tls/key.pem', description: 'its private key, PEM' }),
  PLAIN_HTTP: flag.meta({ description: 'true: no TLS (loopback only: tests, or behind a proxy)' }),
  AUTH: z
    .enum(['jwt', 'open'])
    .default('jwt')
    .meta({ description: 'jwt: a token is needed; open: anyone (loopback only)' }),
  JWT_SECRET: secretString({ description: 'HS256 secret, 32 bytes at least' }).optional(),
  JWT_JWKS_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .meta({ example: 'https://id.example.org/jwks.json', description: 'public keys, in place of a secret' }),
  JWT_ISSUER: z.string().min(1).optional().meta({ description: '`iss` that a token must name' }),
  JWT_AUDIENCE: z.string().min(1).optional().meta({ description: '`aud` that a token must name' }),
  ALLOWED_ORIGINS: origins.meta({
    example: 'https://chat.example.org',
    description: 'pages of others that may connect',
  }),
  GATEWAYS: origins.meta({ example: 'https://gw1.example.org,https://gw2.example.org', description: 'all gateways' }),
  WEB_DIR: z.string().min(1).optional().meta({ example: 'apps/web/dist', description: 'the page to serve' }),
  ICE_SERVERS: iceServers.meta({
    example: '[{"urls":"stun:stun.example.org"}]',
    description: 'JSON, for native clients',
  }),
  RATE_PER_SECOND: whole(1, 1_000_000, 100).meta({ description: 'messages a second that a socket may send' }),
  RATE_BURST: whole(1, 1_000_000, 300).meta({ description: 'and how many at once' }),
  MAX_FRAME_BYTES: whole(1024, 16_777_216, 262_144).meta({ description: 'longest frame of a client' }),
  HEARTBEAT_MS: whole(10, 600_000, 15_000).meta({ description: 'time between pings; silent for two: closed' }),
  RECONNECT_WINDOW_MS: whole(0, 600_000, 10_000).meta({
    description: 'longest time over which a stop sends clients to other gateways; 0: all at once',
  }),
  SEND_BUFFER_BYTES: whole(4096, 268_435_456, 1_048_576).meta({ description: 'a client that reads no more is closed' }),
});
type Fields = z.output<typeof fields>;

interface Rule {
  readonly path: keyof Fields;
  readonly error: string;
  readonly holds: (config: Fields) => boolean;
}

/** What must hold between fields. Checked also when single fields are wrong, so each `holds` takes half a config. */
const rules: readonly Rule[] = [
  {
    path: 'AUTH',
    error: '`open` takes anyone: only with a HOST on loopback',
    holds: ({ AUTH, HOST }) => AUTH !== 'open' || loopback(HOST),
  },
  {
    path: 'PLAIN_HTTP',
    error: 'only with a HOST on loopback',
    holds: ({ PLAIN_HTTP, HOST }) => !PLAIN_HTTP || loopback(HOST),
  },
  ...(['TLS_CERT_FILE', 'TLS_KEY_FILE'] as const).map((path) => ({
    path,
    error: 'is needed, unless PLAIN_HTTP=true on loopback',
    holds: (config: Fields) => config.PLAIN_HTTP || config[path] !== undefined,
  })),
  {
    path: 'JWT_SECRET',
    error: 'with AUTH=jwt either JWT_SECRET (or JWT_SECRET_FILE) or JWT_JWKS_URL is needed, and not both',
    holds: ({ AUTH, JWT_SECRET, JWT_JWKS_URL }) =>
      AUTH !== 'jwt' || (JWT_SECRET === undefined) !== (JWT_JWKS_URL === undefined),
  },
  {
    path: 'JWT_SECRET',
    error: 'must have 32 bytes at least',
    holds: ({ JWT_SECRET }) => !(JWT_SECRET instanceof Secret) || Buffer.byteLength(JWT_SECRET.reveal()) >= 32,
  },
  ...(['JWT_ISSUER', 'JWT_AUDIENCE'] as const).map((path) => ({
    path,
    error: 'is needed with AUTH=jwt',
    holds: (config: Fields) => config.AUTH !== 'jwt' || config[path] !== undefined,
  })),
];

export const gatewayConfig = rules.reduce(
  (schema, { path, error, holds }) => schema.refine(holds, { path: [path], error, when: () => true }),
  fields,
);
export type GatewayConfig = z.output<typeof gatewayConfig>;

function loopback(host: unknown): boolean {
  return typeof host === 'string' && isLoopback(host);
}
