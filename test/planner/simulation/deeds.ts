import {
  EndpointMode,
  emptyServiceSpec,
  type HealthCheck,
  NodeAvailability,
  PlacementStrategy,
  RebalanceMode,
  ServiceMode,
  type ServiceSpec,
  ServiceVerb,
  type StackSpec,
  TsoError,
  UpdateFailureAction,
  UpdateOrder,
} from '@tso/proto';
import { applyStackChanges, removeStackChanges } from '../../../manager/src/api/changes.ts';
import { rebalanceChanges } from '../../../manager/src/api/rebalance.ts';
import { scaleChanges } from '../../../manager/src/api/scale.ts';
import { validateStack } from '../../../manager/src/api/validate.ts';
import { verbChanges } from '../../../manager/src/api/verbs.ts';
import { movesAhead } from '../../../manager/src/moves-ahead.ts';
import { serviceSpec, stackSpec } from '../../../manager/src/testing/specs.ts';
import type { Chance } from '../../simulation/chance.ts';
import type { Cluster } from './cluster.ts';

/** What people do to a cluster, drawn by chance. */

const stack = 'shop';
const names = ['web', 'api', 'db', 'agent', 'load'] as const;
type Name = (typeof names)[number];

const images: readonly string[] = ['1', '2', '3', '4', 'fails', 'sick', 'missing'];

const healthCheck: HealthCheck = {
  test: ['CMD', 'ok'],
  intervalMs: 0,
  timeoutMs: 0,
  retries: 0,
  startPeriodMs: 0,
  startIntervalMs: 0,
};

const modeOf = (name: Name): ServiceMode => {
  if (name === 'agent') return ServiceMode.GLOBAL;
  return name === 'load' ? ServiceMode.REPLICATED_JOB : ServiceMode.REPLICATED;
};

const specOf = (name: Name, image: string, chance: Chance): ServiceSpec => {
  const base = serviceSpec(name);
  const mode = modeOf(name);
  // One never changes, so that it can be known how many of a place of it may run at once.
  const order = name !== 'db' && chance.happens(0.4) ? UpdateOrder.START_FIRST : UpdateOrder.STOP_FIRST;
  const failureAction = chance.pick([
    UpdateFailureAction.FAILURE_PAUSE,
    UpdateFailureAction.FAILURE_CONTINUE,
    UpdateFailureAction.FAILURE_ROLLBACK,
  ]);
  const pace = { ...base.update, order, parallelism: chance.below(3), delayMs: chance.below(2) * 700, monitorMs: 1_500 };
  const isJob = mode === ServiceMode.REPLICATED_JOB;
  return {
    ...base,
    mode,
    replicas: mode === ServiceMode.REPLICATED ? chance.below(7) : 0,
    ...(isJob ? { job: { totalCompletions: chance.between(1, 4), maxConcurrent: chance.below(3) } } : {}),
    update: isJob ? emptyServiceSpec.update : { ...pace, ...(failureAction === undefined ? {} : { failureAction }) },
    rollback: isJob ? emptyServiceSpec.rollback : pace,
    rebalance: name === 'web' ? RebalanceMode.REBALANCE_AUTO : RebalanceMode.REBALANCE_NEVER,
    endpointMode: EndpointMode.VIP,
    dependsOn:
      name === 'web' && chance.happens(0.3)
        ? [{ service: 'db', condition: 'service_started', required: true, restart: chance.happens(0.3) }]
        : [],
    task: {
      ...base.task,
      restart: { ...base.task.restart, delayMs: chance.pick([0, 500, 2_000]) ?? 0, maxAttempts: chance.happens(0.2) ? 2 : 0 },
      reservations: { nanoCpus: chance.below(3) * 5e8, memoryBytes: chance.below(4) * 2 ** 29, pids: 0 },
      generic: name === 'api' && chance.happens(0.5) ? [{ kind: 'gpu', count: 1, ids: [] }] : [],
      container: { ...base.task.container, image: `${name}-${isJob ? 'job-' : ''}${image}`, ...(name === 'db' ? { healthCheck } : {}) },
      placement: {
        ...base.task.placement,
        spreadOver: name === 'api' ? ['node.labels.zone'] : [],
        ...(chance.happens(0.2) ? { strategy: PlacementStrategy.BINPACK } : {}),
        maxReplicasPerNode: name === 'db' ? 2 : 0,
      },
    },
  };
};

const drawn = (chance: Chance, image: () => string): StackSpec =>
  stackSpec(
    stack,
    names.filter(() => chance.happens(0.9)).map((name) => specOf(name, image(), chance)),
  );

