import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { present, type Task, TsoError } from '@tso/proto';
import { genericEnvironment } from '../../generic-resources.ts';
import type { IdShift } from '../../image/types.ts';
import { limits } from '../../limits.ts';
import { hostnameOf } from '../../network/etc-hosts.ts';
import { type AgentPaths, etcFilesDir, sharedMemoryDir } from '../../paths.ts';
import { cgroupPathOf } from '../../runtime/cgroup-places.ts';
import { makeSharedMemory, removeSharedMemory } from '../../runtime/shared-memory.ts';
import type { ContainerPlan, Containers, ResolvedMount } from '../../runtime/types.ts';
import { resolveInRoot } from '../../safe-path.ts';
import { lendsMemory, lentNamespaces, requireLenders } from '../lent-namespaces.ts';
import { makeMountPoints } from '../mount-points.ts';
import type { Step, StepContext } from '../step.ts';
import { shiftOf } from './rootfs.ts';

export interface ContainerStepOptions {
  readonly paths: AgentPaths;
  readonly cgroupParent: string;
  readonly remap: IdShift | undefined;
  readonly seccompProfile: string | undefined;
  readonly hostHostname: string;
}

/** The labels every container carries, in the field's `NAMESPACE.thing` form, the user's own last. */
const labelsOf = (task: Task): Readonly<Record<string, string>> => ({
  'tso.stack': task.stack,
  'tso.service': task.serviceName,
  'tso.task': task.id,
  'tso.slot': String(task.slot),
  ...task.spec.container.labels,
});

/**
 * The runtime follows a source by its path, which another container on the same volume may have made to lead elsewhere meanwhile.
 * A mount, once made, stays what it is; so it is looked at before anything runs in it.
 */
const requireMounted = async ({ identity, source, target }: ResolvedMount, root: string): Promise<void> => {
  if (identity === undefined) return;
  const { dev, ino } = await stat(await resolveInRoot(root, target));
  if (dev === identity.dev && ino === identity.ino) return;
  throw new TsoError('FAILED_PRECONDITION', `${source} (for ${target}) was changed while it was mounted`, {
    hint: 'Another container moves folders of that volume: see which, then try again',
  });
};

/** FAILED_PRECONDITION: a mount of the container with that first process is not what was meant. */
export const requireMounts = async (mounts: readonly ResolvedMount[], pid: number): Promise<void> => {
  for (const mount of mounts) await requireMounted(mount, `/proc/${pid}/root`);
};

/** All that makes a task's container, from what the steps before have made. */
export const containerPlan = async (
  options: ContainerStepOptions,
  { task, state }: Pick<StepContext, 'task' | 'state'>,
  containers: Pick<Containers, 'observe' | 'files'>,
): Promise<ContainerPlan> => {
  const { paths, cgroupParent, remap, seccompProfile, hostHostname } = options;
  const etc = etcFilesDir(paths, task.id);
  const shift = shiftOf(task, remap);
  return {
    id: task.id,
    spec: { ...task.spec.container, env: [...task.spec.container.env, ...genericEnvironment(task.generic)] },
    limits: task.spec.limits,
    reservations: task.spec.reservations,
    image: present(state.image, 'the image').config,
    rootfs: present(state.rootfs, 'the root filesystem'),
    mounts: [...present(state.mounts, 'the mounts'), ...present(state.files, 'the secrets and configs')],
    netns: state.netns,
    ...(await lentNamespaces(task, paths, shift, containers)),
    etcFiles: { hosts: join(etc, 'hosts'), 'resolv.conf': join(etc, 'resolv.conf'), hostname: join(etc, 'hostname') },
    hostname: (task.spec.container.utsMode === 'host' ? undefined : state.hostname) ?? hostnameOf(task, hostHostname),
    linkEnv: state.linkEnv ?? [],
    cgroupPath: cgroupPathOf(cgroupParent, task.spec.container.cgroupParent, task.id),
    shift,
    seccompProfile,
    labels: labelsOf(task),
    // conmon's own bound, for the time no agent rotates: it starts the file anew there and loses what it held.
    logMaxSizeBytes: (task.spec.logMaxSizeBytes || limits.logMaxSizeBytes) * 4,
  };
};

/** The created, not yet started container. */
export class ContainerStep implements Step {
  readonly #options: ContainerStepOptions;
  readonly #containers: Containers;

  constructor(options: ContainerStepOptions, ports: { readonly containers: Containers }) {
    this.#options = options;
    this.#containers = ports.containers;
  }

  async do(context: StepContext): Promise<void> {
    context.say('creating its container');
    const { task } = context;
    if (lendsMemory(task)) await makeSharedMemory(sharedMemoryDir(this.#options.paths, task.id), task.spec.container.shmSizeBytes);
    const plan = await containerPlan(this.#options, context, this.#containers);
    await makeMountPoints(plan, present(context.state.files, 'the secrets and configs'));
    const { pid, notes = [] } = await this.#containers.create(plan);
    context.state.notes = [...(context.state.notes ?? []), ...notes];
    await requireLenders(task, this.#containers);
    await requireMounts(plan.mounts, pid);
  }

  async undo(task: Task): Promise<void> {
    await this.#containers.remove(task.id);
    if (lendsMemory(task)) await removeSharedMemory(sharedMemoryDir(this.#options.paths, task.id));
  }
}
