/**
 * A device and whoever holds it. It does what the script says and, by itself, what every client does: it reports that it rings,
 * comes back when its socket broke, asks again for what it placed, and offers again when it is told to.
 */
import type { CallID, GatewayMessage, LegID, SessionID, UserID } from '@switchboard/protocol';
import type { Weather } from '../engine/weather.ts';
import type { SimClock } from '../engine/clock.ts';
import { ClientCalls, type ClientCall } from './client-calls.ts';
import type { Downward, Socket, Upward } from './socket.ts';

type Message<T extends GatewayMessage['type']> = Extract<GatewayMessage, { type: T }>;

export interface DeviceParts {
  /** `anna.1`. */
  readonly name: string;
  readonly user: UserID;
  readonly native: boolean;
  readonly clock: SimClock;
  readonly weather: Weather;
  /** A new socket to some gateway; undefined if none is there. */
  readonly connect: (device: Device, gateway: string | undefined) => Socket | undefined;
  /** Its ICE reaches the media server that has this leg. */
  readonly media: (leg: LegID) => void;
  readonly fail: (invariant: string, what: string) => void;
}

export class Device {
  readonly calls = new ClientCalls();
  readonly #parts: DeviceParts;
  #socket: Socket | undefined;
  #session: SessionID | undefined;
  /** On this socket. */
  #loggedIn = false;
  #fresh = false;
  #count = 0;
  /** The call that it is in, says its login, and of which it has not heard yet. */
  #awaited: CallID | undefined;
  /** Wants to be online. */
  #wants = false;

  constructor(parts: DeviceParts) {
    this.#parts = parts;
  }

  get name(): string {
    return this.#parts.name;
  }

  get user(): UserID {
    return this.#parts.user;
  }

  get native(): boolean {
    return this.#parts.native;
  }

  get isOnline(): boolean {
    return this.#socket?.isOpen === true && this.#loggedIn;
  }

  get wantsOnline(): boolean {
    return this.#wants;
  }

  get session(): SessionID | undefined {
    return this.#session;
  }

