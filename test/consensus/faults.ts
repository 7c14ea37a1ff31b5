import { eventually } from '../lab/support/eventually.ts';
import { Burst } from './burst.ts';
import type { Clients } from './clients.ts';
import type { Cluster } from './cluster.ts';
import type { History } from './history.ts';

/**
 * SIGSTOP for the leader until another one leads and has written; then SIGCONT, with reads waiting at its door that it finds before it
 * knows that it was replaced. Returns its node id and that of its successor.
 */
export const stoppedLeader = async (cluster: Cluster, clients: Clients, history: History): Promise<readonly [string, string]> => {
  const stopped = await cluster.leader();
  const burst = await Burst.at(history, stopped.target);
  try {
    stopped.pause();
    const next = await eventually(`another leader than ${stopped.nodeId}`, () => cluster.leader());
    await clients.progress(100, `while the former leader ${stopped.nodeId} is stopped`);
    const reads = burst.fire(clients.keysInUse, 30, 15_000);
    stopped.resume();
    await reads;
    await clients.progress(60, `after ${stopped.nodeId} goes on`);
    return [stopped.nodeId, next.nodeId];
  } finally {
    burst.close();
  }
};
