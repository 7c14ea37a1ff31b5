import { PullPolicy, TsoError } from '@tso/proto';
import type { Image, Images, PullProgress } from '../../image/types.ts';
import type { Step, StepContext } from '../step.ts';

const mebibytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;

const progressText = (progress: PullProgress): string =>
  `pulling ${progress.layersDone} of ${progress.layersTotal} layers, ${mebibytes(progress.bytesDone)} of ${mebibytes(progress.bytesTotal)}`;

/** Finds the image on this host or pulls it, as the pull policy says. An image stays when its task goes. */
export class ImageStep implements Step {
  readonly #images: Images;

  constructor(images: Images) {
    this.#images = images;
  }

  async do(context: StepContext): Promise<void> {
    context.state.image = await this.#choose(context);
  }

  async undo(): Promise<void> {
    // Images belong to the host, not to a task: `tso image rm` removes them.
  }

  async #choose({ task, imageId, signal, say }: StepContext): Promise<Image> {
    const { image: name, pullPolicy, platform } = task.spec.container;
    const chosen = imageId === '' ? undefined : this.#images.find(imageId);
    if (chosen !== undefined) return chosen;
    const local = this.#images.find(name);
    if (local !== undefined && pullPolicy !== PullPolicy.PULL_ALWAYS) return local;
    if (pullPolicy === PullPolicy.PULL_NEVER) {
      throw new TsoError('NOT_FOUND', `the image ${name} is not on this host and pull_policy is never`, {
        hint: `Load it: tso image load -i FILE`,
      });
    }
    say(`pulling ${name}`);
    return this.#images.pull(name, { platform, signal, onProgress: (progress) => say(progressText(progress)) });
  }
}
