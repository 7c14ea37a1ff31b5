import { present, type Task } from '@tso/proto';
import type { IdShift } from '../../image/types.ts';
import type { Volumes } from '../../volumes/volumes.ts';
import type { Step, StepContext } from '../step.ts';
import { shiftOf } from './rootfs.ts';

/** Named, anonymous and bind mounts, each with a source that exists. */
export class VolumesStep implements Step {
  readonly #volumes: Volumes;
  readonly #remap: IdShift | undefined;

  constructor(options: { readonly remap: IdShift | undefined }, ports: { readonly volumes: Volumes }) {
    this.#remap = options.remap;
    this.#volumes = ports.volumes;
  }

  async do({ task, state, say }: StepContext): Promise<void> {
    say('preparing its volumes');
    const image = present(state.image, 'the image');
    state.mounts = await this.#volumes.prepare({
      ownerId: task.id,
      mounts: task.spec.container.mounts,
      imageVolumes: image.config.volumes,
      rootfs: present(state.rootfs, 'the root filesystem'),
      shift: shiftOf(task, this.#remap),
    });
  }

  async undo(task: Task): Promise<void> {
    await this.#volumes.removeAnonymous(task.id);
  }
}
