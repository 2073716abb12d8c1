/**
 * What the worker wants of a media server. Everything outside this folder is written against this file; tests put a fake
 * in its place. Every method that returns a promise rejects with a `KurentoError`, at the latest after the deadline; while the
 * connection is down for a moment it waits for it.
 */
import type { Candidate } from '@switchboard/protocol';

/** Texts kept with an object on the media server, so that a worker that starts anew knows what it is. */
export type Tags = Readonly<Record<string, string>>;

export interface Endpoint {
  readonly id: string;
  /** @returns the SDP answer. Once per endpoint: Kurento refuses a second offer (40208). */
  processOffer(sdp: string): Promise<string>;
  /** The answer of `processOffer` once more. Rejects if there was none. */
  localDescription(): Promise<string>;
  /** From now on `EndpointEvents.candidate` tells what was found. After `processOffer`. */
  gatherCandidates(): Promise<void>;
  addIceCandidate(candidate: Candidate): Promise<void>;
  /** ICE and DTLS are up: what `EndpointEvents.connected` tells, for who may have missed it. */
  isConnected(): Promise<boolean>;
  /** Written beside what is there; a key that is there gets the new text. */
  tag(tags: Tags): Promise<void>;
  release(): Promise<void>;
}

/** Called at any time after `createEndpoint` was; never while there is no connection, nor after the media server lost the endpoint. */
export interface EndpointEvents {
  candidate(candidate: Candidate): void;
  gathered(): void;
  /** ICE and DTLS are up. May come more than once. */
  connected(): void;
  /** ICE gave up, or the media server reports an error of this endpoint. */
  failed(code: string): void;
}

export interface Pipeline {
  readonly id: string;
  /** The endpoint is created, tagged and subscribed in one transaction. */
  createEndpoint(tags: Tags, events: EndpointEvents): Promise<Endpoint>;
  /**
   * Media flows both ways between two endpoints of this pipeline. Kurento interrupts it for a moment if it did already.
   * @param tags written on the pipeline in the same transaction
   */
  connectBoth(a: Endpoint, b: Endpoint, tags: Tags): Promise<void>;
  tag(tags: Tags): Promise<void>;
  /** Releases its endpoints too. Releasing it again is harmless. */
  release(): Promise<void>;
}

export interface FoundEndpoint {
  readonly id: string;
  readonly tags: Tags;
  /** Takes it over: subscribes to its events. What happened before has to be asked. */
  adopt(events: EndpointEvents): Promise<Endpoint>;
  release(): Promise<void>;
}

export interface FoundPipeline {
  readonly pipeline: Pipeline;
  readonly tags: Tags;
  endpoints(): Promise<readonly FoundEndpoint[]>;
}

export interface Load {
  readonly memoryKiB: number;
  /** Of all cores, measured over 100 ms. */
  readonly cpuPercent: number;
}

/**
 * `connected` again after `down`: same session, every handle is still good, events may have been missed. `lost`: nothing of it is
 * there any more.
 */
export interface PortEvents {
  connected(): void;
  down(): void;
  lost(): void;
}

export interface KurentoPort {
  isConnected(): boolean;
  /** Resolves when connected (again); rejects when closed. */
  whenConnected(): Promise<void>;
  createPipeline(tags: Tags): Promise<Pipeline>;
  /** The pipelines on the media server but those with an ID in `except`. */
  listPipelines(except?: ReadonlySet<string>): Promise<readonly FoundPipeline[]>;
  load(): Promise<Load>;
  /** Leaves everything on the media server as it is. */
  close(): void;
}

/** Each call of the media server, as it ends: `code` is `ok` or that of the error. Must not throw. */
export type CallObserver = (call: { readonly method: string; readonly ms: number; readonly code: string }) => void;
