import type { Command } from 'commander';
import type { CreateOptions } from '../cluster/manage-contexts.ts';
import { type Call, type CommandHost, example, formatOption, type Registrar } from '../command-host.ts';

const managing = () => import('../cluster/manage-contexts.ts');

const addChanging = (context: Command, host: CommandHost): void => {
  const create = context
    .command('create')
    .description('make a cluster known, with the certificate that opens it')
    .argument('<name>', 'what it is called here')
    .option('--from <file>', 'what tso ca issue wrote')
    .option('--host <managers>', 'tcp://host:port[,host:port…] (with --from: instead of those in the file)')
    .option('--ca <file>', 'certificate of the root, PEM')
    .option('--cert <file>', 'your certificate, PEM')
    .option('--key <file>', 'its private key, PEM')
    .option('--use', 'and use it from now on')
    .option('-q, --quiet', 'say nothing')
    .addOption(formatOption())
    .action(host.act(async (call: Call<CreateOptions>) => (await managing()).createContextCommand(call)));
  example(
    create,
    'tso context create prod --from alice.tso --use',
    'tso context create prod --host tcp://10.0.0.1:2478,10.0.0.2:2478 --ca ca.pem --cert cert.pem --key key.pem',
  );
  const use = context
    .command('use')
    .description("go there from now on; default is this host's own daemon")
    .argument('<name>')
    .option('-q, --quiet', 'say nothing')
    .action(host.act(async (call: Call<object>) => (await managing()).useContextCommand(call)));
  example(use, 'tso context use prod', 'tso context use default');
  const remove = context
    .command('rm')
    .description('forget contexts, with their certificates and keys')
    .argument('<name...>')
    .option('-f, --force', 'the one in use too')
    .option('-q, --quiet', 'say nothing')
    .action(host.act(async (call: Call<{ readonly force?: boolean }>) => (await managing()).removeContextsCommand(call)));
  example(remove, 'tso context rm staging');
};

export const registerContext: Registrar = (program, host) => {
  const context = program.command('context').description('clusters on other machines that commands can be sent to');
  example(context, 'tso context create prod --from alice.tso --use', 'tso context ls', 'tso --context prod ps');
  addChanging(context, host);
  const list = context
    .command('ls')
    .description('list them; the one that commands go to is marked')
    .option('-q, --quiet', 'names only')
    .addOption(formatOption())
    .action(host.act(async (call: Call<object>) => (await managing()).listContextsCommand(call)));
  example(list, 'tso context ls', 'tso context ls --format json');
  const show = context
    .command('show')
    .description('where its managers are, and whom its certificate names')
    .argument('[name]', 'the one that commands go to, unless another is named')
    .addOption(formatOption())
    .action(host.act(async (call: Call<object>) => (await managing()).showContextCommand(call)));
  example(show, 'tso context show', 'tso context show prod --format json');
};
