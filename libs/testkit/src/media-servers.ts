/** What a media server holds, asked over its own protocol. */
import WebSocket from 'ws';
import { within } from './wait.ts';

/** The IDs of all pipelines on the media server at `url` (`ws://…/kurento`). Rejects if it does not answer within 5 s. */
export async function pipelinesOf(url: string): Promise<string[]> {
  const socket = new WebSocket(url);
  try {
    const answer = new Promise<string[]>((resolve, reject) => {
      socket.once('error', reject);
      socket.once('open', () => {
        const params = { object: 'manager_ServerManager', operation: 'getPipelines' };
        socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'invoke', params }));
      });
      socket.on('message', (data) => {
        const reply = JSON.parse((data as Buffer).toString()) as { result?: { value?: string[] } };
        resolve(reply.result?.value ?? []);
      });
    });
    return await within(5000, `the pipelines of ${url}`, answer);
  } finally {
    socket.terminate();
  }
}