/** A stack none of whose images fails, as somebody applies who mends it all. */
export const soundStack = (chance: Chance): StackSpec => {
  const spec = stackSpec(
    stack,
    names.map((name) => specOf(name, '9', chance)),
  );
  // Small enough to have a place whatever else there is.
  const small = ({ task, replicas, ...service }: ServiceSpec): ServiceSpec => ({
    ...service,
    dependsOn: [],
    replicas: Math.min(replicas, 2),
    task: { ...task, generic: [], reservations: { nanoCpus: 25e7, memoryBytes: 2 ** 28, pids: 0 } },
  });
  return { ...spec, services: spec.services.map(small) };
};

/** The stack applied, its orphans taken down; false: it was refused. */
export const apply = (cluster: Cluster, spec: StackSpec): boolean => {
  const problem = validateStack(cluster.tables, spec, true, []);
  if (problem !== undefined) return false;
  const changes = applyStackChanges(cluster.tables, spec, {
    removeOrphans: true,
    services: [],
    contents: [],
    changedBy: 'somebody',
    now: cluster.now,
    random: cluster.random,
  });
  return cluster.commit(changes.actions);
};

const by = (cluster: Cluster) => ({ changedBy: 'somebody', random: cluster.random, now: cluster.now });

/** Wishes that are refused for good reasons change nothing, and are part of the story. */
const wish = (work: () => void): void => {
  try {
    work();
  } catch (error) {
    if (!(error instanceof TsoError)) throw error;
  }
};

const verbs = [
  ServiceVerb.VERB_RESTART,
  ServiceVerb.VERB_STOP,
  ServiceVerb.VERB_START,
  ServiceVerb.VERB_START,
  ServiceVerb.VERB_ROLLBACK,
  ServiceVerb.VERB_CONTINUE,
  ServiceVerb.VERB_REMOVE,
  ServiceVerb.VERB_PAUSE,
  ServiceVerb.VERB_UNPAUSE,
] as const;

type Deed = readonly [weight: number, name: string, does: (cluster: Cluster) => void];

const nodeOf = (cluster: Cluster): string => cluster.chance.pick(cluster.tables.nodes())?.id ?? '';

const nameOf = ({ chance }: Cluster): Name => chance.pick(names) ?? 'web';

const deeds: readonly Deed[] = [
  [
    5,
    'apply',
    (cluster) =>
      void apply(
        cluster,
        drawn(cluster.chance, () => cluster.chance.pick(images) ?? '1'),
      ),
  ],
  [
    4,
    'scale',
    (cluster) =>
      wish(() => {
        const scales = [{ service: cluster.chance.pick(['web', 'api', 'db']) ?? 'web', replicas: cluster.chance.below(8) }];
        cluster.commit(scaleChanges(cluster.tables, stack, scales, by(cluster)).actions);
      }),
  ],
  [
    3,
    'verb',
    (cluster) =>
      wish(() => {
        const request = { stack, services: [nameOf(cluster)], verb: cluster.chance.pick(verbs) ?? ServiceVerb.VERB_START };
        cluster.commit(verbChanges(cluster.tables, request, by(cluster)).actions);
      }),
  ],
  [2, 'rebalance', (cluster) => wish(() => cluster.commit(rebalanceChanges(cluster.tables, stack, [], cluster.now, movesAhead).actions))],
  [4, 'cut', (cluster) => cluster.cut(nodeOf(cluster), 'cut')],
  [3, 'switch off', (cluster) => cluster.cut(nodeOf(cluster), 'off')],
  [8, 'mend', (cluster) => cluster.mend(nodeOf(cluster))],
  [2, 'drain', (cluster) => cluster.changeNode(nodeOf(cluster), { availability: NodeAvailability.DRAIN })],
  [1, 'pause', (cluster) => cluster.changeNode(nodeOf(cluster), { availability: NodeAvailability.PAUSE })],
  [4, 'activate', (cluster) => cluster.changeNode(nodeOf(cluster), { availability: NodeAvailability.ACTIVE })],
  [4, 'change the leader', (cluster) => cluster.changeLeader()],
  [
    1,
    'take down',
    (cluster) =>
      wish(() => {
        cluster.commit(removeStackChanges(cluster.tables, stack, { volumes: false }).actions);
      }),
  ],
];

const total = deeds.reduce((sum, [weight]) => sum + weight, 0);

/** Does one of these things; returns which. */
export const doSomething = (cluster: Cluster): string => {
  let at = cluster.chance.below(total);
  for (const [weight, name, does] of deeds) {
    at -= weight;
    if (at >= 0) continue;
    does(cluster);
    return name;
  }
  return '';
};
