/**
 * The media server without its socket: sessions, objects, subscriptions and the relay between endpoints, and the
 * one host that objects see. Everything in here runs on one thread, so no request sees another half done.
 */
import type { RtcConfig } from 'node-datachannel';
import type { Clock } from './clock.ts';
import type { EventType } from './objects/catalogue.ts';
import { MediaObject, type EventDetails } from './objects/media-object.ts';
import { PatchBay } from './objects/patch-bay.ts';
import { Registry } from './objects/registry.ts';
import { ServerManager, type ManagerHost } from './objects/server-manager.ts';
import { Subscriptions } from './objects/subscriptions.ts';
import { WebRtcEndpoint, type EndpointHost } from './objects/webrtc-endpoint.ts';
import { eventFrame } from './rpc/frames.ts';
import { Sessions } from './rpc/session.ts';
import { SERVER_MANAGER_ID } from './ids.ts';

const FLOW_CHECK_MS = 500;

export interface KurentoOptions {
  readonly clock: Clock;
  readonly sessionGraceMs: number;
  readonly rtcConfig: RtcConfig;
}

export interface Stats {
  readonly sessions: number;
  readonly pipelines: number;
  readonly endpoints: number;
  /** Endpoints whose transport is up. */
  readonly connected: number;
}

export class Kurento implements EndpointHost, ManagerHost {
  readonly #options: KurentoOptions;
  readonly #stopFlowCheck: () => void;
  readonly patchBay = new PatchBay();
  readonly subscriptions = new Subscriptions();
  readonly sessions: Sessions;
  readonly registry: Registry;
  readonly manager: ServerManager;

  constructor(options: KurentoOptions) {
    this.#options = options;
    this.manager = new ServerManager(this);
    this.sessions = new Sessions(options.clock, options.sessionGraceMs, (id) => {
      this.subscriptions.dropSession(id);
      this.registry.letGoAll(id);
    });
    this.registry = new Registry({
      created: (object) => this.emit(this.manager, 'ObjectCreated', { object: object.id }),
      destroyed: (object) => {
        this.subscriptions.dropObject(object);
        this.emit(this.manager, 'ObjectDestroyed', { objectId: object.id });
      },
    });
    this.#stopFlowCheck = options.clock.every(FLOW_CHECK_MS, () => this.#checkFlows());
  }

  now(): number {
    return this.#options.clock.now();
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.#options.clock.after(ms, resolve));
  }

  rtcConfig(servers: readonly string[]): RtcConfig {
    const config = this.#options.rtcConfig;
    return { ...config, iceServers: [...config.iceServers, ...servers] };
  }

  /** The object of this id, the manager included. */
  find(id: string, session: Parameters<Registry['find']>[1]): MediaObject {
    return id === SERVER_MANAGER_ID ? this.manager : this.registry.find(id, session);
  }

  emit(source: MediaObject, type: EventType, details: EventDetails): void {
    const subscriptions = this.subscriptions.to(source, type);
    if (subscriptions.length === 0) return;
    const tags = source.sendTagsInEvents ? source.tagList() : [];
    const data = { ...details, source: source.id, tags, timestampMillis: `${this.now()}`, type };
    const frame = eventFrame(source.id, type, data);
    for (const { session } of subscriptions) this.sessions.peek(session)?.outlet?.send(frame);
  }

  sessionIds(): readonly string[] {
    return this.sessions.ids;
  }

  pipelineIds(): readonly string[] {
    return [...this.registry.all()].filter(({ type }) => type === 'MediaPipeline').map(({ id }) => id);
  }

  stats(): Stats {
    const endpoints = this.#endpoints();
    return {
      sessions: this.sessions.ids.length,
      pipelines: this.pipelineIds().length,
      endpoints: endpoints.length,
      connected: endpoints.filter((endpoint) => endpoint.transportOpen).length,
    };
  }

  close(): void {
    this.#stopFlowCheck();
    this.registry.releaseAll();
  }

  #endpoints(): WebRtcEndpoint[] {
    return [...this.registry.all()].filter((object) => object instanceof WebRtcEndpoint);
  }

  #checkFlows(): void {
    const now = this.now();
    for (const object of this.registry.all()) if (object instanceof WebRtcEndpoint) object.checkFlows(now);
  }
}
