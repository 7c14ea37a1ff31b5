// node --import FILE_URL?VARIANT: a manager with one rule left out. Its sources stay as they are; that process alone reads them otherwise.
import { registerHooks } from 'node:module';

/** Text that must be found exactly once in a file of the manager, and what stands there in the broken variant. */
interface Patch {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const patches: Readonly<Record<string, Patch>> = {
  'reads-without-read-index': {
    file: '/manager/src/replication/replicated-store.ts',
    from: 'return this.#driver.read();',
    to: 'return Promise.resolve();',
  },
  'leader-reads-without-asking': {
    file: '/manager/src/replication/replicated-store.ts',
    from: 'return this.#driver.read();',
    to: "return this.#driver.role === 'leader' ? Promise.resolve() : this.#driver.read();",
  },
  'leader-answers-before-it-is-committed': {
    file: '/manager/src/replication/replicated-store.ts',
    from: 'const { index, outcome } = await this.#driver.command(command, place);',
    to: `const doing = this.#driver.command(command, place);
    const soon = this.#driver.role !== 'leader' ? doing : new Promise((resolve) => setTimeout(() => resolve({ index: this.#driver.applied.index }), 5));
    const { index, outcome } = await Promise.race([doing, soon]);`,
  },
};

const patch = patches[new URL(import.meta.url).search.slice(1)];
if (patch === undefined) throw new Error(`${import.meta.url} names no variant`);

registerHooks({
  load: (url, context, next) => {
    const loaded = next(url, context);
    if (!url.endsWith(patch.file)) return loaded;
    const text = String(loaded.source);
    if (text.split(patch.from).length !== 2) throw new Error(`${patch.file} reads otherwise now: adapt the broken variant of it`);
    return { ...loaded, source: text.replace(patch.from, patch.to) };
  },
});
