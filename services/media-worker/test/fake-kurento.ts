/** A media server in memory: every call waits until the test lets it go, and everything that is asked is written down. */
import { KurentoError } from '../src/kurento/errors.ts';
import type { Endpoint, EndpointEvents, FoundPipeline, KurentoPort, Pipeline, Tags } from '../src/kurento/port.ts';

interface Call {
  readonly what: string;
  readonly go: () => void;
  /** Done, but whoever asked is dead. */
  readonly goUnheard: () => void;
  readonly fail: (error: KurentoError) => void;
}

interface FakeEndpoint extends Endpoint {
  readonly tags: Record<string, string>;
  readonly events: EndpointEvents;
  readonly candidates: string[];
  /** Candidates that its description holds. */
  readonly found: string[];
  offered: boolean;
  up: boolean;
}

export class FakeKurento implements Pick<KurentoPort, 'createPipeline' | 'listPipelines'> {
  /** In the order in which they were asked. */
  readonly asked: string[] = [];
  readonly pipelines = new Map<string, { readonly tags: Record<string, string>; readonly endpoints: FakeEndpoint[] }>();
  readonly connected: string[] = [];
  /** The source of each sink, by ID. */
  readonly sources = new Map<string, string>();
  /** Endpoints that were released one by one, as legs. */
  readonly released: string[] = [];
  readonly pending: Call[] = [];
  readonly violations: string[] = [];
  /** False: calls are answered at once. */
  held: boolean;
  #failNext = new Map<string, KurentoError>();
  #count = 0;

  constructor(held = false) {
    this.held = held;
  }

  failNext(what: string, code = '40201', temporary = false): void {
    this.#failNext.set(what, new KurentoError(code, what, temporary));
  }

  /** Lets one waiting call go, or fails it. */
  settle(index: number, error?: KurentoError): void {
    const [call] = this.pending.splice(index % Math.max(1, this.pending.length), 1);
    // A server that says that a pipeline is unknown does not have it.
    if (error === undefined || ((call?.what.startsWith('release') ?? false) && error.code === '40101')) call?.go();
    else call?.fail(error);
  }

  /** Whoever asked died: what is on its way is done unheard, or never arrives. */
  orphan(arrives: (index: number) => boolean): void {
    this.pending.splice(0).forEach((call, index) => {
      if (arrives(index)) call.goUnheard();
    });
  }

  all(): readonly FakeEndpoint[] {
    return [...this.pipelines.values()].flatMap(({ endpoints }) => endpoints);
  }

  endpoint(legID: string): FakeEndpoint {
    const found = this.all().find(({ tags }) => tags['legID'] === legID);
    if (found === undefined) throw new Error(`no endpoint of ${legID}`);
    return found;
  }

  /** Each of two legs is the source of the other. */
  bridged(a: string, b: string): boolean {
    const [one, other] = [this.endpoint(a).id, this.endpoint(b).id];
    return this.sources.get(one) === other && this.sources.get(other) === one;
  }

  createPipeline(tags: Tags): Promise<Pipeline> {
    const id = `p${String(++this.#count)}`;
    return this.#ask('createPipeline', () => {
      this.pipelines.set(id, { tags: { ...tags }, endpoints: [] });
      return this.#pipeline(id);
    });
  }

  listPipelines(except: ReadonlySet<string> = new Set()): Promise<readonly FoundPipeline[]> {
    return this.#ask('listPipelines', () =>
      [...this.pipelines]
        .filter(([id]) => !except.has(id))
        .map(([id, { tags }]) => ({
          pipeline: this.#pipeline(id),
          tags: { ...tags },
          endpoints: () =>
            Promise.resolve(
              (this.pipelines.get(id)?.endpoints ?? []).map((endpoint) => ({
                id: endpoint.id,
                tags: { ...endpoint.tags },
                adopt: (events: EndpointEvents) => {
                  Object.assign(endpoint, { events });
                  return Promise.resolve(endpoint);
                },
                release: () => endpoint.release(),
              })),
            ),
        })),
    );
  }

  #pipeline(id: string): Pipeline {
    const gone = () => new KurentoError('40101', 'gone');
    return {
      id,
      createEndpoint: (tags, events) =>
        this.#ask('createEndpoint', () => {
          const pipeline = this.pipelines.get(id);
          if (pipeline === undefined) throw gone();
          const endpoint = this.#endpoint(`${id}/e${String(++this.#count)}`, tags, events);
          pipeline.endpoints.push(endpoint);
          return endpoint;
        }),
      tag: (tags) => this.#ask('tag', () => void Object.assign(this.pipelines.get(id)?.tags ?? {}, tags)),
      connectBoth: (a, b, tags) =>
        this.#ask('connectBoth', () => {
          const offered = [a, b].every((endpoint) => (endpoint as FakeEndpoint).offered);
          if (!offered) this.violations.push('connected before an offer was applied');
          const here = this.pipelines.get(id)?.endpoints ?? [];
          if (![a, b].every((endpoint) => here.includes(endpoint as FakeEndpoint))) throw gone();
          this.connected.push(`${a.id}+${b.id}`);
          this.sources.set(a.id, b.id).set(b.id, a.id);
          Object.assign(this.pipelines.get(id)?.tags ?? {}, tags);
        }),
      release: () =>
        this.#ask('release', () => {
          this.pipelines.delete(id);
        }),
    };
  }

  #endpoint(id: string, tags: Tags, events: EndpointEvents): FakeEndpoint {
    const endpoint: FakeEndpoint = {
      ...{ id, tags: { ...tags }, events, candidates: [], found: [], offered: false, up: false },
      processOffer: (sdp) =>
        this.#ask('processOffer', () => {
          if (endpoint.offered) this.violations.push('a second offer');
          endpoint.offered = true;
          return `answer to ${sdp}`;
        }),
      localDescription: () =>
        endpoint.offered
          ? Promise.resolve(
              `answer again\r\nm=audio\r\na=mid:0\r\n${endpoint.found.map((one) => `a=${one}\r\n`).join('')}`,
            )
          : Promise.reject(new KurentoError('40207', 'no offer')),
      isConnected: () => Promise.resolve(endpoint.up),
      tag: (more) => this.#ask('tagEndpoint', () => void Object.assign(endpoint.tags, more)),
      gatherCandidates: () => this.#ask('gatherCandidates', () => undefined),
      addIceCandidate: ({ candidate }) => {
        if (!endpoint.offered) this.violations.push('a candidate before the offer');
        return this.#ask('addIceCandidate', () => void endpoint.candidates.push(candidate));
      },
      release: () => this.#ask('releaseEndpoint', () => this.#drop(endpoint)),
    };
    return endpoint;
  }

  #drop(endpoint: FakeEndpoint): void {
    for (const { endpoints } of this.pipelines.values()) {
      const index = endpoints.indexOf(endpoint);
      if (index >= 0) this.released.push(...endpoints.splice(index, 1).map(({ tags }) => tags['legID'] ?? ''));
    }
  }

  #ask<T>(what: string, act: () => T): Promise<T> {
    this.asked.push(what);
    const error = this.#failNext.get(what);
    this.#failNext.delete(what);
    if (error !== undefined) return Promise.reject(error);
    return new Promise((resolve, reject) => {
      const go = () => {
        try {
          resolve(act());
        } catch (failure) {
          reject(failure as Error);
        }
      };
      const goUnheard = () => {
        try {
          act();
        } catch {
          // Nobody hears it.
        }
      };
      if (this.held) this.pending.push({ what, go, goUnheard, fail: reject });
      else go();
    });
  }
}
