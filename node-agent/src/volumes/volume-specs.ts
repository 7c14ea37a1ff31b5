import { join } from 'node:path';
import { type AssignmentSet, decode, emptyAssignmentSet, encode, type Logger, sentenceOf, type Volume, type VolumeSpec } from '@tso/proto';
import { readIfThere, removeFile, writeDurably } from '../durable-file.ts';
import type { AgentPaths } from '../paths.ts';

/**
 * What the manager said of the volumes that this node's tasks use, as far as it is more than a name: written down, so that an agent without managers
 * knows it. Readable by root alone: there may be passwords in it.
 */
export class VolumeSpecs {
  readonly #path: string;
  readonly #logger: Logger;
  #specs = new Map<string, VolumeSpec>();

  constructor(options: { readonly paths: AgentPaths }, ports: { readonly logger: Logger }) {
    this.#path = join(options.paths.dataDir, 'volumes.bin');
    this.#logger = ports.logger;
  }

  /** A damaged file counts as none: the manager says everything again. */
  async start(): Promise<void> {
    const bytes = await readIfThere(this.#path);
    if (bytes === undefined) return;
    try {
      this.#specs = new Map(decode('AssignmentSet', bytes).volumes.map(({ spec }) => [spec.name, spec]));
    } catch (error) {
      this.#logger.error({ file: this.#path, error: sentenceOf(error) }, 'the list of volumes is damaged and left out');
    }
  }

  /** By the name that it has in the cluster. */
  of(name: string): VolumeSpec | undefined {
    return this.#specs.get(name);
  }

  /** What a set of assignments says of volumes. What cannot be written counts all the same: a new agent is told everything again. */
  async apply(set: AssignmentSet): Promise<void> {
    const next = new Map(set.baseVersion === 0 ? [] : this.#specs);
    for (const name of set.removedVolumes) next.delete(name);
    for (const { spec } of set.volumes) {
      if (Object.keys(spec.driverOpts).length > 0) next.set(spec.name, spec);
      else next.delete(spec.name);
    }
    if (sameSpecs(this.#specs, next)) return;
    this.#specs = next;
    try {
      await this.#write();
    } catch (error) {
      this.#logger.error(
        { file: this.#path, error: sentenceOf(error) },
        'the list of volumes could not be written; it counts all the same',
      );
    }
  }

  async #write(): Promise<void> {
    if (this.#specs.size === 0) return removeFile(this.#path);
    const volumes = [...this.#specs.values()].map(
      (spec): Volume => ({ id: '', meta: { version: 0, createdAtMs: 0, updatedAtMs: 0 }, spec, stack: '', removing: false }),
    );
    await writeDurably(this.#path, encode('AssignmentSet', { ...emptyAssignmentSet, volumes }));
  }
}

const sameSpecs = (a: ReadonlyMap<string, VolumeSpec>, b: ReadonlyMap<string, VolumeSpec>): boolean =>
  a.size === b.size && [...a].every(([name, spec]) => JSON.stringify(b.get(name)) === JSON.stringify(spec));
