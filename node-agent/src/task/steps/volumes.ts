import { type Mount, MountType, present, type Task } from '@tso/proto';
import type { IdShift } from '../../image/types.ts';
import type { Volumes } from '../../volumes/volumes.ts';
import type { Step, StepContext } from '../step.ts';
import { expandedSource, type TemplateNode } from '../template.ts';
import { shiftOf } from './rootfs.ts';

/** The mount with its source filled in for this task. */
const expanded = (mount: Mount, task: Task, node: TemplateNode): Mount =>
  mount.source.includes('{{') ? { ...mount, source: expandedSource(mount.source, task, node) } : mount;

/** Named, anonymous, bind and image mounts, each with a source that exists. */
export class VolumesStep implements Step {
  readonly #volumes: Volumes;
  readonly #remap: IdShift | undefined;
  readonly #node: TemplateNode;

  constructor(options: { readonly remap: IdShift | undefined; readonly node: TemplateNode }, ports: { readonly volumes: Volumes }) {
    this.#remap = options.remap;
    this.#node = options.node;
    this.#volumes = ports.volumes;
  }

  async do({ task, state, say }: StepContext): Promise<void> {
    say('preparing its volumes');
    const image = present(state.image, 'the image');
    const pairs = task.spec.container.mounts.map((mount) => [mount, expanded(mount, task, this.#node)] as const);
    const templated = pairs.filter(([mount, made]) => mount.type === MountType.VOLUME && mount.source !== made.source);
    state.mounts = await this.#volumes.prepare({
      ownerId: task.id,
      mounts: pairs.map(([, made]) => made),
      imageVolumes: image.config.volumes,
      rootfs: present(state.rootfs, 'the root filesystem'),
      shift: shiftOf(task, this.#remap),
      templates: new Map(templated.map(([mount, made]) => [made.source, mount.source])),
      images: state.mountImages ?? new Map(),
    });
  }

  async undo(task: Task): Promise<void> {
    await this.#volumes.release(task.id);
  }
}
