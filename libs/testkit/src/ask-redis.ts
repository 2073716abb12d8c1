/** One question to a Redis, without a client: for what a test wants to know of the server itself. */
import { connect } from 'node:net';
import { within } from './wait.ts';

/**
 * The reply as text, be it a number, a status or a bulk string; empty if there is no such thing.
 * Rejects with what Redis says if it is an error, and after 5 s.
 */
export function askRedis(port: number, ...command: readonly string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const parts = command.map((part) => `$${String(Buffer.byteLength(part))}\r\n${part}\r\n`).join('');
  socket.write(`*${String(command.length)}\r\n${parts}`);
  let heard = '';
  const reply = new Promise<string>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('data', (data) => {
      heard += data.toString();
      const text = parse(heard);
      if (text instanceof Error) reject(text);
      else if (text !== undefined) resolve(text);
    });
  });
  return within(5000, `an answer to ${command.join(' ')}`, reply).finally(() => socket.destroy());
}

/** Undefined: there is more to come. */
function parse(heard: string): string | Error | undefined {
  const end = heard.indexOf('\r\n');
  if (end < 0) return undefined;
  const line = heard.slice(1, end);
  if (heard.startsWith('-')) return new Error(line);
  if (heard.startsWith('_') || line === '-1') return '';
  if (!heard.startsWith('$')) return line;
  const bulk = Buffer.from(heard.slice(end + 2));
  const length = Number(line);
  return bulk.length >= length + 2 ? bulk.subarray(0, length).toString() : undefined;
}
