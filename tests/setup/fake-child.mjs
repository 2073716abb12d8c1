/** Stands in for a service: says ready, and behaves as its words say. Stops when its stdin closes, as ours do. */
import { createServer } from 'node:net';

const words = process.argv.slice(2);
const has = (word) => words.includes(word);

if (!has('deaf')) process.on('SIGTERM', () => process.exit(0));
else process.on('SIGTERM', () => undefined);
if (!has('deaf')) process.stdin.on('end', () => process.exit(0)).resume();
setInterval(() => undefined, 1_000);

if (has('die-early')) {
  console.error('the reason in plain words');
  process.exit(3);
}
if (has('die-soon')) setTimeout(() => process.exit(4), 50);
if (!has('never-ready')) {
  const server = createServer().listen(Number(words[0]) || 0, '127.0.0.1', () => {
    console.log(JSON.stringify({ msg: 'ready', pid: process.pid, port: server.address().port }));
  });
}
