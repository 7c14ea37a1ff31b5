import type { BenchGroup, GroupSettings } from './consensus-group.ts';

export const TsoGroup = {
  start: async (_: GroupSettings): Promise<BenchGroup> => {
    throw new Error('not yet');
  },
};
