/** Pipelines and endpoints of a real (or the embedded) media server. Made by the adapter only. */
import { z } from 'zod';
import type { Candidate } from '@switchboard/protocol';
import { Batch } from './batch.ts';
import { isGone, ownError } from './errors.ts';
import { ENDPOINT_EVENTS, routeEvent } from './events.ts';
import { asInstance, type MediaObject, type RawClient } from './library.ts';
import type { Endpoint, EndpointEvents, FoundEndpoint, FoundPipeline, Pipeline, Tags } from './port.ts';
import type { Requests } from './requests.ts';

/** What an object needs to speak. `ready` throws a KurentoError while there is no connection, nor hope of resuming one. */
export interface Wire {
  readonly client: RawClient;
  readonly requests: Requests;
  readonly listeners: Map<string, (type: string, data: unknown) => void>;
  ready(method: string): void;
}

const tagList = z.array(z.object({ key: z.string(), value: z.string() }));
const idList = z.array(z.string());

/** @throws KurentoError `protocol` if the answer has another form */
function parse<T>(schema: z.ZodType<T>, method: string, value: unknown): T {
  const result = schema.safeParse(value);
  if (!result.success) throw ownError('protocol', method);
  return result.data;
}

interface Invocation {
  readonly object: MediaObject;
  readonly method: string;
  readonly params?: object;
}

async function invoke<T>(wire: Wire, call: Invocation, schema: z.ZodType<T>): Promise<T> {
  const { object, method, params = {} } = call;
  wire.ready(method);
  const { value } = await wire.requests.ask({
    method,
    send: (callback) => void object._invoke(undefined, method, params, callback),
    pick: (result) => ({ value: result }),
  });
  return parse(schema, method, value);
}

/** The object of an ID, taken over from an older session if need be. In a box, because it is a thenable. */
export async function describe(wire: Wire, id: string): Promise<{ readonly object: MediaObject }> {
  wire.ready('describe');
  return wire.requests.ask({
    method: 'describe',
    send: (callback) => void wire.client.getMediaobjectById(id, callback),
    pick: (result) => ({ object: asInstance(result as MediaObject) }),
  });
}

export async function readIDs(wire: Wire, object: MediaObject, method: string): Promise<readonly string[]> {
  return invoke(wire, { object, method }, idList);
}

export async function readNumber(wire: Wire, call: Invocation): Promise<number> {
  return invoke(wire, call, z.number());
}

async function readTags(wire: Wire, object: MediaObject): Promise<Tags> {
  const tags = await invoke(wire, { object, method: 'getTags' }, tagList);
  return Object.fromEntries(tags.map(({ key, value }) => [key, value]));
}

async function tag(wire: Wire, object: MediaObject, tags: Tags): Promise<void> {
  wire.ready('tag');
  await new Batch(wire.client).tag(object, tags).commit(wire.requests, 'tag');
}

async function release(wire: Wire, object: MediaObject): Promise<void> {
  wire.ready('release');
  try {
    await new Batch(wire.client).release(object).commit(wire.requests, 'release');
  } catch (error) {
    if (!isGone(error)) throw error;
  }
  forget(wire, object);
}

/** Takes the object, and what is inside it, out of kurento-client's table and ours. */
function forget(wire: Wire, object: MediaObject): void {
  for (const id of wire.listeners.keys()) if (id.startsWith(object.id)) wire.listeners.delete(id);
  object.emit('release');
}

export async function createPipeline(wire: Wire, tags: Tags): Promise<Pipeline> {
  wire.ready('createPipeline');
  const batch = new Batch(wire.client);
  const object = batch.create('MediaPipeline', {});
  const dispose = () => void release(wire, object).catch(() => undefined);
  await batch.tag(object, tags).commit(wire.requests, 'createPipeline', dispose);
  return new KmsPipeline(wire, object);
}

class KmsPipeline implements Pipeline {
  readonly #wire: Wire;
  readonly #object: MediaObject;

  constructor(wire: Wire, object: MediaObject) {
    this.#wire = wire;
    this.#object = object;
  }

