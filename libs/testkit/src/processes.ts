/** The processes of a cluster: started in lists, replaced when they died, stopped together; and the ways from one to another. */
import { Proxy } from './proxy.ts';
import { ServiceProcess, type ServiceSpec } from './service-process.ts';

/** The way from a process to what it talks to, e.g. `gateway-1 to Redis`. */
export interface Link {
  readonly name: string;
  readonly proxy: Proxy;
}

export class Processes {
  readonly links: Link[] = [];
  readonly #proxied: boolean;
  readonly #running = new Set<ServiceProcess>();
  readonly #lists: ServiceProcess[][] = [];

  constructor(proxied: boolean) {
    this.#proxied = proxied;
  }

  /** By which URL a server on this machine is reached: its own, or that of a proxy on the way there. */
  async wayTo(name: string, url: string): Promise<string> {
    if (!this.#proxied) return url;
    const way = new URL(url);
    const proxy = await Proxy.start(Number(way.port));
    this.links.push({ name, proxy });
    way.port = String(proxy.port);
    return way.href;
  }

  async start(count: number, spec: (index: number) => Promise<ServiceSpec>): Promise<ServiceProcess[]> {
    const one = async (_: unknown, index: number) => this.#start(await spec(index));
    const list = await Promise.all(Array.from({ length: count }, one));
    this.#lists.push(list);
    return list;
  }

  /** On its old port; it takes the place of the one that died. */
  async restart(died: ServiceProcess): Promise<ServiceProcess> {
    const { spec, port } = died;
    const args = spec.args?.includes('--port') ? ['--port', String(port)] : (spec.args ?? []);
    const next = await this.#start({ ...spec, args });
    this.#running.delete(died);
    for (const list of this.#lists) if (list.includes(died)) list[list.indexOf(died)] = next;
    return next;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#running].map((each) => each.stop().catch(() => each.kill())));
    await Promise.all(this.links.map(({ proxy }) => proxy.close()));
  }

  async #start(spec: ServiceSpec): Promise<ServiceProcess> {
    const running = await ServiceProcess.start(spec);
    this.#running.add(running);
    return running;
  }
}
