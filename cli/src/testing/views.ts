import {
  emptyContainerSpec,
  emptyMeta,
  emptyServiceSpec,
  emptyTaskSpec,
  HealthState,
  newService,
  newTaskStatus,
  ServiceMode,
  type ServiceView,
  type StackView,
  type Task,
  TaskState,
  type TaskStatus,
  type TaskView,
} from '@tso/proto';

export interface TaskWish {
  readonly id?: string;
  readonly slot?: number;
  readonly state?: TaskState;
  readonly desired?: TaskState;
  readonly status?: Partial<TaskStatus>;
  readonly pendingReason?: string;
  readonly health?: HealthState;
}

/** A task of `web` in stack `visits`, running unless told otherwise. */
export const aTask = (wish: TaskWish = {}, service = 'web'): Task => ({
  id: wish.id ?? `${service}-task-${wish.slot ?? 1}`,
  meta: { ...emptyMeta, createdAtMs: 1_700_000_000_000 },
  serviceId: `${service}-id`,
  serviceName: service,
  stack: 'visits',
  slot: wish.slot ?? 1,
  nodeId: 'node-1',
  spec: { ...emptyTaskSpec, container: { ...emptyContainerSpec, image: 'visits-web:1' } },
  specVersion: 1,
  desiredState: wish.desired ?? TaskState.RUNNING,
  status: { ...newTaskStatus, state: wish.state ?? TaskState.RUNNING, health: wish.health ?? HealthState.HEALTH_NONE, ...wish.status },
  networks: [],
  ports: [],
  pendingReason: wish.pendingReason ?? '',
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
});

/** A service as the cluster shows it; it counts as converged when all it wishes for runs. */
export const aService = (tasks: readonly Task[], change: Partial<ServiceView> = {}, name = 'web'): ServiceView => {
  const running = tasks.filter((task) => task.status.state === TaskState.RUNNING && task.desiredState === TaskState.RUNNING).length;
  const desired = change.desired ?? 1;
  return {
    service: {
      ...newService,
      id: `${name}-id`,
      stack: 'visits',
      spec: { ...emptyServiceSpec, name },
      specVersion: 1,
    },
    tasks,
    desired,
    running,
    healthy: running,
    converged: running >= desired,
    waitingReason: '',
    failed: false,
    ...change,
  };
};

export const aView = (services: readonly ServiceView[], change: Partial<StackView> = {}): StackView => ({
  name: 'visits',
  version: 7,
  exists: true,
  services,
  networks: [],
  volumes: [],
  ...change,
});

export const aTaskView = (task: Task): TaskView => ({
  task,
  node: 'host-a',
  addresses: [{ network: 'visits_default', address: '10.0.1.3' }],
});
