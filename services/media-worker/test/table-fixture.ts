import { VirtualClock } from '@switchboard/event-log';
import { workerMessage, type CallID, type LegID, type WorkerMessage } from '@switchboard/protocol';
import type { Outbox, Report } from '../src/legs/outbox.ts';
import { AttemptTable, type TableOptions } from '../src/legs/table.ts';
import { FakeKurento } from './fake-kurento.ts';

export const CALL = '3-0190a5b2-7c3d-7e4f-8a1b-2c3d4e5f6a7b' as CallID;
export const A = 'sessionA:1' as LegID;
export const B = 'sessionB:1' as LegID;
/** After a reload of the caller's page, and of the callee's. */
export const A2 = 'sessionA:2' as LegID;
export const B2 = 'sessionB:2' as LegID;

type Said = Report & { readonly attempt: number; readonly blobs?: Readonly<Record<string, string>> };

/** @param heard how the Call takes a report */
export function createTable(
  options: Partial<TableOptions> = {},
  kurento = new FakeKurento(),
  heard: () => Promise<void> = () => Promise.resolve(),
) {
  const said: Said[] = [];
  const candidates: { gateway: string; legID: string; candidate: string }[] = [];
  const outbox: Outbox = {
    toCall: ({ attempt }, report, blobs) => {
      said.push({ ...report, attempt, ...(blobs === undefined ? {} : { blobs }) });
      return heard();
    },
    toGateway: (gateway, { legID, candidate }) => candidates.push({ gateway, legID, candidate: candidate.candidate }),
  };
  const clock = new VirtualClock();
  const table = new AttemptTable({ worker: 'test/w', kurento, outbox, clock, capacity: 10, ...options });
  const types = () => said.map(({ type }) => type);
  return { table, kurento, said, types, candidates, clock };
}

const parsed = (message: object): WorkerMessage => workerMessage.parse(message);

export function prepare(legID: LegID, attempt = 1, callID = CALL): [WorkerMessage, Record<string, string>] {
  const owner = { gateway: `gw-of-${legID}`, session: legID.split(':')[0], connection: 1 };
  const party = legID.startsWith('sessionA') ? 'caller' : 'callee';
  const message = { type: 'PrepareLeg', callID, attempt, party, legID, media: 'video', owner };
  return [parsed(message), { [`offer:${legID}`]: `offer of ${legID}` }];
}
export const join = (attempt = 1) => parsed({ type: 'JoinLegs', callID: CALL, attempt });
export const move = (legID: LegID, gateway: string, attempt = 1) =>
  parsed({
    ...{ type: 'MoveLeg', callID: CALL, attempt, legID },
    owner: { gateway, session: legID.split(':')[0], connection: 2 },
  });
export const release = (attempt = 1) => parsed({ type: 'ReleaseCall', callID: CALL, attempt });
export const reconcile = (partition: number) => parsed({ type: 'Reconcile', partition });
export const candidate = (legID: LegID, text = 'candidate:1', attempt = 1) =>
  parsed({ type: 'RemoteCandidate', callID: CALL, attempt, legID, candidate: { candidate: text } });

/** Lets every promise that can go on go on. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** A candidate that the media server found. */
export const found = (text: string) => ({ candidate: text, sdpMid: '0', sdpMLineIndex: 0 });

/** A call in which both talk. */
export async function talking(options: Parameters<typeof createTable>[0] = {}) {
  const made = createTable(options);
  void made.table.handle(...prepare(A));
  void made.table.handle(...prepare(B));
  void made.table.handle(join());
  await settled();
  for (const leg of [A, B]) made.kurento.endpoint(leg).events.connected();
  return made;
}
