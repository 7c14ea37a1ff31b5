import { type Command, Option } from 'commander';
import type { ChangeOptions, UpdateOptions } from '../cluster/change-nodes.ts';
import { addPlaceOptions, type Call, type CommandHost, example, formatOption, type Registrar } from '../command-host.ts';
import { asText, collect, parseLabel, parseTimeout } from '../options.ts';

const changing = () => import('../cluster/change-nodes.ts');
const showing = () => import('../cluster/show-nodes.ts');

const nodeArgument = 'hostname, id, the beginning of one, or self for this host';

const progressOption = (): Option => new Option('--progress <mode>', 'live view or lines').choices(['auto', 'plain', 'quiet']);

/** Commands that wait until it is so. */
const waits = (command: Command): Command =>
  command
    .option('-d, --detach', 'return once the cluster accepted it')
    .option('--timeout <seconds>', 'give up waiting after this long, exit code 3', parseTimeout)
    .addOption(progressOption());

const addShowing = (node: Command, host: CommandHost): void => {
  const list = node
    .command('ls')
    .description('list the nodes: where they are, how they are, which of them decide')
    .option('-q, --quiet', 'ids only')
    .addOption(formatOption())
    .action(host.act(async (call: Call<object>) => (await showing()).listNodes(call)));
  example(addPlaceOptions(list), 'tso node ls', 'tso node ls --format json');
  const inspect = node
    .command('inspect')
    .description('all there is to say of a node')
    .argument('[node...]', `${nodeArgument}; none: self`)
    .addOption(formatOption())
    .action(host.act(async (call: Call<object>) => (await showing()).inspectNodes(call)));
  example(addPlaceOptions(inspect), 'tso node inspect self', 'tso node inspect host-b --format json');
  const ps = node
    .command('ps')
    .description('list the tasks on a node')
    .argument('[node...]', `${nodeArgument}; none: self`)
    .option('-a, --all', 'ended ones too')
    .option('-q, --quiet', 'ids only')
    .addOption(formatOption())
    .action(host.act(async (call: Call<{ readonly all?: boolean }>) => (await showing()).nodeTasks(call)));
  example(addPlaceOptions(ps), 'tso node ps', 'tso node ps -a host-b host-c');
};

const addRoles = (node: Command, host: CommandHost): void => {
  const texts = {
    promoted: { name: 'promote', description: 'make workers managers, and wait until each of them votes' },
    demoted: { name: 'demote', description: 'make managers workers, one after the other, and wait until each is' },
  } as const;
  for (const goal of ['promoted', 'demoted'] as const) {
    const { name, description } = texts[goal];
    const command = waits(node.command(name).description(description).argument('<node...>', nodeArgument))
      .option('-q, --quiet', 'no progress')
      .addOption(formatOption())
      .action(host.act(async (call: Call<ChangeOptions>) => (await changing()).setRole(goal)(call)));
    example(addPlaceOptions(command), `tso node ${name} host-b`, `tso node ${name} --timeout 60 host-b host-c`);
  }
};

const addAvailability = (node: Command, host: CommandHost): void => {
  const drain = waits(
    node
      .command('drain')
      .description('move the tasks of nodes elsewhere, and wait until they run there')
      .argument('<node...>', nodeArgument),
  )
    .option('-q, --quiet', 'no progress')
    .addOption(formatOption())
    .action(host.act(async (call: Call<ChangeOptions>) => (await import('../cluster/drain.ts')).drainNodes(call)));
  example(addPlaceOptions(drain), 'tso node drain host-b', 'tso node drain --timeout 300 self');
  const texts = {
    active: { name: 'activate', description: 'let nodes take tasks again, after drain or pause' },
    pause: { name: 'pause', description: 'give nodes no new tasks; those they have stay' },
  } as const;
  for (const availability of ['active', 'pause'] as const) {
    const { name, description } = texts[availability];
    const command = node
      .command(name)
      .description(description)
      .argument('<node...>', nodeArgument)
      .option('-q, --quiet', 'say nothing')
      .addOption(formatOption())
      .action(host.act(async (call: Call<object>) => (await changing()).setAvailability(availability)(call)));
    example(addPlaceOptions(command), `tso node ${name} host-b`);
  }
};

const addUpdate = (node: Command, host: CommandHost): void => {
  const command = node
    .command('update')
    .description('change labels, availability or role; returns once it is written')
    .argument('<node...>', nodeArgument)
    .option('--label-add <name=value>', 'add or change a label (repeatable)', collect(parseLabel))
    .option('--label-rm <name>', 'remove a label (repeatable)', collect(asText))
    .addOption(new Option('--availability <availability>', 'whether it takes tasks').choices(['active', 'pause', 'drain']))
    .addOption(new Option('--role <role>', 'what it is to become').choices(['worker', 'manager']))
    .option('-q, --quiet', 'say nothing')
    .addOption(formatOption())
    .action(host.act(async (call: Call<UpdateOptions>) => (await changing()).updateNodes(call)));
  example(addPlaceOptions(command), 'tso node update --label-add disk=ssd host-b', 'tso node update --availability pause host-b host-c');
};

const addRemove = (node: Command, host: CommandHost): void => {
  const command = waits(
    node
      .command('rm')
      .description('take nodes out of the cluster for good; their certificates are refused at once')
      .argument('<node...>', nodeArgument),
  )
    .option('-f, --force', 'also one that is connected or has a manager')
    .option('-q, --quiet', 'print ids only')
    .addOption(formatOption())
    .action(host.act(async (call: Call<ChangeOptions & { readonly force?: boolean }>) => (await changing()).removeNodes(call)));
  example(addPlaceOptions(command), 'tso node rm host-d', 'tso node rm --force 8f3k2');
};

export const registerNode: Registrar = (program, host) => {
  const node = program.command('node').description('the nodes of the cluster');
  addShowing(node, host);
  addUpdate(node, host);
  addRoles(node, host);
  addAvailability(node, host);
  addRemove(node, host);
  example(node, 'tso node ls', 'tso node promote host-b', 'tso node drain host-c');
};
