/**
 * The composition root of the gateway: everything is made and put together here, and what was started last is stopped first.
 * A gateway that was declared dead (`gone`) stops with exit code 1: its supervisor starts it over, under a new ID.
 */
import { randomBytes } from 'node:crypto';
import { Sender, sleep, type Clock, type LogStore } from '@switchboard/event-log';
import type { GatewayID, SessionID } from '@switchboard/protocol';
import { isLoopback, listen, startHealthServer, type Registry, type ServiceContext } from '@switchboard/service-kit';
import { createJwtVerifier } from './auth/jwt.ts';
import { authorize, type Verifier } from './auth/verifier.ts';
import type { GatewayConfig } from './config.ts';
import type { Welcome } from './dialect/index.ts';
import { allowsOrigin, originRules } from './http/origins.ts';
import { createWebServer } from './http/web-server.ts';
import { inboxHandler } from './mail/inbox.ts';
import { Membership } from './mail/membership.ts';
import { Outbox } from './mail/outbox.ts';
import { Reconciler } from './mail/reconciler.ts';
import { gatewayMetrics, type Metrics } from './metrics.ts';
import { PresenceDesk } from './presence/desk.ts';
import type { World } from './session/actions.ts';
import { Session } from './session/session.ts';
import { uuidv7Generator } from './session/uuid.ts';
import { Door } from './sockets/door.ts';
import { Endpoint } from './sockets/endpoint.ts';
import { Hub } from './sockets/hub.ts';

export interface GatewayDeps extends Pick<ServiceContext<unknown>, 'logger' | 'signal' | 'fail'> {
  readonly config: GatewayConfig;
  readonly shutdown: Pick<ServiceContext<unknown>['shutdown'], 'add'>;
  /** Opened. */
  readonly store: LogStore;
  readonly clock: Clock;
  readonly registry: Registry;
}

export interface Gateway {
  readonly gatewayID: GatewayID;
  readonly port: number;
  readonly url: string;
  readonly healthPort: number;
}

const DRAIN_MS = 3000;
const WEB_GRACE_MS = 1000;
const CLOSE_MS = 5000;

/** Resolves when it is registered and listens. */
export async function startGateway(deps: GatewayDeps): Promise<Gateway> {
  const { config, clock, logger, store, shutdown } = deps;
  const gatewayID = `gw-${randomBytes(9).toString('base64url')}` as GatewayID;
  const welcome: Welcome = { iceServers: config.ICE_SERVERS, gateways: [...config.GATEWAYS] };
  const verifier = verifierOf(config);
  const metrics = gatewayMetrics(deps.registry);
  const fate = { isGone: false };
  const onGone = () => {
    if (!fate.isGone) deps.fail(new Error(GONE));
    fate.isGone = true;
  };
  const sender = new Sender({ store, src: gatewayID, clock, log: logger, onGone });
  const outbox = new Outbox({ sender, clock, partitions: config.PARTITIONS });
  const presence = new PresenceDesk({ gateway: gatewayID, partitions: config.PARTITIONS, outbox, logger });
  const hub = createHub(deps, { world: worldOf(config, gatewayID, welcome), verifier, metrics, outbox, presence });
  const speakers = () => [...hub.all(), ...presence.watches()];
  const reconciler = new Reconciler({ clock, speakers, signal: deps.signal });
  const handle = inboxHandler({
    find: (session) => hub.find(session),
    spread: (news) => presence.spread(news),
    reconcile: (partition) => reconciler.take(partition),
    onDropped: () => metrics.counted('mail_dropped'),
    logger,
  });
  const membership = new Membership({
    ...{ store, clock, logger, gatewayID, partitions: config.PARTITIONS },
    ...{ sessions: () => hub.sessions, handle, onGone },
  });

  const ready = () => (deps.signal.aborted ? 'this gateway is being stopped' : membership.ready());
  const health = await startHealthServer({
    ...{ host: '127.0.0.1', port: config.HEALTH_PORT },
    ...{ ready, registry: deps.registry },
  });
  shutdown.add('health server', () => health.close());
  shutdown.add('membership', () => membership.leave());
  shutdown.add('sender', () => drain(sender, clock));
  await membership.join(deps.signal);
  const opened = await openDoors(deps, { hub, verifier, metrics, welcome, ready, fate });
  return { gatewayID, healthPort: health.port, ...opened };
}

const GONE = 'this gateway was declared dead: it starts over under a new ID';

