import type { Mutant } from './mutant.ts';

/** Rules of durability that the core cannot keep alone, broken by a disk one at a time. */
export const diskMutants: readonly Mutant[] = [
  { name: 'forgets-failed-syncs', bug: 'a failed sync is forgotten and the next one believed', patches: [], disk: 'forgets-failed-syncs' },
  { name: 'renames-unsynced', bug: 'a snapshot gets its name before its contents are durable', patches: [], disk: 'renames-unsynced' },
  { name: 'looks-at-no-check', bug: 'what is read back is believed without its checks', patches: [], disk: 'looks-at-no-check' },
  { name: 'comes-back-empty', bug: 'a wiped manager comes back under its old id', patches: [], disk: 'comes-back-empty' },
];
