import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PathStat, RelayFrame } from '@tso/proto';
import { encodeEntry, endOfArchive, noXattrs, padding, type TarEntry } from '../image/tar-format.ts';
import { TarReader } from '../image/tar-reader.ts';
import { copyOutFrames, relayCopyIn } from '../relay/copy.ts';
import type { ContainerPlace } from '../runtime/types.ts';

/** Copies in and out of a folder that plays a container's root filesystem. */

export const own = process.getuid?.() ?? 0;
export const ownGroup = process.getgid?.() ?? 0;
/** Whoever runs the test may give files to nobody but itself, so it plays the container's root. */
export const shift = { base: Math.min(own, ownGroup), size: 1 };
export const never = new AbortController().signal;
/** A root without mounts. */
export const bare = { shift, cover: async () => undefined, isReadOnly: () => false };

export interface Ground {
  /** The container's root filesystem. */
  readonly root: string;
  /** A folder of the host that no copy may touch. */
  readonly outside: string;
  readonly place: ContainerPlace;
  readonly ports: { readonly containers: { files: () => Promise<ContainerPlace> } };
}

export const onGround = async (body: (ground: Ground) => Promise<void>, change: Partial<ContainerPlace> = {}): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'tso-copy-'));
  const root = join(folder, 'root');
  const outside = join(folder, 'outside');
  try {
    await mkdir(root);
    await mkdir(outside);
    await writeFile(join(outside, 'secret'), 'the host’s own');
    const place: ContainerPlace = { process: undefined, rootfs: root, readOnly: false, binds: [], shift, ...change };
    await body({ root, outside, place, ports: { containers: { files: async () => place } } });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

export interface Copied {
  readonly path: PathStat | undefined;
  readonly entries: ReadonlyMap<string, TarEntry & { readonly text: string }>;
  readonly warnings: readonly string[];
}

export const copyOut = async (
  ground: Ground,
  path: string,
  options: { followLinks?: boolean; statOnly?: boolean } = {},
): Promise<Copied> => {
  const reader = new TarReader();
  const entries = new Map<string, TarEntry & { text: string }>();
  const warnings: string[] = [];
  let stat: PathStat | undefined;
  let last: (TarEntry & { text: string }) | undefined;
  for await (const frame of copyOutFrames('task', { path, followLinks: false, statOnly: false, ...options }, never, ground.ports)) {
    stat ??= frame.path;
    if (frame.warning !== undefined) warnings.push(frame.warning);
    for (const event of frame.archive === undefined ? [] : reader.push(frame.archive)) {
      if (event.kind === 'entry') {
        last = { ...event.entry, text: '' };
        entries.set(last.name, last);
      } else if (event.kind === 'data' && last !== undefined) last.text += Buffer.from(event.bytes).toString();
    }
  }
  reader.finish();
  return { path: stat, entries, warnings };
};

export const entry = (name: string, change: Partial<TarEntry> = {}): TarEntry => ({
  kind: 'file',
  name,
  linkName: '',
  mode: 0o644,
  uid: 0,
  gid: 0,
  sizeBytes: 0,
  mtime: '1700000000',
  devMajor: 0,
  devMinor: 0,
  xattrs: noXattrs,
  ...change,
});

interface Item extends Partial<TarEntry> {
  readonly name: string;
  readonly text?: string;
}

export const archiveOf = (...items: readonly Item[]): Uint8Array =>
  Buffer.concat([
    ...items.flatMap(({ text, ...change }) => {
      const content = Buffer.from(text ?? '');
      return [...encodeEntry(entry(change.name, { ...change, sizeBytes: content.length })), content, padding(content.length)];
    }),
    endOfArchive(),
  ]);

export const copyIn = async (
  ground: Ground,
  path: string,
  archive: Uint8Array,
  { keepOwner = false, ends = true } = {},
): Promise<readonly RelayFrame[]> => {
  const sent: RelayFrame[] = [];
  const incoming = async function* (): AsyncGenerator<RelayFrame> {
    // Cut where it hurts: in the midst of headers.
    for (let at = 0; at < archive.length; at += 700) yield { archive: archive.subarray(at, at + 700) };
    if (ends) yield { stdinEnd: true };
  };
  const frames = { send: async (frame: RelayFrame) => void sent.push(frame) };
  await relayCopyIn('task', { path, keepOwner, noOverwriteDirNonDir: true }, { frames, incoming: incoming() }, ground.ports);
  return sent;
};