  open(gateway: string | undefined): void {
    this.#wants = true;
    if (this.#socket !== undefined) return;
    const socket = this.#parts.connect(this, gateway);
    if (socket === undefined) return this.#openLater(300);
    this.#socket = socket;
    socket.onDown = (frame) => {
      if (this.#socket === socket) this.#hear(frame);
    };
    socket.onServerClosed = () => {
      if (this.#socket === socket) this.#broken();
    };
    const resume =
      this.#session === undefined
        ? undefined
        : {
            sessionID: this.#session,
            fresh: this.#fresh,
            calls: this.calls.live().flatMap(({ callID }) => callID ?? []),
          };
    socket.up({ type: 'login', resume });
  }

  /** The socket breaks; `reload`: and with it all connections. It stays away until `open`. */
  drop(reload: boolean, noticedMs: number): void {
    this.#fresh ||= reload;
    this.#wants = false;
    this.#leave(false, noticedMs);
  }

  quit(): void {
    this.#wants = false;
    this.#leave(true, 0);
    this.#session = undefined;
    this.calls.forgetAll();
  }

  say(frame: Upward): void {
    this.#socket?.up(frame);
  }

  place({ requestID, peer, leg }: ClientCall): void {
    if (requestID === undefined || peer === undefined || leg === undefined) return;
    this.say({ type: 'call', calleeID: peer, requestID, media: 'video', leg });
  }

  offerAgain(call: ClientCall, callID: CallID): void {
    call.leg = this.nextName();
    this.say({ type: 'renegotiate', callID, leg: call.leg });
  }

  /** Of a leg or a request: never used before, also after a reload. */
  nextName(): string {
    this.#count += 1;
    return `l${String(this.#count)}`;
  }

  #leave(goodbye: boolean, noticedMs: number): void {
    this.#socket?.closeByClient(goodbye, noticedMs);
    this.#socket = undefined;
    this.#loggedIn = false;
    if (this.native) return;
    this.#session = undefined;
    this.calls.forgetAll();
  }

  #broken(): void {
    this.#leave(false, 0);
    this.#openLater(this.#parts.weather.between(50, 600, `${this.name} is back from ${String(this.#now())}`));
  }

  #openLater(ms: number): void {
    this.#parts.clock.timer(ms, () => {
      if (this.#wants) this.open(undefined);
    });
  }

  #hear({ message, requestID, sdp }: Downward): void {
    switch (message.type) {
      case 'Attached':
        return this.#attached(message);
      case 'Incoming':
        return this.#incoming(message);
      case 'Merged':
        if (this.#awaited === message.callID) this.#awaited = message.into;
        return this.calls.merge(message.callID, message.into, requestID);
      case 'Ended':
        return this.#ended(message, requestID);
      case 'Answer':
        return this.#talks(message.callID, requestID, message.n, sdp === undefined ? undefined : message.legID);
      case 'Snapshot':
        return this.#snapshot(message, requestID, sdp);
      case 'Progress':
        return this.#progress(message, requestID);
      case 'Renegotiate': {
        const call = this.calls.find(message.callID, requestID);
        if (call !== undefined && call.phase !== 'stopped' && call.phase !== 'ended')
          this.offerAgain(call, message.callID);
      }
    }
  }

  /** What it placed and never heard of may be the call that it is in: that one is told first. */
  #attached({ as, resumed, callID }: Message<'Attached'>): void {
    this.#session = as;
    this.#loggedIn = true;
    if (resumed) this.#fresh = false;
    this.#awaited = callID;
    if (callID === undefined) this.#placeAgain();
  }

  #placeAgain(): void {
    this.#awaited = undefined;
    for (const call of this.calls.unnamed()) this.place(call);
  }

  #incoming({ callID, callerID, n }: Message<'Incoming'>): void {
    const known = this.calls.find(callID, undefined);
    if (known?.phase === 'stopped') return this.say({ type: 'reject', callID });
    if (known?.phase === 'accepted') return this.say({ type: 'accept', callID, leg: known.leg ?? this.nextName() });
    if (known === undefined)
      this.calls.add({ callID, requestID: undefined, peer: callerID, phase: 'ringing', leg: undefined }).n = n;
    this.say({ type: 'ringing', callID });
  }

  #progress({ callID, phase, n }: Message<'Progress'>, requestID: string | undefined): void {
    if (phase === 'connected') return this.#talks(callID, requestID, n, undefined);
    const call = this.calls.find(callID, requestID);
    if (call !== undefined) call.n = Math.max(call.n, n);
  }

  #snapshot(
    { callID, n, peer, phase, legID }: Message<'Snapshot'>,
    requestID: string | undefined,
    sdp: string | undefined,
  ): void {
    const known = this.calls.find(callID, requestID) ?? this.#unnamedWith(peer, callID);
    if (known?.phase === 'stopped') {
      this.say({ type: 'stop', callID, requestID });
      return this.#placeAgain();
    }
    if (known === undefined) this.calls.add({ callID, requestID: undefined, peer, phase: 'accepted', leg: undefined });
    const talks = phase === 'connecting' || phase === 'connected';
    if (talks) this.#talks(callID, requestID, n, sdp === undefined ? undefined : legID);
    if (callID === this.#awaited) this.#placeAgain();
  }

  /** A call that it never heard the name of. */
  #unnamedWith(peer: UserID, callID: CallID): ClientCall | undefined {
    const call = this.calls.unnamed().find((each) => each.peer === peer);
    if (call !== undefined) call.callID = callID;
    return call;
  }

  #talks(callID: CallID, requestID: string | undefined, n: number, answered: LegID | undefined): void {
    const call = this.calls.find(callID, requestID);
    if (call === undefined || call.phase === 'stopped') return;
    if (call.phase === 'ended')
      return this.#parts.fail('3 after the end', `${this.name} hears of ${callID} after its end`);
    call.n = Math.max(call.n, n);
    call.phase = 'talking';
    if (answered !== undefined) this.#parts.media(answered);
  }

  #ended({ callID, reason }: Message<'Ended'>, requestID: string | undefined): void {
    const socket = this.#socket?.id ?? '';
    if (!this.calls.end(callID, { requestID, reason, socket }))
      this.#parts.fail(
        '3 told twice',
        `${this.name} is told the end of ${callID} again: ${String(this.calls.ends.get(callID))}`,
      );
    if (callID === this.#awaited) this.#placeAgain();
  }

  #now(): number {
    return this.#parts.clock.monotonic();
  }
}
