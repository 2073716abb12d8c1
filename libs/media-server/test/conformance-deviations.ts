/**
 * Where this server is known to answer otherwise than Kurento did when it was recorded, and why. The conformance test
 * fails for a deviation that is not here, and for one that is here but no longer occurs.
 */
export interface Deviation {
  /** Recording, connection and request id (or the event). */
  readonly at: string;
  readonly reason: string;
}

const noRecorder = 'There is no RecorderEndpoint here: it needs decoding. The type is refused as unknown (40108).';
const noPlayer = 'There is no PlayerEndpoint here: it needs encoding. The type is refused as unknown (40108).';
const noMixer = 'There are no hubs here (Composite, HubPort): mixing needs decoding. The type is refused (40108).';
const noFilter = 'There are no filters here: they need decoding. The type is refused as unknown (40108).';
const noFactories = 'The module `filters` is listed, as kurento-client demands, but it has no factories.';

export const DEVIATIONS: readonly Deviation[] = [
  { at: 'wire-raw.jsonl 1.15', reason: noRecorder },
  { at: 'wire-raw.jsonl 1.16', reason: noRecorder },
  { at: 'wire-raw.jsonl 1.17', reason: noRecorder },
  { at: 'wire-raw.jsonl 1.93', reason: `${noRecorder} So its state is not there either (40101).` },
  { at: 'wire-raw.jsonl 1.94', reason: `${noRecorder} So it cannot be stopped (40101).` },
  { at: 'wire-raw.jsonl 1.18', reason: noPlayer },
  { at: 'wire-raw.jsonl 1.95', reason: `${noPlayer} So it cannot play (40101).` },
  { at: 'wire-raw.jsonl 1.96', reason: `${noPlayer} So there is no video information (40101).` },
  { at: 'wire-raw.jsonl 1.19', reason: noMixer },
  { at: 'wire-raw.jsonl 1.20', reason: noMixer },
  { at: 'wire-raw.jsonl 1.21', reason: noFilter },
  { at: 'wire-raw.jsonl 1.100', reason: noFactories },
  { at: 'wire.jsonl 1.3', reason: noFactories },
  { at: 'wire.jsonl 1.4', reason: noFactories },
];