  get id(): string {
    return this.#object.id;
  }

  async createEndpoint(tags: Tags, events: EndpointEvents): Promise<Endpoint> {
    const wire = this.#wire;
    wire.ready('createEndpoint');
    const batch = new Batch(wire.client);
    const object = batch.create('WebRtcEndpoint', { mediaPipeline: this.#object });
    await batch.tag(object, tags).subscribe(object, ENDPOINT_EVENTS).commit(wire.requests, 'createEndpoint');
    wire.listeners.set(object.id, (type, data) => routeEvent(type, data, events));
    return new KmsEndpoint(wire, object);
  }

  /** Both directions in one request; a sink that is no endpoint of ours kills KMS, so the types forbid it. */
  async connectBoth(a: Endpoint, b: Endpoint, tags: Tags): Promise<void> {
    if (!(a instanceof KmsEndpoint && b instanceof KmsEndpoint)) throw ownError('protocol', 'connect');
    this.#wire.ready('connect');
    await new Batch(this.#wire.client)
      .invoke(a.object, 'connect', { sink: b.object })
      .invoke(b.object, 'connect', { sink: a.object })
      .tag(this.#object, tags)
      .commit(this.#wire.requests, 'connect');
  }

  tag(tags: Tags): Promise<void> {
    return tag(this.#wire, this.#object, tags);
  }

  release(): Promise<void> {
    return release(this.#wire, this.#object);
  }
}

class KmsEndpoint implements Endpoint {
  readonly #wire: Wire;
  readonly object: MediaObject;

  constructor(wire: Wire, object: MediaObject) {
    this.#wire = wire;
    this.object = object;
  }

  get id(): string {
    return this.object.id;
  }

  processOffer(offer: string): Promise<string> {
    return this.#invoke('processOffer', { offer }, z.string());
  }

  localDescription(): Promise<string> {
    return this.#invoke('getLocalSessionDescriptor', {}, z.string().min(1));
  }

  async gatherCandidates(): Promise<void> {
    await this.#invoke('gatherCandidates', {}, z.unknown());
  }

  async addIceCandidate(candidate: Candidate): Promise<void> {
    const typed = { __module__: 'kurento', __type__: 'IceCandidate', ...candidate };
    await this.#invoke('addIceCandidate', { candidate: typed }, z.unknown());
  }

  async isConnected(): Promise<boolean> {
    return (await this.#invoke('getConnectionState', {}, z.string())) === 'CONNECTED';
  }

  tag(tags: Tags): Promise<void> {
    return tag(this.#wire, this.object, tags);
  }

  release(): Promise<void> {
    return release(this.#wire, this.object);
  }

  #invoke<T>(method: string, params: object, schema: z.ZodType<T>): Promise<T> {
    return invoke(this.#wire, { object: this.object, method, params }, schema);
  }
}

export async function findPipeline(wire: Wire, id: string): Promise<FoundPipeline> {
  const { object } = await describe(wire, id);
  const tags = await readTags(wire, object);
  return {
    pipeline: new KmsPipeline(wire, object),
    tags,
    endpoints: async () => {
      const children = await readIDs(wire, object, 'getChildren');
      const ids = children.filter((child) => child.endsWith('_kurento.WebRtcEndpoint'));
      return Promise.all(ids.map((child) => findEndpoint(wire, child)));
    },
  };
}

async function findEndpoint(wire: Wire, id: string): Promise<FoundEndpoint> {
  const { object } = await describe(wire, id);
  return {
    id,
    tags: await readTags(wire, object),
    adopt: (events) => adopt(wire, object, events),
    release: () => release(wire, object),
  };
}

async function adopt(wire: Wire, object: MediaObject, events: EndpointEvents): Promise<Endpoint> {
  wire.ready('adopt');
  wire.listeners.set(object.id, (type, data) => routeEvent(type, data, events));
  await new Batch(wire.client).subscribe(object, ENDPOINT_EVENTS).commit(wire.requests, 'adopt');
  return new KmsEndpoint(wire, object);
}
