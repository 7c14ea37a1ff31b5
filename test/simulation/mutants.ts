import type { Mutant } from './mutant.ts';
import { diskMutants } from './mutants-disk.ts';
import { liferaftMutants } from './mutants-liferaft.ts';
import { roomMutants } from './mutants-room.ts';
import { ruleMutants } from './mutants-rules.ts';

export const mutants: readonly Mutant[] = [...liferaftMutants, ...ruleMutants, ...diskMutants, ...roomMutants];
