import { emptyResources, type Node, NodeRole, NodeState, type NodeView, newNode } from '@tso/proto';

/** An id as the cluster makes them: 25 characters, the name first. */
export const nodeIdOf = (name: string): string => `${name.replaceAll('-', '')}${'0'.repeat(25)}`.slice(0, 25);

/** A worker that is ready, unless told otherwise. */
export const aNode = (hostname: string, node: Partial<Node> = {}, change: Partial<Omit<NodeView, 'node'>> = {}): NodeView => ({
  node: {
    ...newNode,
    id: nodeIdOf(hostname),
    meta: { version: 12, createdAtMs: 1_700_000_000_000, updatedAtMs: 1_700_000_000_000 },
    state: NodeState.NODE_READY,
    address: '10.0.0.2',
    description: {
      ...newNode.description,
      hostname,
      platform: { os: 'linux', architecture: 'amd64', variant: '' },
      resources: { nanoCpus: 2_000_000_000, memoryBytes: 4 * 1024 ** 3, pids: 0 },
      engineVersion: '0.1.0',
      kernel: '6.1.0',
    },
    ...node,
  },
  leader: false,
  reachability: '',
  managerAddress: '',
  raftId: 0,
  voter: false,
  reserved: emptyResources,
  tasksRunning: 0,
  ...change,
});

/** A manager that votes. */
export const aManager = (hostname: string, node: Partial<Node> = {}, change: Partial<Omit<NodeView, 'node'>> = {}): NodeView =>
  aNode(
    hostname,
    { role: NodeRole.MANAGER, wantedRole: NodeRole.MANAGER, address: '10.0.0.1', ...node },
    { reachability: 'reachable', managerAddress: '10.0.0.1:2478', raftId: 1, voter: true, ...change },
  );
