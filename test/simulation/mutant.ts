import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type CoreModule, shippedCore } from './core-door.ts';
import type { DiskHabit } from './disk.ts';
import { type RoomModule, shippedRoom } from './driver-door.ts';
import type { Focus } from './schedule.ts';

/** Text that must be found exactly once in a file of the core, and what stands there in the broken variant. */
export interface Patch {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

export interface Mutant {
  readonly name: string;
  /** What was seen in liferaft, or a rule of the core that the mutant leaves out. */
  readonly bug: string;
  readonly patches: readonly Patch[];
  readonly disk?: DiskHabit;
  /** The room whose files are patched; those of `io` are run with the real driver. */
  readonly kind?: 'core' | 'io';
  /** Schedules that are directed at it; else all take part. */
  readonly focus?: Focus;
  /** Why nothing can go wrong without the rule, when that is so: then no seed may catch it. */
  readonly harmless?: string;
}

export const patch = (file: string, from: string, to: string): Patch => ({ file, from, to });

const raftFolder = join(import.meta.dirname, '../../manager/src/raft');
const modules = join(import.meta.dirname, '../../node_modules');

const patched = (text: string, { file, from, to }: Patch): string => {
  const parts = text.split(from);
  if (parts.length !== 2) throw new Error(`${file}: the text to be broken is there ${parts.length - 1} times instead of once: ${from}`);
  return parts.join(to);
};

/** What a mutant is run with. */
export interface Parts {
  readonly core: CoreModule;
  readonly room: RoomModule;
}

const isSource = (path: string): boolean =>
  !path.endsWith('.test.ts') && !/\/(testdata|testing|transport)(\/|$)/.test(path.slice(raftFolder.length));

/** Builds the broken variant in a temporary folder and hands it to `work`. */
export const withMutant = async <T>(mutant: Mutant, work: (parts: Parts) => Promise<T>): Promise<T> => {
  if (mutant.patches.length === 0) return work({ core: shippedCore, room: shippedRoom });
  const folder = mkdtempSync(join(tmpdir(), 'tso-mutant-'));
  const load = (path: string) => import(pathToFileURL(join(folder, path)).href);
  try {
    symlinkSync(modules, join(folder, 'node_modules'));
    writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
    cpSync(raftFolder, join(folder, 'raft'), { recursive: true, filter: isSource });
    for (const it of mutant.patches) {
      const path = join(folder, 'raft', mutant.kind ?? 'core', it.file);
      writeFileSync(path, patched(readFileSync(path, 'utf8'), it));
    }
    if (mutant.kind !== 'io') return await work({ core: (await load('raft/core/index.ts')) as CoreModule, room: shippedRoom });
    const room = { ...(await load('raft/io/driver.ts')), ...(await load('raft/io/disk/index.ts')) } as RoomModule;
    return await work({ core: shippedCore, room });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
