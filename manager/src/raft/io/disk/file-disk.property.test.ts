import test from 'ava';
import fc from 'fast-check';
import type { DiskWrite } from '../ports.ts';
import type { FileDisk } from './index.ts';
import { chunksOf, create, entry, hard, metaAt, readAll, reopen, synced } from './testing/disk-fixture.ts';
import { compacted, type DiskModel, describe, duringWrite, emptyModel, isAs, lastOf, observed, written } from './testing/disk-model.ts';
import { chance, MemoryFiles } from './testing/memory-files.ts';

const directory = '/memory';

/** What is asked of the disk; numbers are taken relative to what it holds by then. */
type Action =
  | { readonly kind: 'append'; readonly back: number; readonly terms: readonly number[]; readonly size: number }
  | { readonly kind: 'vote' | 'hear' | 'rotate' }
  | { readonly kind: 'restart' }
  | { readonly kind: 'save' | 'compact'; readonly share: number }
  | { readonly kind: 'adopt'; readonly ahead: number; readonly entries: number }
  | { readonly kind: 'crash'; readonly after: number; readonly seed: number };

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      back: fc.nat(4),
      terms: fc.array(fc.nat({ max: 1 }), { minLength: 1, maxLength: 6 }),
      size: fc.constantFrom(0, 10, 300, 1_500),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('vote' as const, 'hear' as const, 'rotate' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('save' as const, 'compact' as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('adopt' as const), ahead: fc.integer({ min: 1, max: 5 }), entries: fc.nat(2) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('crash' as const), after: fc.integer({ min: 1, max: 12 }), seed: fc.nat() }) },
);

/** A call, and what it may leave when a crash interrupts it. */
interface Call {
  readonly run: (disk: FileDisk) => Promise<void>;
  readonly after: DiskModel;
  readonly during: readonly DiskModel[];
}

const writing = (model: DiskModel, change: DiskWrite): Call => ({
  run: (disk) => disk.write(change),
  after: written(model, change),
  during: duringWrite(model, change),
});

const appending = (model: DiskModel, { back, terms, size }: Extract<Action, { kind: 'append' }>): Call => {
  const { commit } = model.hardState;
  const last = lastOf(model).index;
  const first = Math.max(commit + 1, last + 1 - back, model.base.index + 1);
  // What replaces others is of a newer term, or it would be the same.
  let term = Math.max(model.hardState.term, 1) + (first <= last ? 1 : 0);
  const entries = terms.map((more, at) => {
    term += more;
    return entry(first + at, term, `${first + at}`.padEnd(size, '.'));
  });
  return writing(model, synced({ entries, hardState: hard(term, 1, Math.max(commit, first - 1)) }));
};

const adopting = (model: DiskModel, { ahead, entries }: Extract<Action, { kind: 'adopt' }>): Call => {
  const term = model.hardState.term + 1;
  const index = Math.max(model.hardState.commit, model.snapshot) + ahead;
  const behind = Array.from({ length: entries }, (_, at) => entry(index + 1 + at, term, 'behind'));
  const change = synced({ snapshot: metaAt(index, term), entries: behind, hardState: hard(term, 0, index) });
  return {
    ...writing(model, change),
    run: async (disk) => {
      await disk.receiveSnapshot(metaAt(index, term), chunksOf(`state at ${index}`));
      await disk.write(change);
    },
  };
};

const unchanged = (model: DiskModel, run: Call['run']): Call => ({ run, after: model, during: [model] });

const changing = (model: DiskModel, after: DiskModel, run: Call['run']): Call => ({ run, after, during: [model, after] });

const saving = (model: DiskModel, share: number): Call => {
  const index = model.snapshot + Math.floor((model.hardState.commit - model.snapshot) * share);
  const term = model.entries.find((found) => found.index === index)?.term;
  if (index <= model.snapshot || term === undefined) return unchanged(model, async () => undefined);
  return changing(model, { ...model, snapshot: index }, (disk) => disk.saveSnapshot(metaAt(index, term), chunksOf(`state at ${index}`)));
};

const callOf = (model: DiskModel, asked: Exclude<Action, { kind: 'crash' | 'restart' }>): Call => {
  const { term, commit } = model.hardState;
  switch (asked.kind) {
    case 'append':
      return appending(model, asked);
    case 'adopt':
      return adopting(model, asked);
    case 'save':
      return saving(model, asked.share);
    case 'compact': {
      const index = model.base.index + Math.floor((model.snapshot - model.base.index) * asked.share);
      return changing(model, compacted(model, index), (disk) => disk.compact(index));
    }
    case 'vote':
      return writing(model, synced({ hardState: hard(term + 1, 2, commit) }));
    case 'hear': {
      const change = { ...synced({ hardState: { ...model.hardState, commit: lastOf(model).index } }), mustSync: false };
      return changing(model, written(model, change), (disk) => disk.write(change));
    }
    case 'rotate':
      return unchanged(model, (disk) => disk.rotateKey());
  }
};

