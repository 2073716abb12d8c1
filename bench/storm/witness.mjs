/** Somebody else at the gateway that the storm hits: calls one after the other, and asks after its health. */
import { SyntheticUser } from '@switchboard/testkit';

const PAUSE_MS = 100;

/** @param {string} socket of the gateway @param {number} healthPort */
export async function startWitness(socket, healthPort) {
  const [caller, callee] = await Promise.all(
    ['witness-1', 'witness-2'].map((name) => SyntheticUser.join(socket, name, { native: true })),
  );
  /** @type {{ call: number[], health: number[] }} */
  let taken = { call: [], health: [] };
  let stopped = false;
  const repeat = async (/** @type {'call' | 'health'} */ what, /** @type {() => Promise<unknown>} */ once) => {
    while (!stopped) {
      const started = performance.now();
      const into = taken[what];
      const ms = await once().then(
        () => performance.now() - started,
        () => Infinity,
      );
      into.push(ms);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  };
  const running = [
    repeat('call', () => callOnce(caller, callee)),
    repeat('health', () => fetch(`http://127.0.0.1:${healthPort}/readyz`)),
  ];
  return {
    /** What was measured since the last time, ms; Infinity: it failed. */
    take() {
      const measured = taken;
      taken = { call: [], health: [] };
      return measured;
    },
    async stop() {
      stopped = true;
      await Promise.all(running);
      await Promise.all([caller, callee].map((user) => user.leave()));
    },
  };
}

/** From `call` to the answer of the media server on both sides. @param {SyntheticUser} caller @param {SyntheticUser} callee */
async function callOnce(caller, callee) {
  await caller.call(callee.userID);
  const { callID } = await callee.socket.next('incomingCall', 30_000);
  await callee.accept(caller.userID, callID);
  await Promise.all([caller.socket.next('callResponse', 30_000), callee.socket.next('startCommunication', 30_000)]);
  caller.socket.send({ type: 'stop', callID });
  caller.endMedia();
  await callee.socket.next('stopCommunication', 30_000);
}
