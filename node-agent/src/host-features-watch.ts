import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, type Lifecycle, type Logger, sentenceOf } from '@tso/proto';
import { readIfThere } from './durable-file.ts';
import { type HostFeatures, hostFeatures, type KernelTexts, unknownFeatures } from './host-features.ts';
import { limits } from './limits.ts';

const textIfThere = async (path: string): Promise<string | undefined> => (await readIfThere(path))?.toString();

const modulesOf = async (release: string): Promise<KernelTexts['modules']> => {
  const folder = join('/lib/modules', release);
  const [alias, dep, builtin] = await Promise.all(
    ['modules.alias', 'modules.dep', 'modules.builtin'].map((name) => textIfThere(join(folder, name))),
  );
  return alias === undefined || dep === undefined || builtin === undefined ? undefined : { alias, dep, builtin };
};

/** What the kernel of this host says. @param release as `uname -r` has it */
export const readKernelTexts = async (release: string): Promise<KernelTexts> => {
  const [fileSystems, parts, loaded, modules] = await Promise.all([
    readFile('/proc/filesystems', 'utf8'),
    readdir('/sys/module'),
    textIfThere('/proc/modules'),
    modulesOf(release),
  ]);
  return { fileSystems, parts, loadsModules: loaded !== undefined, modules };
};

export interface HostFeaturesWatchPorts {
  readonly read: () => Promise<KernelTexts>;
  /** They are others than before. */
  readonly onChange: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What this host can do, looked at when it starts and each hour: packages of the kernel come and go. */
export class HostFeaturesWatch implements Lifecycle {
  readonly #ports: HostFeaturesWatchPorts;
  #current = unknownFeatures;
  #cancelTimer: () => void = () => undefined;
  #stopped = false;

  constructor(ports: HostFeaturesWatchPorts) {
    this.#ports = ports;
  }

  /** As of the last look. */
  get current(): HostFeatures {
    return this.#current;
  }

  async start(): Promise<void> {
    await this.#look();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer();
  }

  /** What cannot be read leaves them as they were: nothing is kept from a host for that. */
  async #look(): Promise<void> {
    const { read, onChange, clock, logger } = this.#ports;
    try {
      const features = hostFeatures(await read());
      const isNews = JSON.stringify(features) !== JSON.stringify(this.#current);
      this.#current = features;
      if (isNews) onChange();
    } catch (error) {
      logger.warn({ error: sentenceOf(error) }, 'what the kernel of this host can do could not be read');
    }
    if (!this.#stopped) this.#cancelTimer = clock.setTimer(limits.featuresAgainMs, () => void this.#look());
  }
}
