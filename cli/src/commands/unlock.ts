import { Argument } from 'commander';
import { addPlaceOptions, type Call, example, formatOption, type Registrar } from '../command-host.ts';

const locking = () => import('../cluster/autolock.ts');

export const registerUnlock: Registrar = (program, host) => {
  const command = program
    .command('unlock')
    .description('open the locked manager of this host; the key is asked for, or read from standard input')
    .addOption(formatOption())
    .action(host.act(async (call: Call<object>) => (await import('../cluster/membership.ts')).unlock(call)));
  addPlaceOptions(command);
  example(command, 'sudo tso unlock', 'sudo tso unlock < key-file');
};

export const registerUnlockKey: Registrar = (program, host) => {
  const command = program
    .command('unlock-key')
    .description('the key that managers ask for after a restart')
    .option('--rotate', 'another key; managers that are down at that time need the old one once more')
    .option('-q, --quiet', 'the key only')
    .addOption(formatOption())
    .action(host.act(async (call: Call<{ readonly rotate?: boolean }>) => (await locking()).showUnlockKey(call)));
  addPlaceOptions(command);
  example(command, 'tso unlock-key', 'tso unlock-key -q --rotate');
};

export const registerAutolock: Registrar = (program, host) => {
  const command = program
    .command('autolock')
    .description('whether managers need a key after a restart; without a word it says how it is')
    .addArgument(new Argument('[state]', 'what it is to be').choices(['on', 'off']))
    .option('-q, --quiet', 'the key only')
    .addOption(formatOption())
    .action(host.act(async (call: Call<object>) => (await locking()).setAutolock(call)));
  addPlaceOptions(command);
  example(command, 'tso autolock', 'tso autolock on', 'tso autolock off');
};
