import type { RebalanceOptions } from '../cluster/rebalance.ts';
import { addPlaceOptions, type Call, example, type Registrar } from '../command-host.ts';
import { selectionOptions } from '../stack-selection.ts';
import { addWaitOptions } from '../wait-options.ts';

export const registerRebalance: Registrar = (program, host) => {
  const command = addWaitOptions(
    program
      .command('rebalance')
      .description('spread the tasks of services over the nodes anew, within their update limits, and wait until they are')
      .argument('[service...]', 'only these services'),
  )
    .option('--dry-run', 'print what would move, move nothing')
    .action(host.act(async (call: Call<RebalanceOptions>) => (await import('../cluster/rebalance.ts')).rebalanceStack(call)));
  for (const option of selectionOptions()) command.addOption(option);
  addPlaceOptions(command);
  example(command, 'tso rebalance -p visits', 'tso rebalance -p visits web --dry-run');
};
