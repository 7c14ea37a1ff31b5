import { createHash } from 'node:crypto';
import { chmod, chown, lchown, lstat, lutimes, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { assert, isDigest, TsoError } from '@tso/proto';
import { KeyedLock } from '../keyed-lock.ts';
import type { AgentPaths } from '../paths.ts';
import { imagesDir } from '../paths.ts';
import type { BlobStore } from './blob-store.ts';
import { deleteTrees, diskError, privateFolder } from './disk.ts';
import type { IdShift } from './types.ts';
import { type UnpackedLayer, unpackLayer } from './unpack.ts';
import { jsonObject, jsonWhole, parseJson } from './untrusted-json.ts';

/** What is kept beside a layer's files. */
export interface LayerInfo {
  /** Sum of the files' contents. */
  readonly sizeBytes: number;
  /** Nothing below this layer shows. */
  readonly opaqueRoot: boolean;
}

export interface LayerRequest {
  /** Names the layer on top of what lies below it (OCI image-spec config.md, "Layer ChainID"). */
  readonly chainId: string;
  readonly diffId: string;
  /** Digest of its blob, which must be in the blob store when it is unpacked. */
  readonly blob: string;
  /** Chain ids of the layers below, lowest first. */
  readonly below: readonly string[];
  /** Resolves when those are there; unpacking goes on meanwhile. */
  readonly belowReady: Promise<unknown>;
  readonly signal?: AbortSignal | undefined;
}

/** A layer unpacked in the temporary folder, not yet in its place. */
export interface DraftLayer extends UnpackedLayer {
  readonly folder: string;
}

/** One chain id for each diffID, lowest first. */
export const chainIds = (diffIds: readonly string[]): readonly string[] => {
  const chain: string[] = [];
  for (const diffId of diffIds) {
    const below = chain.at(-1);
    chain.push(below === undefined ? diffId : `sha256:${createHash('sha256').update(`${below} ${diffId}`).digest('hex')}`);
  }
  return chain;
};

const infoFile = 'layer.json';
const binaryPath = (folder: string, path: string): Buffer =>
  Buffer.concat([Buffer.from(folder), Buffer.from(path === '' ? '' : `/${path}`, 'latin1')]);

interface Attributes {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeSeconds: number;
}

/** The directory's attributes in one layer; undefined: not there; null: something else hides it. Never follows a symlink. */
const directoryIn = async (folder: string, path: string): Promise<Attributes | undefined | null> => {
  const parts = path === '' ? [] : path.split('/');
  let found: Attributes | undefined;
  for (let depth = 0; depth <= parts.length; depth += 1) {
    try {
      const seen = await lstat(binaryPath(folder, parts.slice(0, depth).join('/')));
      if (!seen.isDirectory()) return null;
      found = { mode: seen.mode & 0o7777, uid: seen.uid, gid: seen.gid, mtimeSeconds: seen.mtimeMs / 1000 };
    } catch {
      // Not in this layer: a lower one decides.
      return undefined;
    }
  }
  return found;
};

/**
 * Unpacked layers, `layers/<chain id>/fs`, ready for overlayfs. Named by the whole chain id: the directories a layer implies without
 * naming them look as in the layers below, so the same tar on another base is another folder; and a shortened digest could be met on
 * purpose by a hostile image. Unpacked in the temporary folder and renamed, so a folder that is there is whole.
 */
export class LayerStore {
  readonly #root: string;
  readonly #blobs: BlobStore;
  readonly #lock = new KeyedLock();

  constructor(options: { readonly paths: AgentPaths }, ports: { readonly blobs: BlobStore }) {
    this.#root = join(imagesDir(options.paths), 'layers');
    this.#blobs = ports.blobs;
  }

  async start(): Promise<void> {
    await privateFolder(this.#root);
  }

  /** The folder for overlayfs. */
  folder(chainId: string, shift?: IdShift): string {
    return join(this.#home(chainId), shift === undefined ? 'fs' : `fs-${shift.base}-${shift.size}`);
  }

  #home(chainId: string): string {
    assert(isDigest(chainId), `${chainId} must be a chain id`);
    return join(this.#root, chainId.slice('sha256:'.length));
  }

  /** What is known of a layer that is here; undefined when it is not. DATA_LOSS when its record is damaged. */
  async info(chainId: string): Promise<LayerInfo | undefined> {
    let bytes: Uint8Array;
    try {
      bytes = await readFile(join(this.#home(chainId), infoFile));
    } catch {
      // Not there: that is the answer.
      return undefined;
    }
    const what = `the record of layer ${chainId}`;
    const object = jsonObject(parseJson(bytes, what), what);
    return { sizeBytes: jsonWhole(object.sizeBytes, `${what}.sizeBytes`), opaqueRoot: object.opaqueRoot === true };
  }

  /** Has the layer unpacked. DATA_LOSS when its content has another diffID; nothing is kept then. */
  ensure(request: LayerRequest): Promise<LayerInfo> {
    return this.#lock.run(request.chainId, async () => {
      const known = await this.info(request.chainId);
      if (known !== undefined) return known;
      const draft = await this.draft(request.blob, { signal: request.signal });
      try {
        if (draft.diffId !== request.diffId) throw wrongContent(request.diffId, draft.diffId);
        await request.belowReady;
        return await this.#settle(draft, request.chainId, request.below);
      } catch (error) {
        await deleteTrees([draft.folder]);
        throw error;
      }
    });
  }

  /** Unpacks a blob of which no diffID is known yet: an import. The caller settles or discards it. */
  async draft(
    blob: string,
    options: { readonly shift?: IdShift | undefined; readonly signal?: AbortSignal | undefined },
  ): Promise<DraftLayer> {
    const folder = this.#blobs.temporaryPath('layer');
    const files = join(folder, 'fs');
    const owner = options.shift?.base ?? 0;
    try {
      await mkdir(files, { recursive: true, mode: 0o700 });
      // Until the layer's own root entry says otherwise; mkdir's mode is subject to the umask.
      await chmod(files, 0o755);
      if (owner !== 0) await chown(files, owner, owner);
      const unpacked = await unpackLayer(this.#blobs.stream(blob), files, options);
      return { ...unpacked, folder };
    } catch (error) {
      await deleteTrees([folder]);
      throw diskError(error, 'unpacking a layer');
    }
  }

  /** Puts a drafted bottom layer in its place. */
  settleBottom(draft: DraftLayer): Promise<LayerInfo> {
    return this.#lock.run(draft.diffId, async () => {
      const known = await this.info(draft.diffId);
      if (known === undefined) return this.#settle(draft, draft.diffId, []);
      await deleteTrees([draft.folder]);
      return known;
    });
  }

  async #settle(draft: DraftLayer, chainId: string, below: readonly string[]): Promise<LayerInfo> {
    const info: LayerInfo = { sizeBytes: draft.summary.sizeBytes, opaqueRoot: draft.summary.opaqueRoot };
    await this.#inheritDirectories(join(draft.folder, 'fs'), draft.summary.implicitDirectories, below, undefined);
    await writeFile(join(draft.folder, infoFile), JSON.stringify(info), { mode: 0o600 });
    await rename(draft.folder, this.#home(chainId));
    return info;
  }

  /** Gives directories that the layer did not name the looks they have below: else a layer with tmp/x alone would make /tmp 0755. */
  async #inheritDirectories(folder: string, paths: readonly string[], below: readonly string[], shift: IdShift | undefined): Promise<void> {
    if (below.length === 0) return;
    const owner = shift?.base ?? 0;
    for (const path of paths) {
      for (const lower of below.toReversed()) {
        const seen = await directoryIn(this.folder(lower), path);
        if (seen === null) break;
        if (seen === undefined) continue;
        const target = binaryPath(folder, path);
        await lchown(target, seen.uid + owner, seen.gid + owner);
        await chmod(target, seen.mode);
        await lutimes(target, seen.mtimeSeconds, seen.mtimeSeconds);
        break;
      }
    }
  }

  /** A copy with every owner moved into the range of a user namespace, made once. The layer and its blob must be here. */
  shifted(request: Omit<LayerRequest, 'belowReady'>, shift: IdShift): Promise<string> {
    const folder = this.folder(request.chainId, shift);
    return this.#lock.run(request.chainId, async () => {
      if (await exists(folder)) return folder;
      const draft = await this.draft(request.blob, { shift, signal: request.signal });
      try {
        if (draft.diffId !== request.diffId) throw wrongContent(request.diffId, draft.diffId);
        await this.#inheritDirectories(join(draft.folder, 'fs'), draft.summary.implicitDirectories, request.below, shift);
        await rename(join(draft.folder, 'fs'), folder);
        return folder;
      } finally {
        await deleteTrees([draft.folder]);
      }
    });
  }

  /** Deletes a layer and its copies unless `needed` says, at the last moment, that someone has come to need it. */
  remove(chainId: string, needed: () => boolean): Promise<void> {
    return this.#lock.run(chainId, async () => {
      if (needed() || !(await exists(this.#home(chainId)))) return;
      // Away in one step, so that a crash in the midst leaves no half layer in its place.
      const doomed = this.#blobs.temporaryPath('removed');
      await rename(this.#home(chainId), doomed);
      await deleteTrees([doomed]);
    });
  }

  /** Chain ids of all layers here. */
  async list(): Promise<readonly string[]> {
    return (await readdir(this.#root)).map((name) => `sha256:${name}`).filter(isDigest);
  }
}

const wrongContent = (expected: string, found: string): TsoError =>
  new TsoError('DATA_LOSS', `layer ${expected} is damaged: its content has the diffID ${found}`, { hint: 'Push or save the image again' });

const exists = async (path: string): Promise<boolean> => {
  try {
    await lstat(path);
    return true;
  } catch {
    // Not there: that is the answer.
    return false;
  }
};
