import { type Command, Option } from 'commander';
import type { ChangeServicesOptions } from '../cluster/change-services.ts';
import { addPlaceOptions, type Call, type CommandHost, example, formatOption, type Registrar } from '../command-host.ts';
import { parseTimeout } from '../options.ts';
import type { SelectionOptions } from '../project.ts';
import { selectionOptions } from '../stack-selection.ts';
import { addLogOptions } from './logs.ts';

const changing = () => import('../cluster/change-services.ts');
const showing = () => import('../cluster/show-services.ts');

const serviceArgument = 'name, STACK_NAME where several stacks have one of that name, or id';

const withSelection = (command: Command, fileFlags?: string): Command => {
  for (const option of selectionOptions(fileFlags)) command.addOption(option);
  return addPlaceOptions(command);
};

const addShowing = (service: Command, host: CommandHost): void => {
  const list = service
    .command('ls')
    .description('list the services of all stacks')
    .option('-q, --quiet', 'ids only')
    .addOption(formatOption())
    .action(host.act(async (call: Call<SelectionOptions>) => (await showing()).listServices(call)));
  example(withSelection(list), 'tso service ls', 'tso service ls -p visits --format json');
  const inspect = service
    .command('inspect')
    .description('all there is to say of a service')
    .argument('<service...>', serviceArgument)
    .addOption(formatOption())
    .action(host.act(async (call: Call<SelectionOptions>) => (await showing()).inspectServices(call)));
  example(withSelection(inspect), 'tso service inspect visits_web', 'tso service inspect web --format json');
  const ps = service
    .command('ps')
    .description('list the tasks of services')
    .argument('<service...>', serviceArgument)
    .option('-a, --all', 'ended ones too')
    .option('-q, --quiet', 'ids only')
    .addOption(formatOption())
    .action(host.act(async (call: Call<SelectionOptions & { readonly all?: boolean }>) => (await showing()).serviceTasks(call)));
  example(withSelection(ps), 'tso service ps visits_web', 'tso service ps -a web');
  const logs = addLogOptions(
    service.command('logs').description('what the tasks of a service print, merged by time').argument('<service>', serviceArgument),
    host,
  ).action(host.act(async (call: Call<SelectionOptions>) => (await showing()).serviceLogs(call)));
  example(withSelection(logs, '--file <file>'), 'tso service logs -f visits_web');
};

const waits = (command: Command): Command =>
  command
    .option('-d, --detach', 'return once the cluster accepted it')
    .option('--timeout <seconds>', 'give up waiting after this long, exit code 3', parseTimeout)
    .addOption(new Option('--progress <mode>', 'live view or lines').choices(['auto', 'plain', 'quiet']))
    .option('-q, --quiet', 'no progress')
    .addOption(formatOption());

const addChanging = (service: Command, host: CommandHost): void => {
  const scale = waits(
    service
      .command('scale')
      .description('set how many tasks services have, and wait until they have them')
      .argument('<service=n...>', 'services and their numbers'),
  ).action(host.act(async (call: Call<ChangeServicesOptions>) => (await changing()).scaleServices(call)));
  example(withSelection(scale), 'tso service scale visits_web=5');
  const update = waits(
    service.command('update').description('change how services run, and wait until they do').argument('<service...>', serviceArgument),
  )
    .option('--rebalance', 'spread their tasks over the nodes anew, within their update limits')
    .action(host.act(async (call: Call<ChangeServicesOptions>) => (await changing()).updateServices(call)));
  example(withSelection(update), 'tso service update --rebalance visits_web');
};

export const registerService: Registrar = (program, host) => {
  const service = program.command('service').description('the services of all stacks');
  addShowing(service, host);
  addChanging(service, host);
  example(service, 'tso service ls', 'tso service ps visits_web', 'tso service update --rebalance visits_web');
};
