import { type NodeView, TsoError, type UpdateNodeRequest } from '@tso/proto';
import type { FakeDaemonOptions } from './fake-daemon.ts';
import { aManager, aNode, nodeIdOf } from './nodes.ts';

/** A cluster of two hosts as `tso node` meets it: this one leads, the other works. */

export const active = { LocalNodeState: 'active', NodeID: nodeIdOf('host-a'), ControlAvailable: true };
export const engine = (_method: string, path: string) =>
  path === '/info' ? { body: { ID: 'd', Name: 'host-a', ServerVersion: '0.1.0', Swarm: active } } : undefined;

export const leader = aManager('host-a', {}, { leader: true, tasksRunning: 3 });
export const worker = aNode('host-b', { labels: { disk: 'ssd' }, address: '10.0.0.2' });
/** The worker, once it is a manager. */
export const voting = aManager('host-b', { address: '10.0.0.2' }, { raftId: 2 });

export interface Cluster extends FakeDaemonOptions {
  readonly updates: UpdateNodeRequest[];
}

/** Nodes whose views follow one another with each look, the last one staying; the first is also what their names are looked up in. */
export const cluster = (rounds: readonly (readonly NodeView[])[], control: FakeDaemonOptions['control'] = {}): Cluster => {
  const updates: UpdateNodeRequest[] = [];
  let looks = -1;
  return {
    updates,
    engine,
    control: {
      listNodes: async () => ({ nodes: rounds[Math.min(Math.max(looks++, 0), rounds.length - 1)] ?? [] }),
      getNode: async ({ node }) => {
        const found = rounds[0]?.find((view) => view.node.id === node || view.node.description.hostname === node);
        if (found === undefined) throw new TsoError('NOT_FOUND', `there is no node ${node}`);
        return found;
      },
      updateNode: async (request) => {
        updates.push(request);
        return { version: 20, changes: [], node: worker.node };
      },
      ...control,
    },
  };
};
