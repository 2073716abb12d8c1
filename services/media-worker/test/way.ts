import { connect, createServer, type Server, type Socket } from 'node:net';

/** A TCP way to a port that can be cut and held up. */
export async function openWay(to: number) {
  const pairs = new Set<{ near: Socket; far: Socket }>();
  let broken = 0;
  const way: Server = createServer((near) => {
    if (broken > 0) {
      broken -= 1;
      near.destroy();
      return;
    }
    const far = connect(to, '127.0.0.1');
    const pair = { near, far };
    pairs.add(pair);
    near.pipe(far).pipe(near);
    const end = () => {
      near.destroy();
      far.destroy();
      pairs.delete(pair);
    };
    for (const socket of [near, far]) socket.on('error', end).on('close', end);
  });
  await new Promise<void>((resolve) => way.listen(0, '127.0.0.1', resolve));
  const { port } = way.address() as { port: number };
  const cut = () => pairs.forEach(({ near }) => near.destroy());
  const each = (act: (pair: { near: Socket; far: Socket }) => void) => () => pairs.forEach(act);
  return {
    url: `ws://127.0.0.1:${String(port)}/kurento`,
    cut,
    close: () => void (cut(), way.close()),
    /** The next connections break as soon as they are made. */
    breakNext: (count: number) => (broken = count),
    toBreak: () => broken,
    hold: each(({ near, far }) => far.unpipe(near)),
    letGo: each(({ near, far }) => far.pipe(near)),
  };
}
