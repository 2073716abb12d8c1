/**
 * One socket on a gateway, and the calls that its client was told of: what the client says becomes commands, what Lines and Calls
 * say becomes frames. Invariant, as in services/gateway: a call stands in the table from the first word about it until its end
 * was written, so that an end is written once.
 */
import {
  makeCallID,
  makeLegID,
  offerRef,
  answerRef,
  partitionOfUser,
  type CallID,
  type Command,
  type Device,
  type GatewayID,
  type GatewayMessage,
  type SessionID,
  type UserID,
} from '@switchboard/protocol';
import type { Resume, Socket, Upward } from './socket.ts';

type Message<T extends GatewayMessage['type']> = Extract<GatewayMessage, { type: T }>;
type Up<T extends Upward['type']> = Extract<Upward, { type: T }>;
type Blobs = Readonly<Record<string, string>>;

export interface SessionParts {
  readonly socket: Socket;
  readonly gateway: GatewayID;
  readonly user: UserID;
  readonly device: string;
  readonly native: boolean;
  readonly partitions: number;
  readonly makeUuid: () => string;
  readonly send: (command: Command, blobs?: Blobs) => void;
  readonly watch: (userID: UserID) => void;
}

export class GatewaySession {
  /** As the Line named it; undefined before. */
  speaker: { session: SessionID; connection: number } | undefined;
  readonly #parts: SessionParts;
  #resume: Resume | undefined;
  /** Calls that the client was told of, and the request by which it knows them. */
  readonly #calls = new Map<CallID, { requestID: string | undefined }>();

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  fromClient(frame: Upward): void {
    if (frame.type === 'login') this.#login(frame);
    else if (frame.type === 'watch') this.#parts.watch(frame.userID);
    else if (this.speaker !== undefined) this.#speak(frame, this.speaker);
  }

  fromMail(message: Extract<GatewayMessage, { session: SessionID }>, blobs: Blobs): void {
    switch (message.type) {
      case 'Attached':
        return this.#attached(message);
      case 'TakenOver':
        return this.#parts.socket.closeByServer(5);
      case 'Incoming':
        if (this.#calls.has(message.callID)) return;
        this.#calls.set(message.callID, { requestID: undefined });
        return this.#tell(message);
      case 'Merged':
        return this.#merged(message);
      case 'Ended':
        if (this.#calls.has(message.callID)) this.#tell(message);
        this.#calls.delete(message.callID);
        return;
      case 'Answer':
        return this.#answer(message, blobs[answerRef(message.legID)]);
      case 'Snapshot':
        return this.#snapshot(message, message.legID && blobs[answerRef(message.legID)]);
      case 'Route':
      case 'LocalCandidate':
        return;
      default:
        if (this.#calls.has(message.callID)) this.#tell(message);
    }
  }

  #login({ resume }: Up<'login'>): void {
    const { user: userID, device: deviceID, gateway, socket, native } = this.#parts;
    this.#resume = resume;
    const capabilities: Device['capabilities'] = native ? ['native', 'renegotiate'] : [];
    const command = { type: 'AttachDevice', userID, socket: socket.id, gateway, deviceID, capabilities } as const;
    this.#parts.send(resume === undefined ? command : { ...command, resume: resume.sessionID });
  }

  #attached(message: Message<'Attached'>): void {
    this.speaker = { session: message.as, connection: message.connection };
    this.#tell(message);
    const named = message.callID === undefined ? [] : [message.callID];
    for (const callID of new Set([...named, ...(this.#resume?.calls ?? [])])) {
      if (!this.#calls.has(callID)) this.#calls.set(callID, { requestID: undefined });
      this.#askAfter(callID, this.#resume?.fresh ?? false);
    }
  }

  #askAfter(callID: CallID, fresh: boolean): void {
    const { user: userID, send } = this.#parts;
    const device = this.#device();
    if (device !== undefined) send({ type: 'PartyHere', callID, userID, device, fresh });
  }

  /** A client that gave it up meanwhile named a call that is none any more: its stop is said again. */
  #merged(message: Message<'Merged'>): void {
    const { callID, into } = message;
    const known = this.#calls.get(callID);
    const { user: userID, socket, send } = this.#parts;
    if (known === undefined && this.speaker) return send({ type: 'Stop', userID, callID: into, ...this.speaker });
    this.#calls.delete(callID);
    this.#calls.set(into, { requestID: known?.requestID ?? this.#calls.get(into)?.requestID });
    socket.down({ message, requestID: known?.requestID, sdp: undefined });
    this.#askAfter(into, false);
  }

  #answer(message: Message<'Answer'>, sdp: string | undefined): void {
    if (sdp !== undefined && this.#calls.has(message.callID)) this.#tell(message, sdp);
  }

  #snapshot(message: Message<'Snapshot'>, sdp: string | undefined): void {
    if (this.#calls.has(message.callID)) this.#tell(message, sdp);
  }

  #tell(message: GatewayMessage, sdp?: string): void {
    const requestID = 'callID' in message && message.callID ? this.#calls.get(message.callID)?.requestID : undefined;
    this.#parts.socket.down({ message, requestID, sdp });
  }

  #speak(
    frame: Exclude<Upward, { type: 'login' | 'watch' }>,
    speaker: { session: SessionID; connection: number },
  ): void {
    const { user: userID, send } = this.#parts;
    switch (frame.type) {
      case 'call':
        return this.#place(frame, speaker);
      case 'ringing':
        return send({ type: 'DeviceRinging', userID, callID: frame.callID, ...speaker });
      case 'reject':
        this.#calls.delete(frame.callID);
        return send({ type: 'Decline', userID, callID: frame.callID, ...speaker });
      case 'stop':
        return this.#stop(frame, speaker);
      case 'accept':
      case 'renegotiate':
        return this.#offer(frame, speaker.session);
      case 'show': {
        const { callID, video } = frame;
        return send({ type: 'ShowMedia', userID, callID, ...speaker, audio: true, video, screen: false });
      }
    }
  }

  #place({ calleeID, requestID, media, leg }: Up<'call'>, speaker: { session: SessionID; connection: number }): void {
    const { user: userID, partitions, makeUuid, send } = this.#parts;
    const callID = makeCallID(partitionOfUser(userID, partitions), makeUuid());
    const legID = makeLegID(speaker.session, leg);
    this.#calls.set(callID, { requestID });
    const command = { type: 'Place', userID, ...speaker, callID, calleeID, media, legID, requestID } as const;
    send(command, { [offerRef(legID)]: `offer of ${legID}` });
  }

  #stop({ callID, requestID }: Up<'stop'>, speaker: { session: SessionID; connection: number }): void {
    const asked = [...this.#calls].find(([, call]) => requestID !== undefined && call.requestID === requestID)?.[0];
    const id = callID ?? asked;
    if (id === undefined) return;
    this.#calls.delete(id);
    this.#parts.send({ type: 'Stop', userID: this.#parts.user, callID: id, ...speaker });
  }

  #offer({ type, callID, leg }: Up<'accept' | 'renegotiate'>, session: SessionID): void {
    const device = this.#device();
    const legID = makeLegID(session, leg);
    const what = type === 'accept' ? 'Accept' : 'Renegotiate';
    if (device === undefined) return;
    this.#parts.send(
      { type: what, callID, userID: this.#parts.user, device, legID },
      { [offerRef(legID)]: `offer of ${legID}` },
    );
  }

  #device(): Device | undefined {
    const { gateway, device: deviceID, native } = this.#parts;
    return (
      this.speaker && { ...this.speaker, gateway, deviceID, capabilities: native ? ['native', 'renegotiate'] : [] }
    );
  }
}
