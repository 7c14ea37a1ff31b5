import { present, type Task } from '@tso/proto';
import type { IdShift, Images, Rootfses } from '../../image/types.ts';
import type { Step, StepContext } from '../step.ts';

/** The offset of a task's ids: none when it asks for the host's user namespace. */
export const shiftOf = (task: Task, remap: IdShift | undefined): IdShift | undefined =>
  task.spec.container.usernsMode === 'host' || task.spec.container.privileged ? undefined : remap;

/** The container's own copy-on-write view of its image. */
export class RootfsStep implements Step {
  readonly #images: Images;
  readonly #rootfses: Rootfses;
  readonly #remap: IdShift | undefined;

  constructor(options: { readonly remap: IdShift | undefined }, ports: { readonly images: Images; readonly rootfses: Rootfses }) {
    this.#remap = options.remap;
    this.#images = ports.images;
    this.#rootfses = ports.rootfses;
  }

  async do({ task, state, say }: StepContext): Promise<void> {
    say('preparing its root filesystem');
    const shift = shiftOf(task, this.#remap);
    const layers = await this.#images.layerFolders(present(state.image, 'the image'), shift);
    state.rootfs = await this.#rootfses.mount(task.id, layers, shift);
  }

  async undo(task: Task): Promise<void> {
    await this.#rootfses.remove(task.id);
  }
}
