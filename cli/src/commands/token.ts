import { Argument } from 'commander';
import { addPlaceOptions, type Call, example, formatOption, type Registrar } from '../command-host.ts';

export const registerToken: Registrar = (program, host) => {
  const command = program
    .command('token')
    .description('the command that joins another host, with the secret for its role')
    .addArgument(new Argument('<role>', 'what the host is to be').choices(['worker', 'manager']))
    .option('--rotate', 'another secret; the old one is refused at once')
    .option('-q, --quiet', 'the token only')
    .addOption(formatOption())
    .action(
      host.act(async (call: Call<{ readonly rotate?: boolean }>) =>
        (await import('../cluster/tokens.ts')).showToken(call, call.args[0] === 'manager' ? 'manager' : 'worker'),
      ),
    );
  addPlaceOptions(command);
  example(command, 'tso token worker', 'tso token -q manager', 'tso token --rotate worker');
};
