import { type Command, InvalidArgumentError, Option } from 'commander';
import type { CreateNetworkOptions, ListOptions, RemoveNetworkOptions } from '../cluster/networks.ts';
import { addPlaceOptions, type Call, type CommandHost, example, formatOption, type Registrar } from '../command-host.ts';
import { asText, collect } from '../options.ts';
import { type NetworkFilter, networkFilterKeys } from '../view-model/network-row.ts';

const networks = () => import('../cluster/networks.ts');

const networkArgument = 'name, id, or the beginning of one';

/** `driver=bridge`. */
const parseFilter = (text: string): NetworkFilter => {
  const equals = text.indexOf('=');
  const key = text.slice(0, equals);
  if (equals < 1 || !networkFilterKeys.includes(key))
    throw new InvalidArgumentError(`Write KEY=VALUE with one of ${networkFilterKeys.join(', ')}.`);
  const value = text.slice(equals + 1);
  if (key === 'dangling' && value !== 'true' && value !== 'false') throw new InvalidArgumentError('Write dangling=true or dangling=false.');
  return { key, value };
};

const addShowing = (network: Command, host: CommandHost): void => {
  const list = network
    .command('ls')
    .description('list the networks of the cluster: their addresses, and how many tasks are on them')
    .option('--filter <key=value>', `${networkFilterKeys.join(', ')} (repeatable; alike keys are alternatives)`, collect(parseFilter))
    .option('-q, --quiet', 'ids only')
    .addOption(formatOption())
    .action(host.act(async (call: Call<ListOptions>) => (await networks()).listNetworks(call)));
  example(addPlaceOptions(list), 'tso network ls', 'tso network ls --filter stack=visits --format json');
  const inspect = network
    .command('inspect')
    .description('all there is to say of networks, with every task on them')
    .argument('<network...>', networkArgument)
    .addOption(formatOption())
    .action(host.act(async (call: Call<object>) => (await networks()).inspectNetworks(call)));
  example(addPlaceOptions(inspect), 'tso network inspect visits_default', 'tso network inspect ingress --format json');
};

const addCreate = (network: Command, host: CommandHost): void => {
  const command = network
    .command('create')
    .description('make a network that stacks can join as external; prints its id')
    .argument('<name>', 'name in the cluster')
    .addOption(new Option('-d, --driver <driver>', 'what it is made by').choices(['overlay', 'bridge', 'macvlan']).default('overlay'))
    .option('--subnet <cidr>', 'its addresses; one of each family (repeatable)', collect(asText))
    .option('--gateway <address>', 'of the subnet of its family (repeatable)', collect(asText))
    .option('--ip-range <cidr>', 'the part of the subnet that tasks get addresses from (repeatable)', collect(asText))
    .option('--aux-address <name=address>', 'an address that is never given out (repeatable)', collect(asText))
    .option('--ipv6', 'with IPv6; without a subnet of that family it gets a unique local one')
    .option('--internal', 'without a way out')
    .option('--attachable', 'open to more than services')
    .option('-o, --opt <name=value>', 'of the driver: encrypted, mtu; macvlan: parent (repeatable)', collect(asText))
    .option('--label <name=value>', 'a label (repeatable)', collect(asText))
    .addOption(formatOption())
    .action(host.act(async (call: Call<CreateNetworkOptions>) => (await networks()).createNetwork(call)));
  example(
    addPlaceOptions(command),
    'tso network create shared',
    'tso network create --subnet 10.20.0.0/16 --ip-range 10.20.4.0/22 --opt encrypted backend',
    'tso network create -d macvlan --subnet 192.168.7.0/24 --gateway 192.168.7.1 -o parent=eth0 lan',
  );
};

const addRemove = (network: Command, host: CommandHost): void => {
  const command = network
    .command('rm')
    .description('remove networks that nothing is on; prints their names')
    .argument('<network...>', networkArgument)
    .option('-f, --force', 'one that is not there is no error')
    .addOption(formatOption())
    .action(host.act(async (call: Call<RemoveNetworkOptions>) => (await networks()).removeNetworks(call)));
  example(addPlaceOptions(command), 'tso network rm shared', 'tso network rm --force shared backend');
};

export const registerNetwork: Registrar = (program, host) => {
  const network = program.command('network').description('the networks of the cluster');
  addShowing(network, host);
  addCreate(network, host);
  addRemove(network, host);
  example(network, 'tso network ls', 'tso network create shared', 'tso network inspect visits_default');
};
