/** A media server in memory: every call waits until the test lets it go, and everything that is asked is written down. */
import { KurentoError } from '../src/kurento/errors.ts';
import type { Endpoint, EndpointEvents, FoundPipeline, KurentoPort, Pipeline, Tags } from '../src/kurento/port.ts';

interface Call {
  readonly what: string;
  readonly go: () => void;
  readonly fail: (error: KurentoError) => void;
}

interface FakeEndpoint extends Endpoint {
  readonly tags: Tags;
  readonly events: EndpointEvents;
  readonly candidates: string[];
  offered: boolean;
}

export class FakeKurento implements Pick<KurentoPort, 'createPipeline' | 'listPipelines'> {
  /** In the order in which they were asked. */
  readonly asked: string[] = [];
  readonly pipelines = new Map<string, { readonly tags: Tags; readonly endpoints: FakeEndpoint[] }>();
  readonly connected: string[] = [];
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
    if (error === undefined || (call?.what === 'release' && error.code === '40101')) call?.go();
    else call?.fail(error);
  }

  endpoint(legID: string): FakeEndpoint {
    for (const { endpoints } of this.pipelines.values()) {
      const found = endpoints.find(({ tags }) => tags['legID'] === legID);
      if (found !== undefined) return found;
    }
    throw new Error(`no endpoint of ${legID}`);
  }

  createPipeline(tags: Tags): Promise<Pipeline> {
    const id = `p${String(++this.#count)}`;
    return this.#ask('createPipeline', () => {
      this.pipelines.set(id, { tags, endpoints: [] });
      return this.#pipeline(id);
    });
  }

  listPipelines(except: ReadonlySet<string> = new Set()): Promise<readonly FoundPipeline[]> {
    return this.#ask('listPipelines', () =>
      [...this.pipelines]
        .filter(([id]) => !except.has(id))
        .map(([id, { tags }]) => ({
          pipeline: this.#pipeline(id),
          tags,
          endpoints: () =>
            Promise.resolve(
              (this.pipelines.get(id)?.endpoints ?? []).map((endpoint) => ({
                id: endpoint.id,
                tags: endpoint.tags,
                adopt: (events: EndpointEvents) => {
                  Object.assign(endpoint, { events });
                  return Promise.resolve(endpoint);
                },
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
      connectBoth: (a, b) =>
        this.#ask('connectBoth', () => {
          const offered = [a, b].every((endpoint) => (endpoint as FakeEndpoint).offered);
          if (!offered) this.violations.push('connected before an offer was applied');
          this.connected.push(`${a.id}+${b.id}`);
        }),
      release: () =>
        this.#ask('release', () => {
          this.pipelines.delete(id);
        }),
    };
  }

  #endpoint(id: string, tags: Tags, events: EndpointEvents): FakeEndpoint {
    const endpoint: FakeEndpoint = {
      ...{ id, tags, events, candidates: [], offered: false },
      processOffer: (sdp) =>
        this.#ask('processOffer', () => {
          if (endpoint.offered) this.violations.push('a second offer');
          endpoint.offered = true;
          return `answer to ${sdp}`;
        }),
      localDescription: () =>
        endpoint.offered ? Promise.resolve('answer again') : Promise.reject(new KurentoError('40207', 'no offer')),
      gatherCandidates: () => this.#ask('gatherCandidates', () => undefined),
      addIceCandidate: ({ candidate }) => {
        if (!endpoint.offered) this.violations.push('a candidate before the offer');
        return this.#ask('addIceCandidate', () => void endpoint.candidates.push(candidate));
      },
      release: () => this.#ask('releaseEndpoint', () => undefined),
    };
    return endpoint;
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
      if (this.held) this.pending.push({ what, go, fail: reject });
      else go();
    });
  }
}
