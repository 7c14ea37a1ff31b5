import { type Command, Option } from 'commander';
import { formatOption } from './command-host.ts';
import { parseTimeout } from './options.ts';

/** What every command takes that changes something and waits until it is so. */
export const addWaitOptions = (command: Command): Command =>
  command
    .option('-d, --detach', 'return once the cluster accepted it')
    .option('--timeout <seconds>', 'give up waiting after this long, exit code 3', parseTimeout)
    .addOption(new Option('--progress <mode>', 'live view or lines').choices(['auto', 'plain', 'quiet']))
    .option('-q, --quiet', 'no progress')
    .addOption(formatOption());
