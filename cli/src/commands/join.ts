import type { JoinOptions } from '../cluster/membership.ts';
import { addPlaceOptions, type Call, example, formatOption, type Registrar } from '../command-host.ts';

export const registerJoin: Registrar = (program, host) => {
  const command = program
    .command('join')
    .description('make this host a node of a cluster that is there')
    .argument('<manager>', 'HOST:PORT of any of its managers')
    .option(
      '--token <token>',
      'what tso token worker or tso token manager showed; others on this machine can see it: - reads it from standard input',
    )
    .option('--token-file <file>', 'the same from a file that only root can read')
    .option('--advertise-addr <addr[:port]>', 'the address that other hosts reach this one by')
    .option('--listen-addr <addr:port>', 'where this host listens once it is a manager (default 0.0.0.0:2478)')
    .addOption(formatOption())
    .action(host.act(async (call: Call<JoinOptions>) => (await import('../cluster/membership.ts')).joinCluster(call)));
  addPlaceOptions(command);
  example(
    command,
    'sudo tso join --token-file token 10.0.0.1:2478',
    'ssh manager sudo tso token -q worker | sudo tso join --token - 10.0.0.1:2478',
  );
};

export const registerLeave: Registrar = (program, host) => {
  const command = program
    .command('leave')
    .description('take this host out of its cluster for good')
    .option('-f, --force', 'also when it is a manager that the others need, or when they do not answer')
    .addOption(formatOption())
    .action(host.act(async (call: Call<{ readonly force?: boolean }>) => (await import('../cluster/membership.ts')).leaveCluster(call)));
  addPlaceOptions(command);
  example(command, 'sudo tso leave');
};
