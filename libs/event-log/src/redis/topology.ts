/** The one place that knows which topologies there are. */
import { ClusterNodes } from './cluster-nodes.ts';
import { storeError, type ConnectionSettings } from './connection.ts';
import type { Nodes, NodesEvents } from './nodes.ts';
import { OneMaster } from './one-master.ts';

/** Rejects with a `LogError` if Redis cannot be reached now. */
export async function connectNodes(settings: ConnectionSettings, events: NodesEvents): Promise<Nodes> {
  const Topology = settings.address.kind === 'cluster' ? ClusterNodes : OneMaster;
  const nodes: Nodes = new Topology(settings, events);
  try {
    await nodes.connect();
    return nodes;
  } catch (error) {
    nodes.close();
    throw storeError(error);
  }
}
