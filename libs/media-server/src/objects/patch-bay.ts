/**
 * Turns connections between endpoints into pipes between their legs. Invariant: a pipe exists exactly for those
 * connections of audio or video whose two ends are negotiated and share the codec, and it is open only while the
 * connection stands and the sink's transport is up.
 */
import { Pipe } from '../relay/pipe.ts';
import type { MediaKind } from '../sdp/codecs.ts';
import { receives } from '../sdp/plan.ts';
import { Connections, type Connection, type ConnectionListener, type MediaType } from './connections.ts';
import type { ObjectId } from '../ids.ts';
import type { Leg } from '../relay/leg.ts';
import type { EventType } from './catalogue.ts';
import type { EventDetails } from './media-object.ts';

/** What can be connected: an endpoint, as far as the relay is concerned. */
export interface Connectable {
  readonly id: ObjectId;
  /** Null until it is negotiated. */
  readonly leg: Leg | null;
  readonly transportOpen: boolean;
  emit(type: EventType, details?: EventDetails): void;
  /** Tells the client of an error. */
  fail(description: string): void;
}

type EndpointConnection = Connection<Connectable>;

const KINDS: Readonly<Partial<Record<MediaType, MediaKind>>> = { AUDIO: 'audio', VIDEO: 'video' };

export class PatchBay implements ConnectionListener<Connectable> {
  readonly connections = new Connections<Connectable>(this);
  readonly #pipes = new Map<EndpointConnection, Pipe>();

  /** An endpoint was negotiated, or its transport came up: see to all its connections. */
  refresh(endpoint: Connectable): void {
    for (const connection of this.connections.to(endpoint)) this.#patch(connection);
    for (const connection of this.connections.from(endpoint)) this.#patch(connection);
  }

  connected(connection: EndpointConnection): void {
    connection.source.emit('ElementConnected', eventDetails(connection));
    this.#patch(connection);
  }

  disconnected(connection: EndpointConnection): void {
    const pipe = this.#pipes.get(connection);
    if (pipe) this.#unplug(connection, pipe);
    connection.source.emit('ElementDisconnected', eventDetails(connection));
  }

  #patch(connection: EndpointConnection): void {
    const pipe = this.#pipes.get(connection) ?? this.#plug(connection);
    if (!pipe || pipe.live || !connection.sink.transportOpen) return;
    pipe.open();
    connection.source.emit('MediaTranscodingStateChanged', {
      binName: `relay-${pipe.kind}`,
      mediaType: connection.type,
      state: 'NOT_TRANSCODING',
    });
  }

  #plug(connection: EndpointConnection): Pipe | null {
    const kind = KINDS[connection.type];
    const source = connection.source.leg;
    const sink = connection.sink.leg;
    const out = kind && sink?.outMedia[kind];
    const from = kind && source?.plan.media[kind];
    if (!out || !source || !from || !receives(from.direction)) return null;
    if (from.codec.name !== sink.plan.media[kind]?.codec.name) {
      connection.sink.fail(`No transcoding: the ${kind} codecs of both sides differ`);
      return null;
    }
    const pipe = new Pipe(source, sink, out);
    this.#pipes.set(connection, pipe);
    source.outputs[kind].add(pipe);
    sink.inputs[kind] = pipe;
    return pipe;
  }

  #unplug(connection: EndpointConnection, pipe: Pipe): void {
    pipe.close();
    this.#pipes.delete(connection);
    pipe.source.outputs[pipe.kind].delete(pipe);
    if (pipe.sink.inputs[pipe.kind] === pipe) pipe.sink.inputs[pipe.kind] = null;
  }
}

const eventDetails = ({ source: _, sink, type }: EndpointConnection) => ({
  mediaType: type,
  sink: sink.id,
  sinkMediaDescription: 'default',
  sourceMediaDescription: 'default',
});
