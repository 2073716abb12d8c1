/** A browser without a browser: sockets, connections and time that the test moves by hand. */
import type { Deps, Socket } from '../src/index.ts';

export class FakeSocket implements Socket {
  onopen: Socket['onopen'] = null;
  onmessage: Socket['onmessage'] = null;
  onclose: Socket['onclose'] = null;
  readonly url: string;
  readonly sent: Record<string, unknown>[] = [];
  closed = false;

  constructor(url: string) {
    this.url = url;
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }
  close(): void {
    this.closed = true;
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
  stopped = false;
  constructor(kind: string, muted = false) {
    this.kind = kind;
    this.muted = muted;
  }
  stop(): void {
    this.stopped = true;
  }
}

export class FakeStream {
  readonly tracks: FakeTrack[];
  constructor(...kinds: string[]) {
    this.tracks = kinds.map((kind) => new FakeTrack(kind));
  }
  getTracks(): FakeTrack[] {
    return this.tracks;
  }
  addTrack(track: FakeTrack): void {
    this.tracks.push(track);
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
  closed = false;
  /** Let go by the test, to show what happens before the answer is set. */
  answerSet: Promise<void> = Promise.resolve();

  constructor(config: RTCConfiguration) {
    this.config = config;
  }
  addTransceiver(what: FakeTrack | string, init: { direction: string }): void {
    this.log.push(`${typeof what === 'string' ? `no ${what}` : what.kind} ${init.direction}`);
  }
  createOffer(): Promise<{ type: 'offer'; sdp: string }> {
    return Promise.resolve({ type: 'offer', sdp: 'v=0 offer' });
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
  /** The browser finds a candidate of its own. */
  find(candidate: string): void {
    this.onicecandidate?.({ candidate: { candidate, sdpMid: '0', sdpMLineIndex: 0 } });
  }
}

interface Timer {
  at: number;
  run: () => void;
}

export class FakeBrowser {
  readonly sockets: FakeSocket[] = [];
  readonly peers: FakePeer[] = [];
  readonly streams: FakeStream[] = [];
  readonly asked: MediaStreamConstraints[] = [];
  /** What the machine has; an error is thrown whatever is asked for. */
  devices: string[] | Error = ['audio', 'video'];
  now = 0;
  #timers: Timer[] = [];

  readonly deps: Deps = {
    openSocket: (url) => this.#keep(this.sockets, new FakeSocket(url)),
    openPeer: (config) => this.#keep(this.peers, new FakePeer(config)) as unknown as RTCPeerConnection,
    newStream: () => new FakeStream() as unknown as MediaStream,
    getUserMedia: (constraints) => this.#media(constraints),
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
