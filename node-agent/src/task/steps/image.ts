import { type Clock, MountType, PullPolicy, type Task, TsoError } from '@tso/proto';
import type { BuiltImages } from '../../image/fetch-built.ts';
import type { Image, Images, PullProgress } from '../../image/types.ts';
import type { Step, StepContext } from '../step.ts';

const mebibytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;

const progressText = (progress: PullProgress): string =>
  `pulling ${progress.layersDone} of ${progress.layersTotal} layers, ${mebibytes(progress.bytesDone)} of ${mebibytes(progress.bytesTotal)}`;

/** A registry that does not answer, in time, or any more for now. */
const unanswered: readonly string[] = ['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'RESOURCE_EXHAUSTED'];

/** Finds the image on this host or pulls it, as the pull policy says. An image stays when its task goes. */
export class ImageStep implements Step {
  readonly #images: Pick<Images, 'find' | 'pull'>;
  readonly #built: Pick<BuiltImages, 'ensure'>;
  readonly #clock: Pick<Clock, 'now'>;

  /** @param built those that the cluster built, which no registry has */
  constructor(images: Pick<Images, 'find' | 'pull'>, built: Pick<BuiltImages, 'ensure'>, clock: Pick<Clock, 'now'>) {
    this.#images = images;
    this.#built = built;
    this.#clock = clock;
  }

  async do(context: StepContext): Promise<void> {
    context.state.image = await this.#choose(context);
    context.state.hookImages = await this.#hookImages(context);
    context.state.mountImages = await this.#mountImages(context);
  }

  async undo(): Promise<void> {
    // Images belong to the host, not to a task: `tso image rm` removes them.
  }

  /** Those of hooks before the start that have one of their own, each once. */
  async #hookImages(context: StepContext): Promise<ReadonlyMap<string, Image>> {
    const { preStart, image: own } = context.task.spec.container;
    const names = new Set(preStart.map(({ image }) => image).filter((name) => name !== '' && name !== own));
    const images = new Map<string, Image>();
    for (const name of names) images.set(name, await this.#byName(name, context));
    return images;
  }

  /** Those that it mounts as folders, each once. */
  async #mountImages(context: StepContext): Promise<ReadonlyMap<string, Image>> {
    const mounts = context.task.spec.container.mounts.filter(({ type }) => type === MountType.IMAGE);
    const images = new Map<string, Image>();
    for (const name of new Set(mounts.map(({ source }) => source))) images.set(name, await this.#byName(name, context));
    return images;
  }

  async #choose(context: StepContext): Promise<Image> {
    const { task, imageId, signal, say } = context;
    const { image: name, builtDigest } = task.spec.container;
    const chosen = imageId === '' ? undefined : this.#images.find(imageId);
    if (chosen !== undefined) return chosen;
    return builtDigest === '' ? this.#byName(name, context) : this.#fetchBuilt(task, signal, say);
  }

  async #byName(name: string, context: StepContext): Promise<Image> {
    const { pullPolicy, pullRefreshMs } = context.task.spec.container;
    const local = this.#images.find(name);
    if (local !== undefined && pullPolicy !== PullPolicy.PULL_ALWAYS) {
      return this.#isStale(local, pullRefreshMs) && pullPolicy !== PullPolicy.PULL_NEVER ? this.#refresh(name, local, context) : local;
    }
    if (pullPolicy === PullPolicy.PULL_NEVER) {
      throw new TsoError('NOT_FOUND', `the image ${name} is not on this host and pull_policy is never`, {
        hint: `Load it: tso image load -i FILE`,
      });
    }
    return this.#pull(name, context);
  }

  /** With a clock that was set back meanwhile nobody knows how old it is; one that came otherwise than from a registry was never asked for. */
  #isStale({ pulledAtMs }: Image, refreshMs: number): boolean {
    if (refreshMs <= 0) return false;
    const now = this.#clock.now();
    return pulledAtMs === undefined || pulledAtMs > now || now - pulledAtMs >= refreshMs;
  }

  /** A registry that cannot be reached, or has been asked too often, keeps nobody from what is here: what was to be newer is said to be old. */
  async #refresh(name: string, local: Image, context: StepContext): Promise<Image> {
    try {
      return await this.#pull(name, context);
    } catch (error) {
      context.signal.throwIfAborted();
      if (!(error instanceof TsoError) || !unanswered.includes(error.code)) throw error;
      context.state.notes = [...(context.state.notes ?? []), `with the image ${name} as it was, since its registry could not be asked`];
      return local;
    }
  }

  async #pull(name: string, { task, signal, say }: StepContext): Promise<Image> {
    say(`pulling ${name}`);
    const { platform } = task.spec.container;
    return this.#images.pull(name, { platform, signal, onProgress: (progress) => say(progressText(progress)) });
  }

  /** Whatever the pull policy says: there is no registry to ask. */
  #fetchBuilt({ spec: { container } }: Task, signal: AbortSignal, say: StepContext['say']): Promise<Image> {
    const { image: name, platform, builtDigest: digest } = container;
    say(`fetching ${name}`);
    const onProgress = ({ bytesDone, bytesTotal }: PullProgress): void =>
      say(`fetching ${name}, ${mebibytes(bytesDone)} of ${mebibytes(bytesTotal)}`);
    return this.#built.ensure({ digest, name, platform }, { signal, onProgress });
  }
}
