import type { ContainerSpec, Resources, ServiceSpec, StackSpec, TsoError, UpdateConfig } from '@tso/proto';
import { imageNameProblem, MountType, parseConstraint } from '@tso/proto';
import { isByNode, mayHaveSeveral } from '../rules/jobs.ts';
import { cpusText, sizeText } from '../rules/words.ts';
import type { View } from '../store/view.ts';
import { containerProblems } from './validate-container.ts';
import { fileMountProblems } from './validate-file-mounts.ts';
import { jobProblems } from './validate-job.ts';
import { mountProblems } from './validate-mounts.ts';
import { networkingProblems } from './validate-networking.ts';
import { invalid } from './validate-shared.ts';

/** The least a container can be given (SwarmKit's figures). */
const minMemoryBytes = 4 * 1024 * 1024;
const minNanoCpus = 1_000_000;
const maxReplicas = 10_000;
const namePattern = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

type Problems = Iterable<TsoError>;

const hostNames = (names: readonly string[]): string =>
  names.length === 1 ? `host ${names[0]} has` : `none of the ${names.length} hosts has`;

/** A limit that no node could ever grant is a mistake in the file, not something to wait for. */
const limitProblems = function* (view: View, at: string, limits: Resources): Problems {
  const nodes = view.nodes().map((node) => node.description);
  if (nodes.length === 0) return;
  const names = nodes.map((description) => description.hostname);
  const memory = nodes.map((description) => description.resources.memoryBytes);
  const cpus = nodes.map((description) => description.resources.nanoCpus);
  const most = Math.max(...memory);
  if (limits.memoryBytes > most && !memory.includes(0)) {
    const has = nodes.length === 1 ? `${hostNames(names)} only ${sizeText(most)}` : `${hostNames(names)} more than ${sizeText(most)}`;
    yield invalid(
      `${at}: the memory limit of ${sizeText(limits.memoryBytes)} cannot be had: ${has}`,
      'Lower deploy.resources.limits.memory (mem_limit)',
    );
  }
  const mostCpus = Math.max(...cpus);
  if (limits.nanoCpus > mostCpus && !cpus.includes(0)) {
    const has =
      nodes.length === 1 ? `${hostNames(names)} only ${cpusText(mostCpus)}` : `${hostNames(names)} more than ${cpusText(mostCpus)}`;
    yield invalid(`${at}: the limit of ${cpusText(limits.nanoCpus)} cannot be had: ${has}`, 'Lower deploy.resources.limits.cpus (cpus)');
  }
};

const resourceProblems = function* (view: View, at: string, { task }: ServiceSpec): Problems {
  for (const [word, resources] of [
    ['limit', task.limits],
    ['reservation', task.reservations],
  ] as const) {
    const { memoryBytes, nanoCpus } = resources;
    if (memoryBytes !== 0 && memoryBytes < minMemoryBytes) {
      yield invalid(`${at}: a memory ${word} of ${sizeText(memoryBytes)} is too little`, `Give at least ${sizeText(minMemoryBytes)}`);
    }
    if (nanoCpus !== 0 && nanoCpus < minNanoCpus)
      yield invalid(`${at}: a CPU ${word} of ${nanoCpus / 1e9} is too little`, 'Give at least 0.001');
  }
  for (const [key, what] of [
    ['memoryBytes', 'memory'],
    ['nanoCpus', 'CPU'],
  ] as const) {
    if (task.limits[key] > 0 && task.reservations[key] > task.limits[key])
      yield invalid(`${at}: more ${what} is reserved than the limit allows`);
  }
  yield* limitProblems(view, at, task.limits);
};

const updateProblems = function* (at: string, word: string, config: UpdateConfig): Problems {
  if (config.maxFailureRatio < 0 || config.maxFailureRatio > 1) yield invalid(`${at}: ${word}.max_failure_ratio must lie between 0 and 1`);
  if (config.delayMs < 0 || config.monitorMs < 0) yield invalid(`${at}: ${word} has a negative duration`);
};

const durationProblems = function* (at: string, spec: ServiceSpec): Problems {
  const { restart, container } = spec.task;
  if (restart.delayMs < 0 || restart.windowMs < 0) yield invalid(`${at}: the restart policy has a negative duration`);
  const health = container.healthCheck;
  for (const [word, value] of Object.entries(health ?? {})) {
    if (typeof value === 'number' && word.endsWith('Ms') && value < 0) yield invalid(`${at}: the health check has a negative duration`);
  }
  yield* updateProblems(at, 'update_config', spec.update);
  yield* updateProblems(at, 'rollback_config', spec.rollback);
};

const placementProblems = function* (at: string, spec: ServiceSpec): Problems {
  for (const text of spec.task.placement.constraints) {
    const parsed = parseConstraint(text);
    if (typeof parsed === 'string') yield invalid(`${at}: placement constraint "${text}" cannot be understood: ${parsed}`);
  }
  for (const key of spec.task.placement.spreadOver) {
    if (!/^(node|engine)\.labels\../.test(key)) {
      yield invalid(`${at}: placement preference "${key}" is not a label`, 'Spread over node.labels.NAME or engine.labels.NAME');
    }
  }
  if (isByNode(spec.mode) && spec.task.placement.maxReplicasPerNode > 0) {
    yield invalid(`${at}: max_replicas_per_node has no meaning for a global service`);
  }
};

/** The names of images it says, where it says one. A mount's may be a template, which only the node can fill in. */
const imagesOf = ({ image, preStart, mounts }: ContainerSpec): readonly string[] =>
  [
    image,
    ...preStart.map((hook) => hook.image),
    ...mounts.map(({ type, source }) => (type === MountType.IMAGE && !source.includes('{{') ? source : '')),
  ].filter((name) => name !== '');

/** Why a service cannot have so many replicas, or undefined. */
export const replicasProblem = (at: string, replicas: number): TsoError | undefined =>
  replicas <= maxReplicas ? undefined : invalid(`${at}: ${replicas} replicas are more than the ${maxReplicas} a service may have`);

/** What is wrong with one service by itself. */
export const serviceProblems = function* (view: View, stack: StackSpec, spec: ServiceSpec): Problems {
  const at = `service ${spec.name}`;
  const { container } = spec.task;
  if (!namePattern.test(spec.name)) yield invalid(`"${spec.name}" cannot be the name of a service`);
  if (container.image === '') yield invalid(`${at}: it has no image`, 'Give it an image');
  for (const image of imagesOf(container)) {
    const problem = imageNameProblem(image);
    if (problem !== undefined) yield invalid(`${at}: ${problem.message}`, problem.hint);
  }
  const tooMany = replicasProblem(at, spec.replicas);
  if (tooMany !== undefined) yield tooMany;
  if (container.containerName !== '' && mayHaveSeveral(spec)) {
    yield invalid(
      `${at}: container_name ${container.containerName} cannot be given to several tasks`,
      'Leave container_name out, or set replicas to 1',
    );
  }
  yield* resourceProblems(view, at, spec);
  yield* networkingProblems(view, stack, at, spec);
  yield* mountProblems(stack, at, spec);
  yield* durationProblems(at, spec);
  yield* placementProblems(at, spec);
  yield* jobProblems(at, spec);
  yield* containerProblems(at, spec);
  yield* fileMountProblems(at, spec.task.container);
};
