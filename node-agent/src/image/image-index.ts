import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDigest, TsoError } from '@tso/proto';
import type { AgentPaths } from '../paths.ts';
import { imagesDir } from '../paths.ts';
import { replaceFile } from './disk.ts';
import { jsonArray, jsonObject, jsonString, jsonStrings, parseJson } from './untrusted-json.ts';

/** One image in the index; everything else about it stands in its manifest and configuration. */
export interface ImageRecord {
  /** Digest of the manifest. */
  readonly manifest: string;
  /** Full names, sorted. Empty when a newer image took the last one. */
  readonly names: readonly string[];
  /** Names with the digest a registry gave, sorted: `docker.io/library/redis@sha256:…`; that may be an index of many platforms. */
  readonly digests: readonly string[];
  /** When a registry last said that it is what the name means; absent: it was brought here otherwise. */
  readonly pulledAtMs?: number;
}

const version = 1;

const missing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';

/** The file that says which images this host has: the one thing that makes blobs and layers an image. */
export class ImageIndex {
  readonly #path: string;

  constructor(options: { readonly paths: AgentPaths }) {
    this.#path = join(imagesDir(options.paths), 'index.json');
  }

  /** DATA_LOSS when the file is damaged: going on would take every layer for garbage, those of running containers too. */
  async read(): Promise<readonly ImageRecord[]> {
    try {
      const what = `the image index ${this.#path}`;
      const object = jsonObject(parseJson(await readFile(this.#path), what), what);
      if (object.version !== version)
        throw new TsoError('FAILED_PRECONDITION', `${what} has version ${String(object.version)}`, {
          hint: 'A newer release wrote it; use that one',
        });
      return jsonArray(object.images, `${what}.images`, 1_000_000).map((item, n) => readRecord(item, `${what}.images[${n}]`));
    } catch (error) {
      if (missing(error)) return [];
      if (error instanceof TsoError && error.code === 'DATA_LOSS') {
        throw new TsoError('DATA_LOSS', error.message, {
          hint: `Delete ${this.#path} to begin without images; containers that use them must be stopped first`,
          cause: error,
        });
      }
      throw error;
    }
  }

  async write(records: readonly ImageRecord[]): Promise<void> {
    await replaceFile(this.#path, `${JSON.stringify({ version, images: records }, undefined, 1)}\n`);
  }
}

const readRecord = (item: unknown, what: string): ImageRecord => {
  const object = jsonObject(item, what);
  const manifest = jsonString(object.manifest, `${what}.manifest`);
  if (!isDigest(manifest)) throw new TsoError('DATA_LOSS', `${what}.manifest is not a digest`);
  return {
    manifest,
    names: jsonStrings(object.names, `${what}.names`),
    digests: jsonStrings(object.digests, `${what}.digests`),
    // Not in the indexes of earlier releases.
    ...(typeof object.pulledAtMs === 'number' ? { pulledAtMs: object.pulledAtMs } : {}),
  };
};

const sorted = (names: Iterable<string>): readonly string[] => [...new Set(names)].sort();

const withTime = (pulledAtMs: number | undefined): Pick<ImageRecord, 'pulledAtMs'> => (pulledAtMs === undefined ? {} : { pulledAtMs });

/** The records with a name given to one image and so taken from any other; the image is added when it is new. */
export const withName = (
  records: readonly ImageRecord[],
  manifest: string,
  names: readonly string[],
  digests: readonly string[],
  pulledAtMs?: number,
): readonly ImageRecord[] => {
  const others = records.map((record) =>
    record.manifest === manifest ? record : { ...record, names: record.names.filter((name) => !names.includes(name)) },
  );
  const known = others.find((record) => record.manifest === manifest);
  const record: ImageRecord = {
    manifest,
    names: sorted([...(known?.names ?? []), ...names]),
    digests: sorted([...(known?.digests ?? []), ...digests]),
    ...withTime(pulledAtMs ?? known?.pulledAtMs),
  };
  return known === undefined ? [...others, record] : others.map((one) => (one === known ? record : one));
};
