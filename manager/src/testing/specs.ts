import {
  type Authority,
  emptyAttachment,
  emptyContainerSpec,
  emptyMeta,
  emptyNetworkSpec,
  emptyNodeDescription,
  emptyServiceSpec,
  emptyTaskSpec,
  type NetworkSpec,
  type Node,
  NodeState,
  newNode,
  type ServiceSpec,
  type StackSpec,
  type TaskSpec,
} from '@tso/proto';

/** Specs and nodes for tests: whole values of which a test says only what it is about. */

type DeepTask = Partial<Omit<TaskSpec, 'container'>> & { readonly container?: Partial<TaskSpec['container']> };

export const taskSpec = ({ container, ...rest }: DeepTask = {}): TaskSpec => ({
  ...emptyTaskSpec,
  ...rest,
  container: { ...emptyContainerSpec, image: 'busybox', ...container },
});

export const serviceSpec = (name: string, change: Partial<Omit<ServiceSpec, 'task'>> & { readonly task?: DeepTask } = {}): ServiceSpec => {
  const { task, ...rest } = change;
  return { ...emptyServiceSpec, name, ...rest, task: taskSpec(task) };
};

export const networkSpec = (name: string, change: Partial<NetworkSpec> = {}): NetworkSpec => ({
  ...emptyNetworkSpec,
  name,
  ...change,
});

export const attachment = (network: string, change: Partial<TaskSpec['networks'][number]> = {}): TaskSpec['networks'][number] => ({
  ...emptyAttachment,
  network,
  ...change,
});

export const stackSpec = (name: string, services: readonly ServiceSpec[], change: Partial<StackSpec> = {}): StackSpec => ({
  name,
  services,
  networks: [],
  volumes: [],
  files: [],
  ...change,
});

const gib = 1024 ** 3;

export const nodeNamed = (id: string, change: Partial<Node> = {}): Node => ({
  ...newNode,
  id,
  description: {
    ...emptyNodeDescription,
    hostname: id,
    platform: { os: 'linux', architecture: 'amd64', variant: '' },
    resources: { nanoCpus: 4e9, memoryBytes: 8 * gib, pids: 0 },
    engineVersion: '0.1.0',
    engineLabels: {},
    kernel: '6.1',
  },
  state: NodeState.NODE_READY,
  stateMessage: '',
  address: '',
  ...change,
});

/** An authority that signs nothing: for rules that look at the rest of it. */
export const authorityWith = (change: Partial<Authority> = {}): Authority => ({
  id: 'authority',
  meta: emptyMeta,
  certificate: '',
  key: '',
  epoch: 1,
  workerSecret: '',
  managerSecret: '',
  certificateLifeMs: 1,
  revoked: [],
  unlockKey: '',
  ...change,
});
