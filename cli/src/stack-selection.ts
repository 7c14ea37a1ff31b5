import type { Option } from 'commander';
import type { ControlClient } from './control-client.ts';
import { UsageError } from './exit-codes.ts';
import type { Io } from './io.ts';
import { fileOption, projectOption } from './load-stack.ts';
import { type Selection, type SelectionOptions, selectStack } from './project.ts';

/** -f and -p, for commands that only need to know which stack is meant. */
export const selectionOptions = (fileFlags?: string): readonly Option[] => [projectOption(), fileOption(fileFlags)];

/** The stack meant; without one a wrong use, whose hint names the stacks there are. */
export const requireStack = async (options: SelectionOptions, io: Io, control: ControlClient): Promise<Selection> => {
  const selection = await selectStack(options, io);
  if (selection !== undefined) return selection;
  const { stacks } = await control.listStacks({});
  const names = stacks.map((stack) => stack.name).join(', ');
  throw new UsageError(
    'which stack? There is no compose file in this folder',
    `Name it with -p${names === '' ? '; the cluster has none yet.' : `; the cluster has: ${names}.`}`,
  );
};
