import type { Chunks } from '../../ports.ts';
import type { DiskOptions, FileDisk } from '../index.ts';
import { create, entry, hard, readAll, reopen, synced } from './disk-fixture.ts';
import { type DiskModel, describe, isAs, lastOf, observed } from './disk-model.ts';
import { chance, MemoryFiles } from './memory-files.ts';

type MakeContents = (text: string, times: number) => Chunks;

/** One thing that is asked of a disk. */
export interface Step {
  readonly name: string;
  readonly run: (disk: FileDisk, contents: MakeContents, kek: Uint8Array) => Promise<void>;
  readonly after: (model: DiskModel) => DiskModel;
  /** What a crash within it may leave; before and after when left out. */
  readonly during?: (model: DiskModel) => readonly DiskModel[];
}

const directory = '/memory';
const kek = new Uint8Array(32).fill(7);

const contents: MakeContents = async function* (text, times) {
  for (let at = 0; at < times; at++) yield Buffer.from(text.repeat(200));
};

const lives = (own: Partial<DiskOptions>, files: MemoryFiles): Promise<FileDisk> =>
  reopen(directory, { ...own, keyEncryptionKey: kek }, { files });

/** Runs the steps on a disk in memory, once for each operation that a crash can interrupt. */
export class CrashRig {
  readonly #own: Partial<DiskOptions>;
  readonly #begun: DiskModel;
  readonly #steps: readonly Step[];

  constructor(own: Partial<DiskOptions>, begun: DiskModel, steps: readonly Step[]) {
    this.#own = own;
    this.#begun = begun;
    this.#steps = steps;
  }

  /** What was found wrong, with the point and the seed; each point is tried with that many selections of what survives. */
  async everyPoint(seeds: number): Promise<readonly string[]> {
    const problems: string[] = [];
    const whole = await this.#untilCrash(undefined);
    for (let at = whole.created + 1; at <= whole.operations; at++) {
      for (let seed = 1; seed <= seeds; seed++) {
        const problem = await this.#crashAt(at, seed * 7_919 + at);
        if (problem !== undefined) problems.push(`operation ${at} of ${whole.operations}, seed ${seed}: ${problem}`);
      }
    }
    if (whole.operations - whole.created < this.#steps.length) problems.push('the steps did nothing');
    return problems.slice(0, 5);
  }

  async #untilCrash(at: number | undefined): Promise<{
    readonly files: MemoryFiles;
    readonly possible: readonly DiskModel[];
    readonly step: string;
    readonly created: number;
    readonly operations: number;
  }> {
    const files = new MemoryFiles();
    const disk = await create(directory, this.#own, { files });
    const created = files.operations;
    if (at !== undefined) files.arm({ at, with: 'crash' });
    let model = this.#begun;
    for (const { name, run, after, during } of this.#steps) {
      const end = await Promise.race([run(disk, contents, kek), files.crashed]);
      if (end === 'crashed') {
        const possible = during?.(model) ?? [model, after(model)];
        return { files, possible: [...possible, ...this.#unbuffered(model)], step: name, created, operations: files.operations };
      }
      model = after(model);
    }
    const operations = files.operations;
    await disk.close();
    return { files, possible: [model], step: 'the end', created, operations };
  }

  /** A commit index that need not be durable may be lost with anything that comes before the next write. */
  #unbuffered(model: DiskModel): readonly DiskModel[] {
    return [{ ...model, hardState: { ...model.hardState, commit: Math.min(model.hardState.commit, 11) } }].filter(
      ({ hardState }) => hardState.commit !== model.hardState.commit && hardState.term === 1,
    );
  }

  /** The crash, another one while it is recovered from, and then the recovery. */
  async #crashAt(at: number, seed: number): Promise<string | undefined> {
    const random = chance(seed);
    const { files, possible, step } = await this.#untilCrash(at);
    const what = `${step} (${files.trace.at(-1)})`;
    files.reboot(random);
    try {
      files.arm({ at: files.operations + 1 + Math.floor(random() * 8), with: 'crash' });
      const again = await Promise.race([lives(this.#own, files), files.crashed]);
      if (again === 'crashed') files.reboot(random);
      else {
        files.arm(undefined);
        await again.close();
      }
      return await this.#check(files, possible, what);
    } catch (error) {
      return `${what}: ${String(error)}`;
    }
  }

  async #check(files: MemoryFiles, possible: readonly DiskModel[], what: string): Promise<string | undefined> {
    const disk = await lives(this.#own, files);
    const seen = observed(disk);
    if (!possible.some((model) => isAs(seen, model))) {
      return `${what}: found\n  ${describe(seen)}\nnone of\n  ${possible.map(describe).join('\n  ')}`;
    }
    const text = (await readAll((await disk.openSnapshot()).contents)).toString();
    if (!text.startsWith(seen.snapshot === 1 ? 'the beginning' : `state at ${seen.snapshot} `))
      return `${what}: snapshot holds ${text.slice(0, 40)}`;
    return this.#goOn(files, disk, seen, what);
  }

  /** It takes what comes next, and has it after the next start. */
  async #goOn(files: MemoryFiles, disk: FileDisk, seen: DiskModel, what: string): Promise<string | undefined> {
    const term = Math.max(seen.hardState.term, lastOf(seen).term) + 1;
    const index = lastOf(seen).index + 1;
    const next = { entries: [entry(index, term, 'next')], hardState: hard(term, 1, seen.hardState.commit) };
    await disk.write(synced(next));
    await disk.close();
    const last = await lives(this.#own, files);
    const model = { ...seen, entries: [...seen.entries, ...next.entries], hardState: next.hardState };
    const found = observed(last);
    await last.close();
    return isAs(found, model) ? undefined : `${what}: went on, and found ${describe(found)} in place of ${describe(model)}`;
  }
}
