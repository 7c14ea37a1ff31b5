import { type Hook, present, type Task } from '@tso/proto';
import type { IdShift, Image, Images, Rootfses } from '../../image/types.ts';
import type { ContainerPlan, Containers } from '../../runtime/types.ts';
import { preStartId } from '../hook-ids.ts';
import { requireLenders } from '../lent-namespaces.ts';
import { makeMountPoints } from '../mount-points.ts';
import type { Step, StepContext, StepState } from '../step.ts';
import { type ContainerStepOptions, containerPlan, requireMounts } from './container.ts';

const hasOwnImage = ({ image }: Hook, { spec }: Task): boolean => image !== '' && image !== spec.container.image;

/** The image of a hook before the start: its own, else the task's. */
const imageOf = (hook: Hook, task: Task, state: StepState): Image =>
  hasOwnImage(hook, task) ? present(state.hookImages?.get(hook.image), 'the image of a hook') : present(state.image, 'the image');

interface HookContainer {
  readonly hook: Hook;
  readonly index: number;
  readonly image: Image;
  /** Another one than its task's: then the entrypoint of the task means nothing in it. */
  readonly hasOwnImage: boolean;
  readonly rootfs: string;
  readonly shift: IdShift | undefined;
}

/** A hook has all that its task has but for what it says itself. */
const planOf = ({ hook, index, image, hasOwnImage, rootfs, shift }: HookContainer, plan: ContainerPlan): ContainerPlan => {
  const { healthCheck: _none, command: _own, entrypoint, ...shared } = plan.spec;
  return {
    ...plan,
    id: preStartId(plan.id, index),
    logOf: plan.id,
    // conmon would put a new file in the place of the task's log, behind the back of the task's own conmon: only the agent bounds it here.
    logMaxSizeBytes: 0,
    cgroupPath: preStartId(plan.cgroupPath, index),
    rootfs,
    shift,
    image: image.config,
    labels: { ...plan.labels, 'tso.hook': `pre_start.${index + 1}` },
    spec: {
      ...shared,
      image: hook.image || shared.image,
      user: hook.user || shared.user,
      workingDir: hook.workingDir || shared.workingDir,
      env: [...shared.env, ...hook.env],
      privileged: shared.privileged || hook.privileged,
      tty: false,
      openStdin: false,
      ...(hasOwnImage || entrypoint === undefined ? {} : { entrypoint }),
      ...(hook.command.length > 0 ? { command: { values: hook.command } } : {}),
    },
  };
};

export interface HooksStepPorts {
  readonly containers: Containers;
  readonly images: Pick<Images, 'layerFolders'>;
  readonly rootfses: Pick<Rootfses, 'mount' | 'remove'>;
}

/** The created, not yet started containers of the hooks before the start. */
export class HooksStep implements Step {
  readonly #options: ContainerStepOptions;
  readonly #ports: HooksStepPorts;

  constructor(options: ContainerStepOptions, ports: HooksStepPorts) {
    this.#options = options;
    this.#ports = ports;
  }

  async do(context: StepContext): Promise<void> {
    const { task, state, say } = context;
    const { containers, images, rootfses } = this.#ports;
    const hooks = task.spec.container.preStart;
    if (hooks.length === 0) return;
    say('creating the containers of its hooks');
    const plan = await containerPlan(this.#options, context, containers);
    for (const [index, hook] of hooks.entries()) {
      const image = imageOf(hook, task, state);
      const shift = hook.privileged ? undefined : plan.shift;
      const rootfs = await rootfses.mount(preStartId(task.id, index), await images.layerFolders(image, shift), shift);
      const container = { hook, index, image, hasOwnImage: hasOwnImage(hook, task), rootfs, shift };
      const own = planOf(container, plan);
      await makeMountPoints(own, present(state.files, 'the secrets and configs'));
      const { pid } = await containers.create(own);
      await requireLenders(task, containers);
      await requireMounts(plan.mounts, pid);
    }
  }

  async undo(task: Task): Promise<void> {
    const ids = task.spec.container.preStart.map((_, index) => preStartId(task.id, index));
    for (const id of ids) {
      await this.#ports.containers.remove(id);
      await this.#ports.rootfses.remove(id);
    }
  }
}
