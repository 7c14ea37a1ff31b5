import type { Platform } from '@tso/proto';
import type { ImageArchive } from './save.ts';

/** The part of an OCI image configuration that running it needs (OCI image-spec config.md). */
export interface ImageConfig {
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly env: readonly string[];
  readonly workingDir: string;
  readonly user: string;
  readonly volumes: readonly string[];
  readonly exposedPorts: readonly string[];
  readonly stopSignal: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** An image that is wholly on this host. */
export interface Image {
  /** Digest of the configuration: `sha256:…`. */
  readonly id: string;
  /** Full names, sorted: `docker.io/library/redis:7`. */
  readonly names: readonly string[];
  /** Digest of the manifest: what a registry calls it. */
  readonly digest: string;
  readonly sizeBytes: number;
  readonly createdAtMs: number;
  readonly platform: Platform;
  readonly config: ImageConfig;
  /** diffIDs, lowest first. */
  readonly layers: readonly string[];
  /** When a registry last said that it is what its name means; absent: it was brought here otherwise. */
  readonly pulledAtMs?: number;
}

export interface PullProgress {
  readonly layersTotal: number;
  readonly layersDone: number;
  readonly bytesTotal: number;
  readonly bytesDone: number;
}

export interface RegistryCredentials {
  readonly username: string;
  readonly password: string;
}

export interface PullOptions {
  /** "" or os/arch[/variant]; "" is this host's. */
  readonly platform?: string;
  readonly credentials?: RegistryCredentials;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: PullProgress) => void;
}

/** An archive, given which blobs need not be in it. */
export type ArchiveSource = (have: readonly string[]) => AsyncIterable<Uint8Array>;

export interface TakeInOptions {
  /** Of the manifest; undefined: whichever it is. */
  readonly digest?: string | undefined;
  /** What it consists of, when that is known before. */
  readonly blobs: readonly string[];
  /** None: the archive's own. */
  readonly names: readonly string[];
  readonly signal?: AbortSignal;
}

export interface FetchOptions {
  readonly name: string;
  /** "" or os/arch[/variant]; "" is this host's. */
  readonly platform: string;
  readonly signal?: AbortSignal;
}

/** Uid and gid offset of a remapped user namespace: root inside is `base` outside. */
export interface IdShift {
  readonly base: number;
  readonly size: number;
}

/** What `image/image-store.ts` offers the rest of the agent. Names are given as users write them (`redis`, `host:5000/a/b:tag`, `…@sha256:…`, an id or its start). */
export interface Images {
  start(): Promise<void>;
  list(): readonly Image[];
  find(name: string): Image | undefined;
  /** By the digest of its manifest. */
  findDigest(digest: string): Image | undefined;
  /** NOT_FOUND, UNAUTHENTICATED, UNAVAILABLE (registry), DATA_LOSS (a digest differs): nothing half-made is left. */
  pull(name: string, options?: PullOptions): Promise<Image>;
  /** A root filesystem tar (plain, gzip or zstd) as a one-layer image. `changes` are Dockerfile lines: CMD, ENTRYPOINT, ENV, EXPOSE, USER, VOLUME, WORKDIR, LABEL, STOPSIGNAL. */
  importRootfs(
    tar: AsyncIterable<Uint8Array>,
    options: { readonly name: string; readonly changes: readonly string[]; readonly signal?: AbortSignal },
  ): Promise<Image>;
  /** An OCI archive or a docker-archive (plain, gzip or zstd), told apart by its content. All its images. */
  load(tar: AsyncIterable<Uint8Array>, options?: { readonly signal?: AbortSignal }): Promise<readonly Image[]>;
  /**
   * One image of an archive, for whatever platform, with these names instead of its own; `source` may leave out the blobs that it is told are
   * here. DATA_LOSS: it holds another one, or several.
   */
  takeIn(source: ArchiveSource, options: TakeInOptions): Promise<Image>;
  /** Names more for an image that is here; whatever had them loses them. */
  name(digest: string, names: readonly string[]): Promise<Image>;
  /**
   * An image from another node: `source` is asked for its archive, without the blobs that it is told are here. Verified by its digest as a
   * pull is.
   */
  fetch(digest: string, source: ArchiveSource, options: FetchOptions): Promise<Image>;
  /** Hands out the image's archive, without those blobs, and keeps it whole meanwhile. NOT_FOUND: it is not here. */
  save<T>(digest: string, have: ReadonlySet<string>, use: (archive: ImageArchive, image: Image) => Promise<T>): Promise<T>;
  /** Drops the name; the image itself too when that was its last name. `inUse`: ids that a container needs (CONFLICT). */
  remove(name: string, inUse: ReadonlySet<string>): Promise<void>;
  /** Unpacked layer folders for overlayfs, lowest first; shifted copies when asked. */
  layerFolders(image: Image, shift?: IdShift): Promise<readonly string[]>;
}

/** What `image/snapshotter.ts` offers: a container's own view of an image, copy-on-write. All idempotent. */
export interface Rootfses {
  /** Mounts and returns the absolute path of the root filesystem. */
  mount(containerId: string, layerFolders: readonly string[], shift?: IdShift): Promise<string>;
  /** Unmounts and deletes what the container wrote. */
  remove(containerId: string): Promise<void>;
  /** Container ids that have a root filesystem here, mounted or not. */
  list(): Promise<readonly string[]>;
}
