/** A browser without a browser: sockets, connections and time that the test moves by hand. */
import type { Deps, Socket } from '../src/index.ts';

export class FakeSocket implements Socket {
  onopen: Socket['onopen'] = null;
  onmessage: Socket['onmessage'] = null;
  onclose: Socket['onclose'] = null;
  readonly url: string;
  readonly sent: Record<string, unknown>[] = [];
  closed = false;
  code: number | undefined;

  constructor(url: string) {
    this.url = url;
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }
  close(code?: number): void {
    this.closed = true;
    this.code = code;
  }
  /** What the server says. */
  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
  types(): unknown[] {
    return this.sent.map(({ type }) => type);
  }
  last(): Record<string, unknown> | undefined {
    return this.sent.at(-1);
  }
}

export class FakeTrack {
  readonly kind: string;
  readonly muted: boolean;
  onunmute: (() => void) | null = null;
  onended: (() => void) | null = null;
  enabled = true;
  stopped = false;
  constructor(kind: string, muted = false) {
    this.kind = kind;
    this.muted = muted;
  }
  get readyState(): string {
    return this.stopped ? 'ended' : 'live';
  }
  stop(): void {
    this.stopped = true;
  }
  /** The device goes, or the user ends it in the browser's own bar. */
  end(): void {
    this.stopped = true;
    this.onended?.();
  }
}

export class FakeStream {
  tracks: FakeTrack[];
  constructor(...kinds: string[]) {
    this.tracks = kinds.map((kind) => new FakeTrack(kind));
  }
  getTracks(): FakeTrack[] {
    return [...this.tracks];
  }
  addTrack(track: FakeTrack): void {
    this.tracks.push(track);
  }
  removeTrack(track: FakeTrack): void {
    this.tracks = this.tracks.filter((one) => one !== track);
  }
}

/** What a connection sends of one kind. */
export class FakeSender {
  track: FakeTrack | null;
  fails = false;
  constructor(track: FakeTrack | null) {
    this.track = track;
  }
  replaceTrack(track: FakeTrack | null): Promise<void> {
    if (this.fails) return Promise.reject(new Error('no'));
    this.track = track;
    return Promise.resolve();
  }
}

export class FakePeer {
  onicecandidate: ((event: { candidate: object | null }) => void) | null = null;
  ontrack: ((event: { track: FakeTrack }) => void) | null = null;
  onconnectionstatechange: (() => void) | null = null;
  connectionState = 'new';
  readonly config: RTCConfiguration;
  /** What was done to it, in order. */
  readonly log: string[] = [];
  readonly senders: Record<string, FakeSender> = {};
  closed = false;
  /** Let go by the test, to show what happens before the answer is set. */
  answerSet: Promise<void> = Promise.resolve();
  offerMade: Promise<void>;

  constructor(config: RTCConfiguration, offerMade: Promise<void>) {
    this.config = config;
    this.offerMade = offerMade;
  }
  addTransceiver(what: FakeTrack | string, init: { direction: string }): { sender: FakeSender } {
    const kind = typeof what === 'string' ? what : what.kind;
    this.log.push(`${typeof what === 'string' ? `no ${what}` : what.kind} ${init.direction}`);
    const sender = new FakeSender(typeof what === 'string' ? null : what);
    this.senders[kind] = sender;
    return { sender };
  }
  async createOffer(): Promise<{ type: 'offer'; sdp: string }> {
    await this.offerMade;
    return { type: 'offer', sdp: 'v=0 offer' };
  }
  setLocalDescription(): Promise<void> {
    this.find('early');
    return Promise.resolve();
  }
  async setRemoteDescription({ sdp }: { sdp: string }): Promise<void> {
    await this.answerSet;
    if (sdp === 'bad') throw new Error('bad answer');
    this.log.push(`answer ${sdp}`);
  }
  addIceCandidate({ candidate }: { candidate: string }): Promise<void> {
    this.log.push(`candidate ${candidate}`);
    return candidate === 'bad' ? Promise.reject(new Error('bad candidate')) : Promise.resolve();
  }
  getStats(): Promise<string> {
    return Promise.resolve('stats');
  }
  close(): void {
    this.closed = true;
  }
  becomes(state: 'connected' | 'failed'): void {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }
  /** The browser finds a candidate of its own. */
  find(candidate: string): void {
    this.onicecandidate?.({ candidate: { candidate, sdpMid: '0', sdpMLineIndex: 0 } });
  }
}

