import { ServiceVerb } from '@tso/proto';
import type { Command } from 'commander';
import type { ChangeServicesOptions } from '../cluster/change-services.ts';
import type { VerbOptions } from '../cluster/service-verbs.ts';
import type { ServicePsOptions } from '../cluster/show-services.ts';
import { addPlaceOptions, type Call, type CommandHost, example, formatOption, type Registrar } from '../command-host.ts';
import type { SelectionOptions } from '../project.ts';
import { selectionOptions } from '../stack-selection.ts';
import { addWaitOptions } from '../wait-options.ts';
import { addLogOptions } from './logs.ts';
import { addUpdate } from './service-update.ts';

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
    .option('--explain', 'why each task is where it is, and what speaks for or against every node')
    .option('-q, --quiet', 'ids only')
    .addOption(formatOption())
    .action(host.act(async (call: Call<ServicePsOptions>) => (await showing()).serviceTasks(call)));
  example(withSelection(ps), 'tso service ps visits_web', 'tso service ps -a web', 'tso service ps --explain visits_web');
  const logs = addLogOptions(
    service.command('logs').description('what the tasks of a service print, merged by time').argument('<service>', serviceArgument),
    host,
  ).action(host.act(async (call: Call<SelectionOptions>) => (await showing()).serviceLogs(call)));
  example(withSelection(logs, '--file <file>'), 'tso service logs -f visits_web');
};

const addChanging = (service: Command, host: CommandHost): void => {
  const scale = addWaitOptions(
    service
      .command('scale')
      .description('set how many tasks services have, and wait until they have them')
      .argument('<service=n...>', 'services and their numbers'),
  ).action(host.act(async (call: Call<ChangeServicesOptions>) => (await changing()).scaleServices(call)));
  example(withSelection(scale), 'tso service scale visits_web=5');
  addUpdate(service, host, serviceArgument);
  const verb = (name: string, description: string, what: ServiceVerb, ...examples: readonly string[]): void => {
    const command = addWaitOptions(service.command(name).description(description).argument('<service...>', serviceArgument)).action(
      host.act(async (call: Call<VerbOptions>) => (await import('../cluster/service-verbs.ts')).changeNamedServices(call, what)),
    );
    example(withSelection(command), ...examples);
  };
  const back = 'make services what they were before their last change, and wait until they are; once more takes that back';
  verb('rollback', back, ServiceVerb.VERB_ROLLBACK, 'tso service rollback visits_web');
  verb('rm', 'remove services from their stacks, and wait until they are gone', ServiceVerb.VERB_REMOVE, 'tso service rm visits_cache');
};

export const registerService: Registrar = (program, host) => {
  const service = program.command('service').description('the services of all stacks');
  addShowing(service, host);
  addChanging(service, host);
  example(service, 'tso service ls', 'tso service ps visits_web', 'tso service update --image visits-web:2 visits_web');
};
