import {
  emptyAllocation,
  emptyContainerSpec,
  emptyMeta,
  emptyMount,
  emptyNetworkSpec,
  emptyNodeDescription,
  emptyTaskSpec,
  HealthState,
  MountType,
  type Network,
  type Node,
  NodeState,
  newNetwork,
  newNode,
  newTaskStatus,
  ServiceMode,
  type StoreAction,
  type Task,
  TaskState,
  type TaskStatus,
  type Volume,
} from '@tso/proto';
import { applyTransaction } from '../store/apply.ts';
import { Tables } from '../store/tables.ts';

/** Objects for the tests of dispatcher and api. */

export const status = (state: TaskState, more: Partial<TaskStatus> = {}): TaskStatus => ({ ...newTaskStatus, state, atMs: 1_000, ...more });

export const node = (id: string, more: Partial<Node> = {}): Node => ({
  ...newNode,
  id,
  description: {
    ...emptyNodeDescription,
    hostname: `host-${id}`,
    platform: { os: 'linux', architecture: 'amd64', variant: '' },
    resources: { nanoCpus: 2e9, memoryBytes: 2 ** 32, pids: 0 },
    engineVersion: '0.1.0',
    engineLabels: {},
    kernel: '6.1',
  },
  state: NodeState.NODE_READY,
  stateMessage: '',
  address: `192.0.2.${id.length}`,
  ...more,
});

export const task = (id: string, nodeId: string, more: Partial<Task> = {}): Task => ({
  id,
  meta: emptyMeta,
  serviceId: 'service-web',
  serviceName: 'web',
  stack: 'shop',
  slot: 1,
  nodeId,
  spec: emptyTaskSpec,
  specVersion: 1,
  desiredState: TaskState.RUNNING,
  status: status(TaskState.RUNNING, { health: HealthState.HEALTH_NONE }),
  networks: [
    { ...emptyAllocation, networkId: 'net', address: `10.128.0.${id.length + 1}`, mac: '02:42:0a:80:00:02', aliases: ['web', id] },
  ],
  ports: [],
  pendingReason: '',
  notBeforeMs: 0,
  mode: ServiceMode.REPLICATED,
  drainMs: 0,
  generic: [],
  networkOf: '',
  pidOf: '',
  serviceLabels: {},
  ipcOf: '',
  files: [],
  jobIteration: 0,
  ...more,
});

export const withVolume = (one: Task, name: string): Task => ({
  ...one,
  spec: {
    ...emptyTaskSpec,
    container: {
      ...emptyContainerSpec,
      mounts: [
        {
          ...emptyMount,
          type: MountType.VOLUME,
          source: name,
          target: '/data',
        },
      ],
    },
  },
});

export const network = (id: string): Network => ({
  ...newNetwork,
  id,
  meta: emptyMeta,
  spec: {
    ...emptyNetworkSpec,
    name: `shop_${id}`,
  },
  stack: 'shop',
  vni: 4096,
  subnet: '10.128.0.0/24',
  gateway: '10.128.0.1',
  nextHost: 9,
  removing: false,
});

export const volume = (name: string, removing = false): Volume => ({
  id: `volume-${name}`,
  meta: emptyMeta,
  spec: { name, driver: 'local', external: false, labels: {}, driverOpts: {} },
  stack: 'shop',
  removing,
});

/** Tables that hold what the actions put, at index 1. */
export const tablesOf = (...actions: readonly StoreAction[]): Tables => {
  const tables = new Tables();
  applyTransaction(tables, 1, { actions, expect: [], atMs: 1_000, origin: 'test' });
  return tables;
};
