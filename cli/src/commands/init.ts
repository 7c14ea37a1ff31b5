import { InvalidArgumentError } from 'commander';
import type { InitOptions } from '../cluster/init.ts';
import { addPlaceOptions, type Call, example, formatOption, type Registrar } from '../command-host.ts';

/** Prefix length of the networks' subnets. */
const parsePrefix = (text: string): number => {
  const value = Number(text);
  if (!/^\d{1,2}$/.test(text) || value < 16 || value > 29)
    throw new InvalidArgumentError('It is a prefix length from 16 to 29, such as 24.');
  return value;
};

export const registerInit: Registrar = (program, host) => {
  const command = program
    .command('init')
    .description('start a cluster with this host as its first manager')
    .option('--advertise-addr <addr[:port]>', 'the address that other hosts reach this one by')
    .option('--listen-addr <addr:port>', 'where members and joiners are listened for (default 0.0.0.0:2478)')
    .option('--address-pool <cidr>', 'where the networks of stacks take their addresses from')
    .option('--subnet-size <bits>', 'prefix length of each network out of the pool (default 24)', parsePrefix)
    .option('--autolock', 'managers need a key after a restart before they open their state')
    .option('--ca-cert <file>', 'certificate of the root that is to sign (default: one is made)')
    .option('--ca-key <file>', 'its key')
    .option('--force-new-cluster', 'a majority of the managers is lost for ever: go on alone with what this one has')
    .addOption(formatOption())
    .action(host.act(async (call: Call<InitOptions>) => (await import('../cluster/init.ts')).initCluster(call)));
  addPlaceOptions(command);
  example(
    command,
    'sudo tso init --advertise-addr 10.0.0.1',
    'sudo tso init --address-pool 10.64.0.0/12 --autolock',
    'sudo tso init --force-new-cluster',
  );
};