function verifierOf({ AUTH, JWT_SECRET, JWT_JWKS_URL, JWT_ISSUER, JWT_AUDIENCE }: GatewayConfig): Verifier {
  if (AUTH === 'open') return undefined;
  const keys = JWT_SECRET === undefined ? { jwksUrl: JWT_JWKS_URL ?? '' } : { secret: JWT_SECRET };
  return createJwtVerifier({ keys, issuer: JWT_ISSUER ?? '', audience: JWT_AUDIENCE ?? '' });
}

/** What cannot be sent in time (Redis is away) is given up: others see by our missing beats that we are gone. */
async function drain(sender: Sender, clock: Clock): Promise<void> {
  await Promise.race([sender.drain(), sleep(clock, DRAIN_MS)]);
  sender.close();
}

function worldOf({ PARTITIONS }: GatewayConfig, gateway: GatewayID, welcome: Welcome): World {
  return {
    gateway,
    welcome,
    partitions: PARTITIONS,
    makeSessionID: () => randomBytes(16).toString('base64url') as SessionID,
    makeUuid: uuidv7Generator({ now: () => Date.now(), randomBytes }),
  };
}

interface HubParts {
  readonly world: World;
  readonly verifier: Verifier;
  readonly metrics: Metrics;
  readonly outbox: Outbox;
  readonly presence: PresenceDesk;
}

function createHub({ config, clock, logger }: GatewayDeps, { verifier, metrics, ...ports }: HubParts): Hub {
  const limits = {
    perSecond: config.RATE_PER_SECOND,
    burst: config.RATE_BURST,
    sendBufferBytes: config.SEND_BUFFER_BYTES,
    heartbeatMs: config.HEARTBEAT_MS,
  };
  return new Hub({
    clock,
    limits,
    random: Math.random,
    makeSession: ({ wire, token, onIdentity }) =>
      new Session({
        ...{ ...ports, wire, logger, onIdentity },
        count: (what, code) => metrics.counted(what, code),
        authorize: (login, given) => authorize(verifier, login.userID, [token, given]),
      }),
    onClosed: (code) => metrics.socketClosed(code),
  });
}

interface Doors {
  readonly hub: Hub;
  readonly verifier: Verifier;
  readonly metrics: Metrics;
  readonly welcome: Welcome;
  readonly ready: Membership['ready'];
  readonly fate: { readonly isGone: boolean };
}

/** The public port: from here on clients come in. */
async function openDoors(deps: GatewayDeps, doors: Doors): Promise<{ port: number; url: string }> {
  const { config, clock, logger, shutdown } = deps;
  const { hub, verifier, metrics, welcome, ready, fate } = doors;
  const origins = originRules(config);
  const endpoint = new Endpoint({
    maxFrameBytes: config.MAX_FRAME_BYTES,
    allowsOrigin: (request) => allowsOrigin(origins, request),
    verify: verifier,
    onSocket: (ws, token) => hub.add(ws, token),
    onRefused: (status) => metrics.handshakeRefused(status),
  });
  const web = await createWebServer({ config, clock, logger, ready, welcome, origins });
  const door = new Door({ clock, onTurnedAway: () => metrics.turnedAway() });
  door.guard(web.server);
  metrics.watch({ sockets: () => hub.sockets, sessions: () => hub.sessions, waiting: () => door.waiting });
  shutdown.add('certificate watch', () => web.stop());
  endpoint.attach(web.server);
  const { port, close } = await listen(web.server, { host: config.HOST, port: config.PORT });
  shutdown.add('web server', () => close(WEB_GRACE_MS));
  const leave = async () => {
    endpoint.close();
    // Those of a gateway that was declared dead are given up elsewhere already: they come back the sooner the better.
    if (!fate.isGone) await hub.sendAway(config.RECONNECT_WINDOW_MS);
    await hub.close('serviceRestart');
  };
  shutdown.add('sockets', leave, config.RECONNECT_WINDOW_MS + CLOSE_MS);
  const url = `${config.PLAIN_HTTP ? 'http' : 'https'}://${nameOf(config.HOST)}:${String(port)}`;
  if (welcome.gateways.length === 0 && isLoopback(config.HOST)) welcome.gateways.push(url);
  return { port, url };
}

/** How this gateway is reached from its own machine. */
function nameOf(host: string): string {
  if (isLoopback(host) || ['0.0.0.0', '::'].includes(host)) return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
