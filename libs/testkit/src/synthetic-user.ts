/**
 * A user without a browser: a socket that speaks the seed's messages and no others, and a synthetic peer for the media. With
 * `native` he logs in as our own client does, and can come back after his socket broke. What the server says about the call he
 * does: answers and candidates are applied, a new offer is made when it asks for one.
 */
import { RtpPeer, type PeerStats } from './rtp-peer.ts';
import { SocketClient, type Frame } from './socket-client.ts';

export interface SyntheticUserOptions {
  readonly native?: boolean;
  /** Packets a second of each kind while a call runs. */
  readonly videoPps?: number;
  readonly audioPps?: number;
}

/** Sent right after the offer, as the seed's page does; it leads nowhere (RFC 5737). The peer tells its own after the answer. */
const EARLY_CANDIDATE = {
  candidate: 'candidate:9 1 UDP 1 198.51.100.1 9 typ host',
  sdpMid: '0',
  sdpMLineIndex: 0,
};

const CAPABILITIES = ['native', 'renegotiate'];

export class SyntheticUser {
  readonly userID: string | number;
  readonly #options: SyntheticUserOptions;
  #socket: SocketClient;
  #sessionID: unknown;
  #peer: RtpPeer | undefined;
  #answered = false;
  #offers = 0;

  private constructor(userID: string | number, socket: SocketClient, options: SyntheticUserOptions) {
    this.userID = userID;
    this.#options = options;
    this.#socket = this.#listen(socket);
  }

  /** Connects and logs in. Nothing tells a seed client that it worked: a call right after is in order. */
  static async join(url: string, userID: string | number, options: SyntheticUserOptions = {}): Promise<SyntheticUser> {
    const user = new SyntheticUser(userID, await SocketClient.connect(url), options);
    user.socket.send({ type: 'login', userID, ...(options.native ? { capabilities: CAPABILITIES } : {}) });
    if (options.native) user.#sessionID = (await user.socket.next('loginResponse'))['sessionID'];
    else await user.socket.ping();
    return user;
  }

  /**
   * Goes on with the session on a new socket, which may be at another gateway; the old one stays as it is. `fresh`: as after a
   * reload, the media is gone.
   * @returns the loginResponse
   */
  async resume(url: string, { fresh = false, calls = [] as readonly unknown[] } = {}): Promise<Frame> {
    if (fresh) this.endMedia();
    this.#socket = this.#listen(await SocketClient.connect(url));
    const resume = { sessionID: this.#sessionID, fresh, calls };
    this.socket.send({ type: 'login', userID: this.userID, capabilities: CAPABILITIES, resume });
    const response = await this.socket.next('loginResponse');
    this.#sessionID = response['sessionID'];
    return response;
  }

  /** The current one. */
  get socket(): SocketClient {
    return this.#socket;
  }

  get peer(): RtpPeer {
    if (!this.#peer) throw new Error(`${String(this.userID)} has no peer`);
    return this.#peer;
  }

  stats(): PeerStats {
    return this.peer.stats();
  }

  /** Sends `call`, and candidates right after, as the seed's page does. */
  async call(calleeID: string | number, more: object = {}): Promise<void> {
    await this.#offer((sdpOffer) => ({ type: 'call', callerID: this.userID, calleeID, sdpOffer, ...more }));
  }

  async accept(callerID: string | number, callID?: unknown): Promise<void> {
    const named = callID === undefined ? {} : { callID };
    await this.#offer((sdpOffer) => ({
      type: 'incomingCallResponse',
      callerID,
      callResponse: 'accepted',
      sdpOffer,
      ...named,
    }));
  }

  reject(callerID: string | number): void {
    this.socket.send({ type: 'incomingCallResponse', callerID, callResponse: 'rejected' });
  }

  /** Hangs up (or cancels), and ends the media as a page does. */
  stop(): void {
    this.socket.send({ type: 'stop' });
    this.endMedia();
  }

  /** Starts to send; resolves when this side's media is connected. */
  async talk(withinMs = 15_000): Promise<void> {
    await this.peer.waitConnected(withinMs);
    this.peer.startSending({ videoPps: this.#options.videoPps ?? 50, audioPps: this.#options.audioPps ?? 50 });
  }

  endMedia(): void {
    this.#peer?.close();
    this.#peer = undefined;
  }

  async leave(): Promise<void> {
    this.endMedia();
    if (this.socket.isOpen) await this.socket.close();
  }

  async #offer(message: (sdpOffer: string) => object): Promise<void> {
    this.endMedia();
    const peer = new RtpPeer();
    this.#peer = peer;
    this.#answered = false;
    peer.onCandidate((candidate) => {
      this.socket.send({ type: 'onIceCandidate', candidate });
    });
    this.socket.send(message(await peer.createOffer()));
    this.socket.send({ type: 'onIceCandidate', candidate: EARLY_CANDIDATE });
  }

  /** Makes a new connection, and offers it. */
  async renegotiate(callID: unknown): Promise<void> {
    const legID = `again-${String((this.#offers += 1))}-${String(performance.now())}`;
    await this.#offer((sdpOffer) => ({ type: 'renegotiate', callID, sdpOffer, legID }));
  }

  #listen(socket: SocketClient): SocketClient {
    socket.onFrame((frame) => {
      this.#hear(frame);
    });
    return socket;
  }

  /** A snapshot may bring it a second time. */
  #answer(sdp: string): void {
    if (!this.#answered) this.#peer?.setAnswer(sdp);
    this.#answered = true;
  }

  #hear(frame: Frame): void {
    if (typeof frame['sdpAnswer'] === 'string') this.#answer(frame['sdpAnswer']);
    if (frame.type === 'renegotiate') void this.renegotiate(frame['callID']);
    if (frame.type === 'iceCandidate') this.#peer?.addCandidate(frame['candidate'] as { candidate: string });
    if (frame.type === 'stopCommunication') this.endMedia();
  }
}
