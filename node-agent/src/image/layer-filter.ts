import { TsoError } from '@tso/proto';
import { LayerTree, parentOf, splitName } from './layer-tree.ts';
import type { TarEntry } from './tar-format.ts';
import { binaryString, bytesOf, encodeEntry, endOfArchive, noXattrs, padding, printable } from './tar-format.ts';
import { TarReader } from './tar-reader.ts';
import type { IdShift } from './types.ts';

const whiteoutPrefix = '.wh.';
const opaqueName = '.wh..wh..opq';
/** What AUFS kept for itself; docker passes over it as well. */
const aufsPrefix = '.wh..wh.';
const opaqueXattr: ReadonlyMap<string, string> = new Map([['trusted.overlay.opaque', 'y']]);

/** What was learned of a layer while it went by. */
export interface LayerSummary {
  /** Sum of the files' contents. */
  readonly sizeBytes: number;
  /** Directories named by no entry, parents first, as binary strings; "" is the root. They look as in the layers below. */
  readonly implicitDirectories: readonly string[];
  /** The layer hides everything below it. Overlayfs knows no opaque root, so the caller leaves the lower layers out. */
  readonly opaqueRoot: boolean;
  /** Names in the root, as binary strings. */
  readonly rootNames: readonly string[];
}

/** What to do next: bytes for the running GNU tar; or let it end, delete these paths (children first), and start another. */
export type FilterStep =
  | { readonly kind: 'bytes'; readonly parts: readonly Uint8Array[] }
  | { readonly kind: 'cut'; readonly remove: readonly string[] };

/** Each one costs a process; an honest layer has none. */
const maxCuts = 100;

/**
 * Turns the tar of a layer into one that GNU tar unpacks as an overlayfs layer, safely: every name comes out canonical and resolved by
 * `LayerTree`, whiteouts as 0:0 character devices and opaque directories as trusted.overlay.opaque (kernel overlayfs.rst), only harmless
 * attributes, ids shifted where asked. Nothing of the input reaches GNU tar unparsed, so the two cannot read one header differently.
 *
 * Whiteouts come last: by OCI image-spec layer.md they hide the layers below, never this layer's own entries, whatever the order.
 */
export class LayerFilter {
  readonly #shift: IdShift | undefined;
  readonly #reader = new TarReader();
  readonly #tree = new LayerTree();
  readonly #whiteouts = new Set<string>();
  readonly #opaque = new Set<string>();
  #steps: FilterStep[] = [];
  /** Of the last step, while it is bytes. */
  #parts: Uint8Array[] | undefined;
  #cuts = 0;
  #skipping = false;
  #contentBytes = 0;
  #sizeBytes = 0;

  constructor(options: { readonly shift: IdShift | undefined }) {
    this.#shift = options.shift;
  }

  /** What to write on for this piece. The result may share memory with the piece. DATA_LOSS when the layer is damaged or malicious. */
  push(piece: Uint8Array): readonly FilterStep[] {
    for (const event of this.#reader.push(piece)) {
      if (event.kind === 'entry') this.#entry(event.entry);
      else if (event.kind === 'data') this.#data(event.bytes);
      else this.#end();
    }
    return this.#taken();
  }

  /** The rest, with the end mark. */
  finish(): { readonly rest: readonly FilterStep[]; readonly summary: LayerSummary } {
    this.#reader.finish();
    for (const path of this.#whiteouts) this.#whiteout(path);
    // What came after a cut changed the times of folders that were already set.
    if (this.#cuts > 0) for (const entry of this.#tree.namedDirectories()) this.#emit(entry);
    for (const path of this.#opaque) if (path !== '' && this.#tree.kindOf(path) === 'directory') this.#emitOpaque(path);
    this.#write(endOfArchive());
    const summary: LayerSummary = {
      sizeBytes: this.#sizeBytes,
      implicitDirectories: this.#tree.implicitDirectories(),
      opaqueRoot: this.#opaque.has(''),
      rootNames: this.#tree.rootNames(),
    };
    return { rest: this.#taken(), summary };
  }

  #taken(): readonly FilterStep[] {
    const steps = this.#steps;
    this.#steps = [];
    this.#parts = undefined;
    return steps;
  }

  #write(...bytes: readonly Uint8Array[]): void {
    if (this.#parts === undefined) {
      this.#parts = [];
      this.#steps.push({ kind: 'bytes', parts: this.#parts });
    }
    this.#parts.push(...bytes);
  }

  #cut(remove: readonly string[]): void {
    this.#cuts += 1;
    if (this.#cuts > maxCuts)
      throw new TsoError('DATA_LOSS', `the layer replaces its own entries more than ${maxCuts} times`, { hint: 'Build the image again' });
    this.#write(endOfArchive());
    this.#steps.push({ kind: 'cut', remove });
    this.#parts = undefined;
  }

  #entry(entry: TarEntry): void {
    this.#contentBytes = 0;
    const parts = splitName(entry.name);
    const base = parts.at(-1) ?? '';
    this.#skipping = base.startsWith(whiteoutPrefix) || parts.some((part) => part.startsWith(aufsPrefix));
    if (!this.#skipping) {
      this.#keep(entry);
      return;
    }
    if (parts.slice(0, -1).some((part) => part.startsWith(aufsPrefix))) return;
    if (base === opaqueName) this.#opaque.add(parentOf(this.#place(entry.name)));
    else if (!base.startsWith(aufsPrefix)) this.#noteWhiteout(entry.name, base);
  }

  #noteWhiteout(name: string, base: string): void {
    const hidden = base.slice(whiteoutPrefix.length);
    if (hidden === '' || hidden === '.' || hidden === '..')
      throw new TsoError('DATA_LOSS', `layer entry ${printable(name)} is a whiteout of nothing`);
    const parent = parentOf(this.#place(name));
    this.#whiteouts.add(parent === '' ? hidden : `${parent}/${hidden}`);
  }

  #keep(entry: TarEntry): void {
    const path = this.#place(entry.name);
    // A hard link's target is resolved before the entry takes its own place.
    const linkName = entry.kind === 'link' ? this.#tree.linkTarget(entry, path) : entry.linkName;
    const kept: TarEntry = { ...entry, name: path, linkName, ...this.#ids(entry), xattrs: this.#harmless(entry) };
    const displaced = this.#tree.displace(path, entry.kind);
    if (displaced.length > 0) this.#cut(displaced);
    this.#tree.put(path, entry.kind, kept);
    this.#sizeBytes += entry.sizeBytes;
    this.#emit(kept);
  }

  #place(name: string): string {
    const { path, created } = this.#tree.place(name);
    for (const directory of created) this.#emit(this.#plainDirectory(directory));
    return path;
  }

