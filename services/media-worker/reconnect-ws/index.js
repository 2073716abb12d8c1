/**
 * Stands in for `reconnect-ws` (root package.json, `overrides`): what kurento-client needs of it, over ws 8.
 *
 *   waiting ──dial──> dialling ──open──> connected ──close──> waiting (backoff with jitter)
 *      └──────────────── disconnect() ────────────────────────> over
 *
 * kurento-client writes to and listens on the value of 'connection' as a W3C WebSocket, which a ws socket is.
 * Events: 'connection' (socket), 'disconnect', and 'reconnect' (attempt, delay in ms) before a dial that follows a
 * connection: kurento-client takes it as the sign to resume its session, so first dials never emit it. It never gives up
 * ('fail' is never emitted).
 *
 * `connect(url, hooks)`, the second being kurento-client's option `socket`:
 *   onSocket(socket)   the current socket, when it is open
 *   onDown(code)       a connection or an attempt to connect has ended; `code` of the error if there was one (ECONNREFUSED, …)
 *   keepAliveMs        a ping so often; a socket that is silent for two of them is cut (default 5000)
 *   firstDelayMs, maxDelayMs   of the backoff (defaults 100 and 3000)
 */
'use strict';

const { EventEmitter } = require('node:events');
const { WebSocket } = require('ws');

class Reconnecting extends EventEmitter {
  connected = false;
  /** Read by kurento-client: false means that no connection will come any more. */
  reconnect = true;
  #url = '';
  #hooks = {};
  #failures = 0;
  #wasConnected = false;
  #socket;
  #timer;

  constructor() {
    super();
    this.setMaxListeners(0);
  }

  connect(url, hooks = {}) {
    this.#url = url;
    this.#hooks = hooks;
    this.#timer = setTimeout(() => this.#dial(), 0);
    return this;
  }

  disconnect() {
    this.reconnect = false;
    clearTimeout(this.#timer);
    this.#socket?.close(1000);
    return this;
  }

  #dial() {
    const socket = new WebSocket(this.#url, { perMessageDeflate: false, handshakeTimeout: 5000 });
    this.#socket = socket;
    let code;
    socket.on('error', (error) => (code = error.code));
    socket.once('open', () => this.#onOpen(socket));
    socket.once('close', () => this.#onClose(code));
  }

  #onOpen(socket) {
    if (!this.reconnect) return void socket.close(1000);
    socket._socket?.setNoDelay(true);
    this.#keepAlive(socket);
    this.connected = true;
    this.#wasConnected = true;
    this.#failures = 0;
    this.#hooks.onSocket?.(socket);
    this.emit('connection', socket);
  }

  #onClose(code) {
    if (this.connected) this.emit('disconnect');
    this.connected = false;
    this.#hooks.onDown?.(code);
    if (!this.reconnect) return;
    const { firstDelayMs = 100, maxDelayMs = 3000 } = this.#hooks;
    const full = Math.min(maxDelayMs, firstDelayMs * 2 ** Math.min(this.#failures, 10));
    const delay = full / 2 + (Math.random() * full) / 2;
    const attempt = ++this.#failures;
    this.#timer = setTimeout(() => {
      if (this.#wasConnected) this.emit('reconnect', attempt, delay);
      this.#dial();
    }, delay);
  }

  #keepAlive(socket) {
    let heard = true;
    const hear = () => (heard = true);
    socket.on('pong', hear);
    socket.on('message', hear);
    const timer = setInterval(() => {
      if (!heard) socket.terminate();
      heard = false;
      if (socket.readyState === WebSocket.OPEN) socket.ping();
    }, this.#hooks.keepAliveMs ?? 5000);
    socket.once('close', () => clearInterval(timer));
  }
}

module.exports = function reconnect(_options, onConnection) {
  const emitter = new Reconnecting();
  if (onConnection) emitter.on('connection', onConnection);
  return emitter;
};