class Life {
  readonly #files = new MemoryFiles();
  readonly #own;
  #disk: FileDisk | undefined;
  #model: DiskModel = emptyModel;
  /** The commit index that is durable for sure: a newer one need not be. */
  #durableCommit = 0;
  #crashSeed: number | undefined;

  constructor(cacheBytes: number) {
    this.#own = { segmentBytes: 2_000, cacheBytes };
  }

  async live(actions: readonly Action[]): Promise<void> {
    this.#disk = await create(directory, this.#own, { files: this.#files });
    this.#model = observed(this.#disk);
    for (const asked of actions) {
      if (asked.kind === 'crash') this.#arm(asked);
      else if (asked.kind === 'restart') await this.#restart();
      else await this.#call(callOf(this.#model, asked), asked.kind);
    }
    await this.#restart();
  }

  #arm({ after, seed }: Extract<Action, { kind: 'crash' }>): void {
    if (this.#crashSeed !== undefined) return;
    this.#crashSeed = seed;
    this.#files.arm({ at: this.#files.operations + after, with: 'crash' });
  }

  async #restart(): Promise<void> {
    const disk = this.#disk;
    await this.#call({ run: async () => disk?.close(), after: this.#model, during: [this.#model] }, 'close');
    if (this.#disk !== disk) return;
    this.#disk = undefined;
    await this.#reopen([this.#model], 'restart');
  }

  async #call({ run, after, during }: Call, what: string): Promise<void> {
    const disk = this.#disk;
    if (disk === undefined) return;
    if ((await Promise.race([run(disk), this.#files.crashed])) === 'crashed') {
      this.#disk = undefined;
      const possible = [...during, ...during.map((model) => this.#withoutBuffered(model))];
      return this.#reopen(possible, `crash in ${what}, ${this.#files.trace.at(-1)}`);
    }
    const wasSynced = what === 'append' || what === 'vote' || what === 'adopt' || what === 'close';
    if (wasSynced) this.#durableCommit = after.hardState.commit;
    this.#model = after;
    if (what !== 'close') this.#expect(observed(disk), [after], what);
  }

  #withoutBuffered(model: DiskModel): DiskModel {
    const { term, vote, commit } = model.hardState;
    // What was heard goes with the next write; before that, a crash forgets it.
    const sure = Math.max(this.#durableCommit, model.snapshot > this.#model.snapshot ? model.snapshot : 0);
    return { ...model, hardState: { term, vote, commit: Math.min(commit, sure) } };
  }

  /** Opens what is there, again and again when the crash comes only now. */
  async #reopen(possible: readonly DiskModel[], what: string): Promise<void> {
    for (;;) {
      const down = this.#crashSeed;
      const disk = await this.#tryOpen();
      if (disk === undefined && down !== undefined) continue;
      if (disk === undefined) throw new Error(`${what}: did not open`);
      this.#disk = disk;
      this.#crashSeed = undefined;
      this.#files.arm(undefined);
      const seen = observed(disk);
      this.#expect(seen, possible, what);
      const text = (await readAll((await disk.openSnapshot()).contents)).toString();
      if (text !== (seen.snapshot === 1 ? 'the beginning' : `state at ${seen.snapshot}`))
        throw new Error(`${what}: snapshot holds ${text}`);
      this.#model = seen;
      this.#durableCommit = seen.hardState.commit;
      return;
    }
  }

  async #tryOpen(): Promise<FileDisk | undefined> {
    const seed = this.#crashSeed;
    const isDown = seed !== undefined && (await Promise.race([this.#files.crashed, Promise.resolve('up')])) === 'crashed';
    if (isDown) {
      this.#files.reboot(chance(seed));
      this.#crashSeed = undefined;
    }
    const opened = await Promise.race([reopen(directory, this.#own, { files: this.#files }), this.#files.crashed]);
    return opened === 'crashed' ? undefined : opened;
  }

  #expect(seen: DiskModel, possible: readonly DiskModel[], what: string): void {
    if (possible.some((model) => isAs(seen, model))) return;
    throw new Error(`${what}: found\n  ${describe(seen)}\nnone of\n  ${possible.map(describe).join('\n  ')}`);
  }
}

test('whatever is written, and whenever it crashes, the disk holds what was acknowledged', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 40 }), fc.constantFrom(0, 3_000, 1_000_000), async (actions, cacheBytes) => {
      await new Life(cacheBytes).live(actions);
    }),
    { numRuns: 600, includeErrorInReport: true },
  );
  t.pass();
});
