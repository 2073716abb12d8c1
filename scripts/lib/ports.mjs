/** TCP ports of this machine. */
import { connect, createServer } from 'node:net';

/** @param {string} host @returns {Promise<number>} a port that is free on it now */
export function freePort(host = '127.0.0.1') {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, host, () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/**
 * @param {string} host a loopback name stands for both families
 * @param {number} port
 * @returns {Promise<string | undefined>} why it can't be listened on (`EADDRINUSE`, `EACCES`); undefined when it can
 */
export async function portFault(host, port) {
  for (const address of isLoopback(host) ? ['127.0.0.1', '::1'] : [host]) {
    const fault = await listenFault(address, port);
    // A machine without IPv6 has no ::1, and nobody else is on it then.
    if (fault !== undefined && !(address === '::1' && ['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(fault))) return fault;
  }
  return undefined;
}

/** @param {string} host @param {number} port @returns {Promise<string | undefined>} */
function listenFault(host, port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve('code' in error ? String(error.code) : error.message));
    server.listen({ host, port }, () => server.close(() => resolve(undefined)));
  });
}

/** @param {string} host */
export function isLoopback(host) {
  return ['localhost', '127.0.0.1', '::1', '[::1]'].includes(host.toLowerCase());
}

/** @param {string} host @param {number} port @param {number} deadlineMs @returns {Promise<boolean>} */
export function answersAt(host, port, deadlineMs) {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const done = (/** @type {boolean} */ answer) => (socket.destroy(), resolve(answer));
    socket.setTimeout(deadlineMs, () => done(false));
    socket.once('connect', () => done(true)).once('error', () => done(false));
  });
}