interface Timer {
  at: number;
  run: () => void;
}

export class FakeStorage {
  readonly items = new Map<string, string>();
  getItem(key: string): string | null {
    return this.items.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.items.set(key, value);
  }
  removeItem(key: string): void {
    this.items.delete(key);
  }
}

/** A page. Give several of them one storage and one set of locks, and they are reloads or tabs of each other. */
export class FakeBrowser {
  readonly sockets: FakeSocket[] = [];
  readonly peers: FakePeer[] = [];
  readonly streams: FakeStream[] = [];
  readonly asked: MediaStreamConstraints[] = [];
  /** What the machine has; an error is thrown whatever is asked for. */
  devices: string[] | Error = ['audio', 'video'];
  /** What the user says when he is asked for a screen. */
  screen: 'chosen' | 'refused' = 'chosen';
  /** When the connections that are opened from now on have their offers. */
  offerMade: Promise<void> = Promise.resolve();
  storage = new FakeStorage();
  locks = new Set<string>();
  pageHides: ((persisted: boolean) => void) | undefined;
  networkBack: (() => void) | undefined;
  now = 0;
  #timers: Timer[] = [];

  readonly deps: Deps = {
    openSocket: (url) => this.#keep(this.sockets, new FakeSocket(url)),
    openPeer: (config) => this.#keep(this.peers, new FakePeer(config, this.offerMade)) as unknown as RTCPeerConnection,
    newStream: () => new FakeStream() as unknown as MediaStream,
    getUserMedia: (constraints) => this.#media(constraints),
    getDisplayMedia: () =>
      this.screen === 'chosen'
        ? Promise.resolve(this.#keep(this.streams, new FakeStream('video')) as unknown as MediaStream)
        : Promise.reject(new DOMException('no', 'NotAllowedError')),
    sessionStorage: () => this.storage,
    tryLock: (name) => {
      if (this.locks.has(name)) return Promise.resolve(undefined);
      this.locks.add(name);
      return Promise.resolve(() => void this.locks.delete(name));
    },
    onPageHide: (run) => {
      this.pageHides = run;
      return () => (this.pageHides = undefined);
    },
    onNetworkBack: (run) => {
      this.networkBack = run;
      return () => (this.networkBack = undefined);
    },
    later: (delayMs, run) => {
      const timer = this.#keep(this.#timers, { at: this.now + delayMs, run });
      return () => {
        this.#timers = this.#timers.filter((one) => one !== timer);
      };
    },
    random: () => 0.5,
    now: () => this.now,
  };

  get socket(): FakeSocket {
    return this.sockets.at(-1)!;
  }
  get peer(): FakePeer {
    return this.peers.at(-1)!;
  }

  /** Lets time pass, with the timers that it brings. */
  pass(ms: number): void {
    this.now += ms;
    const due = this.#timers.filter(({ at }) => at <= this.now);
    this.#timers = this.#timers.filter(({ at }) => at > this.now);
    due.forEach(({ run }) => run());
  }

  get pendingTimers(): number {
    return this.#timers.length;
  }

  #keep<T>(list: T[], item: T): T {
    list.push(item);
    return item;
  }

  #media(constraints: MediaStreamConstraints): Promise<MediaStream> {
    this.asked.push(constraints);
    const { devices } = this;
    if (devices instanceof Error) return Promise.reject(devices);
    const kinds = ['audio', 'video'].filter((kind) => constraints[kind as 'audio' | 'video']);
    if (!kinds.every((kind) => devices.includes(kind)))
      return Promise.reject(new DOMException('nothing there', 'NotFoundError'));
    return Promise.resolve(this.#keep(this.streams, new FakeStream(...kinds)) as unknown as MediaStream);
  }
}

/** Lets what was promised happen. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) await Promise.resolve();
}