  #plainDirectory(name: string): TarEntry {
    const owner = this.#shift?.base ?? 0;
    return {
      kind: 'directory',
      name,
      linkName: '',
      mode: 0o755,
      uid: owner,
      gid: owner,
      sizeBytes: 0,
      mtime: '0',
      devMajor: 0,
      devMinor: 0,
      xattrs: noXattrs,
    };
  }

  #emit(entry: TarEntry): void {
    this.#write(...encodeEntry(entry.name === '' ? { ...entry, name: './' } : entry));
  }

  #whiteout(path: string): void {
    const parent = this.#tree.kindOf(parentOf(path));
    const own = this.#tree.kindOf(path);
    if (parent !== 'directory') return;
    if (own === 'directory') this.#opaque.add(path);
    else if (own === undefined) {
      this.#tree.put(path, 'char');
      this.#emit({ ...this.#plainDirectory(path), kind: 'char', mode: 0 });
    }
  }

  #emitOpaque(path: string): void {
    const entry = this.#tree.directoryEntry(path) ?? this.#plainDirectory(path);
    this.#emit({ ...entry, name: path, xattrs: new Map([...entry.xattrs, ...opaqueXattr]) });
  }

  #data(bytes: Uint8Array): void {
    if (this.#skipping) return;
    this.#contentBytes += bytes.length;
    this.#write(bytes);
  }

  #end(): void {
    const rest = padding(this.#contentBytes);
    if (!this.#skipping && rest.length > 0) this.#write(rest);
  }

  #ids(entry: TarEntry): { readonly uid: number; readonly gid: number } {
    const shift = this.#shift;
    if (shift === undefined) return { uid: entry.uid, gid: entry.gid };
    if (entry.uid >= shift.size || entry.gid >= shift.size || entry.uid < 0 || entry.gid < 0) {
      throw new TsoError(
        'FAILED_PRECONDITION',
        `layer entry ${printable(entry.name)} belongs to ${entry.uid}:${entry.gid}, outside the ${shift.size} ids of the user namespace`,
        {
          hint: 'Give the user namespace more ids, or run the service without one',
        },
      );
    }
    return { uid: entry.uid + shift.base, gid: entry.gid + shift.base };
  }

  /** File capabilities and user attributes. The rest would be read by the host: trusted.overlay.* redirects, security labels, ACLs of foreign ids. */
  #harmless(entry: TarEntry): ReadonlyMap<string, string> {
    if (entry.xattrs.size === 0 || (entry.kind !== 'file' && entry.kind !== 'directory')) return noXattrs;
    const kept = new Map<string, string>();
    for (const [key, value] of entry.xattrs) {
      if (key === 'security.capability') kept.set(key, this.#shift === undefined ? value : shiftCapability(value, this.#shift.base));
      else if (key.startsWith('user.')) kept.set(key, value);
    }
    return kept;
  }
}

/**
 * A file capability as a remapped user namespace honours it: revision 3, which names the uid that is root there (capabilities(7), "Namespaced
 * file capabilities"). Revision 1 and what is not understood stay as they are, and so have no effect inside.
 */
export const shiftCapability = (value: string, base: number): string => {
  const bytes = bytesOf(value);
  const view = new DataView(bytes.buffer);
  if (bytes.length < 20) return value;
  const magic = view.getUint32(0, true);
  const revision = magic >>> 24;
  if (revision !== 2 && revision !== 3) return value;
  const root = revision === 3 && bytes.length >= 24 ? view.getUint32(20, true) : 0;
  const shifted = new Uint8Array(24);
  shifted.set(bytes.subarray(0, 20));
  const out = new DataView(shifted.buffer);
  out.setUint32(0, ((magic & 0x00ffffff) | 0x03000000) >>> 0, true);
  out.setUint32(20, root + base, true);
  return binaryString(shifted);
};
