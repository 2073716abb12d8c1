/**
 * kurento-client 7.2 in hand-written types: only what the adapter uses (`@types/kurento-client` describes version 6).
 *
 * Its `console` is not ours: it prints whole messages (SDP, candidates) and stack traces. While it is loaded, each of its files gets a
 * silent `console` as a constant of the file, so the global one stays untouched.
 *
 * Its media objects turn `on` into subscriptions and a refused subscription into an `error` event that crashes the process. So
 * nothing listens on them: events go by object ID to `listeners`, and the adapter subscribes by itself.
 */
import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';

export type Callback<T> = (error: unknown, result: T) => void;

/** Opaque: operations are put in, then it is committed as one request. */
export interface Transaction {
  commit(callback: Callback<unknown>): void;
}

/** A media object. It is a "thenable": never await it, never return it from an async function. */
export interface MediaObject {
  readonly id: string;
  emit(event: string, ...args: unknown[]): boolean;
  _invoke(transaction: Transaction | undefined, method: string, params: object, callback: Callback<unknown>): unknown;
}

export interface RawClient {
  sessionId?: string | undefined;
  /** Called by JSON.stringify: a transaction carries the client itself as its `object` by mistake. */
  toJSON?: () => undefined;
  readonly _re: { readonly connected: boolean };
  create(transaction: Transaction, type: string, params: object, callback: Callback<MediaObject>): MediaObject;
  beginTransaction(): Transaction;
  getMediaobjectById(id: string, callback: Callback<MediaObject>): unknown;
  on(event: 'connected', listener: () => void): this;
  on(event: 'reconnected', listener: (sameSession: boolean) => void): this;
  close(): void;
}

/** The part of a ws socket that the adapter uses. */
export interface RawSocket {
  readonly readyState: number;
  on(event: 'pong', listener: () => void): unknown;
  on(event: 'message', listener: (data: unknown) => void): unknown;
  send: (frame: string) => void;
  ping(): void;
  terminate(): void;
}

/** Options of our stand-in for `reconnect-ws`. */
interface SocketHooks {
  onSocket(socket: RawSocket): void;
  onDown(code?: string): void;
  firstDelayMs?: number;
  maxDelayMs?: number;
}

interface RawOptions {
  strict: boolean;
  request_timeout: number;
  response_timeout: number;
  duplicates_timeout: number;
  socket: SocketHooks;
}

type Client = new (url: string, options: RawOptions, callback: Callback<unknown>) => RawClient;
type Listener = (type: string, data: unknown) => void;

export interface Library {
  readonly Client: Client;
  /** Who gets the events of an object, by its ID. One map per process: the library's classes are shared. */
  readonly listeners: Map<string, Listener>;
}

interface RawLibrary extends Client {
  readonly register: { readonly abstracts: { readonly MediaObject: { readonly prototype: RoutedObject } } };
}
interface RoutedObject extends MediaObject {
  [routed]?: Map<string, Listener>;
}
interface CompilingModule {
  _compile(source: string, file: string): void;
}
type Extensions = Record<string, (module: CompilingModule, file: string) => void>;

const routed = Symbol('listeners of media objects');
const noisy = /[\\/]node_modules[\\/](kurento-[^\\/]+|promisecallback)[\\/]/;
const silence = `const console = new Proxy({}, { get: () => () => undefined });`;
/** It calls Node's Domain as a function, which throws since that is a class; without it, it takes a stand-in of its own. */
const withoutDomains = ["require('domain').Domain", 'undefined'] as const;
/** What the library emits on its objects for its own ends. */
const internal = /^(_|release$|newListener$|removeListener$)/;

export function loadKurentoClient(): Library {
  const library = loadSilently();
  const prototype = library.register.abstracts.MediaObject.prototype;
  const listeners = (prototype[routed] ??= routeEvents(prototype));
  return { Client: library, listeners };
}

/**
 * What `getMediaobjectById` hands out is a copy of its object, and no instance of any class: the library would refuse it where it is
 * a parameter, or send all of it instead of its ID.
 */
export function asInstance(copy: MediaObject): MediaObject {
  return Object.setPrototypeOf(copy, (copy.constructor as unknown as { prototype: object }).prototype) as MediaObject;
}

function loadSilently(): RawLibrary {
  const extensions = (Module as unknown as { _extensions: Extensions })._extensions;
  const original = extensions['.js'];
  extensions['.js'] = (module, file) => {
    if (noisy.test(file)) module._compile(silence + readFileSync(file, 'utf8').replace(...withoutDomains), file);
    else original?.(module, file);
  };
  try {
    const require = createRequire(import.meta.url);
    return require('kurento-client') as RawLibrary;
  } finally {
    if (original !== undefined) extensions['.js'] = original;
  }
}

function routeEvents(prototype: MediaObject): Map<string, Listener> {
  const listeners = new Map<string, Listener>();
  prototype.emit = function (this: MediaObject, event: string, ...args: unknown[]): boolean {
    if (internal.test(event)) return EventEmitter.prototype.emit.call(this, event, ...args) as boolean;
    listeners.get(this.id)?.(event, args[0]);
    return true;
  };
  return listeners;
}
