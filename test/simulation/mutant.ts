import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type CoreModule, shippedCore } from './core-door.ts';
import type { DiskHabit } from './disk.ts';
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
  /** Schedules that are directed at it; else all take part. */
  readonly focus?: Focus;
  /** Why nothing can go wrong without the rule, when that is so: then no seed may catch it. */
  readonly harmless?: string;
}

export const patch = (file: string, from: string, to: string): Patch => ({ file, from, to });

const coreFolder = join(import.meta.dirname, '../../manager/src/raft/core');
const modules = join(import.meta.dirname, '../../node_modules');

const patched = (text: string, { file, from, to }: Patch): string => {
  const parts = text.split(from);
  if (parts.length !== 2) throw new Error(`${file}: the text to be broken is there ${parts.length - 1} times instead of once: ${from}`);
  return parts.join(to);
};

/** Builds the broken core in a temporary folder and hands it to `work`. */
export const withMutant = async <T>(mutant: Mutant, work: (core: CoreModule) => Promise<T>): Promise<T> => {
  if (mutant.patches.length === 0) return work(shippedCore);
  const folder = mkdtempSync(join(tmpdir(), 'tso-mutant-'));
  try {
    symlinkSync(modules, join(folder, 'node_modules'));
    writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
    cpSync(coreFolder, join(folder, 'core'), {
      recursive: true,
      filter: (path) => !path.endsWith('.test.ts') && !path.includes('testdata'),
    });
    for (const it of mutant.patches) {
      const path = join(folder, 'core', it.file);
      writeFileSync(path, patched(readFileSync(path, 'utf8'), it));
    }
    const core = (await import(pathToFileURL(join(folder, 'core/index.ts')).href)) as CoreModule;
    return await work(core);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
