import { type Clock, type FetchImageRequest, type Logger, type RelayFrame, sentenceOf, TsoError } from '@tso/proto';
import { KeyedLock } from '../keyed-lock.ts';
import { limits } from '../limits.ts';
import type { Image, Images, PullProgress } from './types.ts';
import { wait } from './wait.ts';

export interface FetchBuiltPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly images: Pick<Images, 'findDigest' | 'fetch'>;
  /** Asks the manager; UNAVAILABLE while none is there. */
  readonly fetchImage: (request: FetchImageRequest, signal: AbortSignal) => AsyncIterable<RelayFrame>;
}

/** An image that the cluster built, as a task wants it. */
export interface BuiltImage {
  /** Of its manifest. */
  readonly digest: string;
  readonly name: string;
  readonly platform: string;
}

export interface FetchBuiltOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: PullProgress) => void;
}

/**
 * Worth another attempt: a manager or the node that gives the image went away (a manager whose office ends cancels what it passes on), or has
 * too much to do, or what that node gave is not the image: then the manager asks another one.
 */
const passing: readonly string[] = ['UNAVAILABLE', 'RESOURCE_EXHAUSTED', 'DEADLINE_EXCEEDED', 'CANCELLED', 'DATA_LOSS'];

/** Images that no registry has, from the nodes that have them. */
export class BuiltImages {
  readonly #ports: FetchBuiltPorts;
  readonly #lock = new KeyedLock();

  constructor(ports: FetchBuiltPorts) {
    this.#ports = ports;
  }

  /**
   * The image, fetched unless it is here. Several tasks that want it have it fetched once. NOT_FOUND: no node has it any more. After some
   * attempts, DATA_LOSS: what came is still not it; UNAVAILABLE: there still was nobody to ask.
   */
  ensure(wanted: BuiltImage, options: FetchBuiltOptions): Promise<Image> {
    return this.#lock.run(wanted.digest, async () => this.#ports.images.findDigest(wanted.digest) ?? (await this.#fetch(wanted, options)));
  }

  async #fetch(wanted: BuiltImage, options: FetchBuiltOptions): Promise<Image> {
    for (let attempt = 1; ; attempt += 1) {
      options.signal.throwIfAborted();
      try {
        return await this.#attempt(wanted, options);
      } catch (error) {
        const isPassing = error instanceof TsoError && passing.includes(error.code);
        if (!isPassing || options.signal.aborted || attempt === limits.imageFetchAttempts) throw error;
        this.#ports.logger.warn(
          { digest: wanted.digest, attempt, reason: sentenceOf(error) },
          'a built image did not come; asked for again',
        );
        await wait(this.#ports.clock, limits.imageFetchPauseMs * 2 ** (attempt - 1), options.signal);
      }
    }
  }

  #attempt({ digest, name, platform }: BuiltImage, { signal, onProgress }: FetchBuiltOptions): Promise<Image> {
    const source = (have: readonly string[]) => archiveOf(this.#ports.fetchImage({ digest, have }, signal), onProgress);
    return this.#ports.images.fetch(digest, source, { name, platform, signal });
  }
}

/** The pieces of the archive, until its end is said. UNAVAILABLE: it broke off before. DATA_LOSS: there are more than was said at first. */
async function* archiveOf(frames: AsyncIterable<RelayFrame>, onProgress: (progress: PullProgress) => void): AsyncGenerator<Uint8Array> {
  let bytesTotal = 0;
  let bytesDone = 0;
  for await (const { image, archive, end } of frames) {
    if (end === true) return;
    // Said once: later words must not make room for more.
    if (bytesTotal === 0) bytesTotal = image?.sizeBytes ?? 0;
    bytesDone += archive?.length ?? 0;
    if (bytesDone > bytesTotal)
      throw new TsoError('DATA_LOSS', `the archive of the image has more than the ${bytesTotal} bytes that were said`);
    onProgress({ layersTotal: 0, layersDone: 0, bytesTotal, bytesDone });
    if (archive !== undefined) yield archive;
  }
  throw new TsoError('UNAVAILABLE', 'the image broke off before its end');
}
