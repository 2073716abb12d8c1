/** A native client at one of a user's devices. Each method is one message that it sends, or what happens to its socket. */
import {
  CLIENT_MESSAGES,
  type CallID,
  type ClientMessage,
  type ClientMessageInput,
  type ServerMessage,
  type Shown,
  type UserID,
} from '@switchboard/protocol';
import type { Socket } from './gateway.ts';
import type { Stage } from './stage.ts';
import { CANDIDATE } from './worker.ts';

export const SDP = 'v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n';

export class Client {
  readonly name: string;
  readonly userID: UserID;
  capabilities = ['native', 'renegotiate'];
  private socket: Socket;
  private readonly stage: Stage;
  private sessionID: string | undefined;
  private callID: CallID | undefined;
  private callerID: UserID | undefined;
  private sockets = 0;
  private offers = 0;

  constructor(stage: Stage, name: string, gateway: string) {
    this.stage = stage;
    this.name = name;
    this.userID = (name.split('.')[0] ?? name) as UserID;
    this.socket = this.newSocket(gateway);
  }

  login(): void {
    this.say({ type: 'login', userID: this.userID, capabilities: this.capabilities });
  }

  /** On a new socket. `fresh`: the page was reloaded. `calls`: what it believes to be alive. */
  resume(gateway: string, { fresh = false }: { fresh?: boolean } = {}): void {
    this.socket = this.newSocket(gateway);
    const calls = this.callID === undefined ? [] : [this.callID];
    const resume = { sessionID: this.sessionID ?? '', fresh, calls };
    this.say({ type: 'login', userID: this.userID, capabilities: this.capabilities, resume });
  }

  /** A duplicated tab has what the first one stored. */
  copies(other: Client): void {
    this.sessionID = other.sessionID;
  }

  call(calleeID: string, more: { requestID?: string; media?: 'audio' | 'video' } = {}): void {
    const { userID: callerID } = this;
    this.say({ type: 'call', callerID, calleeID, media: 'video', ...more, ...this.offer() });
  }

  ringing(): void {
    this.say({ type: 'ringing', callID: this.itsCall });
  }

  accept(): void {
    const { callerID = '', itsCall: callID } = this;
    this.say({ type: 'incomingCallResponse', callerID, callID, callResponse: 'accepted', ...this.offer() });
  }

  decline(): void {
    const { callerID = '', itsCall: callID } = this;
    this.say({ type: 'incomingCallResponse', callerID, callID, callResponse: 'rejected' });
  }

  stop(): void {
    this.say({ type: 'stop', callID: this.itsCall });
  }

  candidate(): void {
    const legID = `o${String(this.offers)}`;
    this.say({ type: 'onIceCandidate', callID: this.itsCall, legID, candidate: CANDIDATE });
  }

  renegotiate(): void {
    this.say({ type: 'renegotiate', callID: this.itsCall, ...this.offer() });
  }

  show(shown: Shown): void {
    this.say({ type: 'mediaState', callID: this.itsCall, ...shown });
  }

  watch(...userIDs: string[]): void {
    this.say({ type: 'presence', userIDs });
  }

  ping(): void {
    this.say({ type: 'ping' });
  }

  setPresence(state: 'online' | 'away'): void {
    this.say({ type: 'setPresence', state });
  }

  /** The gateway hears of the end of the socket; with a goodbye it is the end of the session too. */
  breaks(): void {
    this.close('its socket breaks', (socket) => socket.breaks());
  }

  goodbye(): void {
    this.close('closes its socket with 1000', (socket) => socket.goodbye());
  }

  /** Its gateway says something. */
  hear(message: ServerMessage): void {
    this.stage.send(this.socket.gateway, this.name, message, () => this.take(message));
  }

  takenOver(): void {
    this.stage.note(this.name, 'the old socket is closed with 4001');
  }

  private close(text: string, how: (socket: Socket) => void): void {
    const { socket } = this;
    this.stage.later(() => {
      this.stage.note(this.name, text);
      how(socket);
    });
  }

  private take(message: ServerMessage): void {
    if (message.type === 'loginResponse' && message.content === 'accepted') this.sessionID = message.sessionID;
    if (message.type === 'incomingCall') this.callerID = message.callerID;
    const names = 'callID' in message && message.type !== 'stopCommunication' && message.type !== 'iceCandidate';
    if (names && message.callID !== undefined) this.callID = message.callID;
  }

  private get itsCall(): CallID {
    if (this.callID === undefined) throw new Error(`${this.name} knows of no call`);
    return this.callID;
  }

  private offer() {
    this.offers += 1;
    return { sdpOffer: SDP, legID: `o${String(this.offers)}` };
  }

  private newSocket(gateway: string): Socket {
    this.sockets += 1;
    return this.stage.gateways.connect(this, { gateway, id: `${this.name}-${String(this.sockets)}` });
  }

  private say(message: ClientMessageInput): void {
    const parsed = CLIENT_MESSAGES[message.type].parse(message) as ClientMessage;
    const { socket } = this;
    this.stage.send(this.name, socket.gateway, message, () => socket.say(parsed));
  }
}
