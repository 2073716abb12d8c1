/** Stands in for libs/client: what the page asked of it, and a way to tell the page what happened. */
import type { Call, ConnectionState, MediaShown, SwitchboardOptions } from '@switchboard/client';

type Listener = (value: unknown) => void;

class Talker {
  readonly #listeners = new Map<string, Listener[]>();

  on(name: string, listener: Listener): () => void {
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener]);
    return () => undefined;
  }

  tell(name: string, value: unknown): void {
    for (const listener of this.#listeners.get(name) ?? []) listener(value);
  }
}

const kinds = (...tracks: string[]): MediaStream =>
  ({
    getAudioTracks: () => tracks.filter((kind) => kind === 'audio'),
    getVideoTracks: () => tracks.filter((kind) => kind === 'video'),
  }) as unknown as MediaStream;

export class FakeCall extends Talker {
  direction: Call['direction'] = 'outgoing';
  role: Call['role'] = 'caller';
  state: Call['state'] = { phase: 'inviting' };
  peerState: Call['peerState'] = 'connected';
  localMedia: MediaShown = { audio: true, video: true, screen: false };
  peerMedia: MediaShown = { audio: true, video: true, screen: false };
  localStream: MediaStream | undefined;
  readonly asked: string[] = [];
  readonly peerID: string;
  readonly media: Call['media'];

  constructor(peerID: string, media: Call['media'] = 'video') {
    super();
    this.peerID = peerID;
    this.media = media;
  }

  get asCall(): Call {
    return this as unknown as Call;
  }

  go(state: Call['state']): void {
    this.state = state;
    this.tell('phase', state);
    if (state.phase === 'ended') this.tell('ended', state);
  }

  sends(...tracks: string[]): void {
    this.localStream = kinds(...tracks);
    this.localMedia = { audio: tracks.includes('audio'), video: tracks.includes('video'), screen: false };
    this.tell('localStream', this.localStream);
  }

  setMicrophone(on: boolean): void {
    this.asked.push(`microphone ${String(on)}`);
    if (this.localStream) this.localMedia = { ...this.localMedia, audio: on && hasSound(this.localStream) };
  }
}

const hasSound = (stream: MediaStream): boolean => stream.getAudioTracks().length > 0;

export class FakeBoard extends Talker {
  static last: FakeBoard;
  state: ConnectionState = { status: 'offline' };
  calls: Call[] = [];
  readonly asked: string[] = [];
  readonly options: SwitchboardOptions;

  constructor(options: SwitchboardOptions) {
    super();
    this.options = options;
    FakeBoard.last = this;
  }

  is(state: ConnectionState): void {
    this.state = state;
    this.tell('state', state);
  }

  online(): void {
    this.is({ status: 'online', gateway: 'https://localhost:8443', sessionID: 's' });
  }

  connect(): Promise<void> {
    return Promise.resolve();
  }

  disconnect(): void {
    this.asked.push('disconnect');
  }

  call(peerID: string, { media }: { media: Call['media'] }): Call {
    const { asCall } = new FakeCall(peerID, media);
    this.calls.push(asCall);
    return asCall;
  }

  watch(userIDs: string[]): void {
    this.asked.push(`watch ${userIDs.join()}`);
  }

  setPresence(state: string): void {
    this.asked.push(`presence ${state}`);
  }
}
