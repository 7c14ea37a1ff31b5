import type { ContainerSpec, ServiceSpec, StackSpec, TsoError } from '@tso/proto';
import { imageNameProblem, MountType, parseConstraint } from '@tso/proto';
import { isByNode, mayHaveSeveral } from '../rules/jobs.ts';
import type { View } from '../store/view.ts';
import { replicasProblem } from './replicas.ts';
import { autoscaleProblems } from './validate-autoscale.ts';
import { containerProblems } from './validate-container.ts';
import { fileMountProblems } from './validate-file-mounts.ts';
import { jobProblems } from './validate-job.ts';
import { mountProblems } from './validate-mounts.ts';
import { networkingProblems } from './validate-networking.ts';
import { resourceProblems } from './validate-resources.ts';
import { scheduleProblems } from './validate-schedule.ts';
import { asOneTask, invalid } from './validate-shared.ts';
import { paceProblems } from './validate-update.ts';

const namePattern = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

type Problems = Iterable<TsoError>;

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
      `Leave container_name out, or ${asOneTask(spec)}`,
    );
  }
  yield* resourceProblems(view, stack.name, at, spec);
  yield* autoscaleProblems(at, spec);
  yield* scheduleProblems(at, spec);
  yield* networkingProblems(view, stack, at, spec);
  yield* mountProblems(stack, at, spec);
  yield* paceProblems(at, spec);
  yield* placementProblems(at, spec);
  yield* jobProblems(at, spec);
  yield* containerProblems(at, spec);
  yield* fileMountProblems(at, spec.task.container);
};
