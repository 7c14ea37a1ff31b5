import type { Command } from 'commander';
import type { CreateFileOptions, FileWord, InspectConfigOptions, RemoveFileOptions } from '../cluster/files.ts';
import { addPlaceOptions, type Call, type CommandHost, example, formatOption, type Registrar } from '../command-host.ts';
import { asText, collect } from '../options.ts';

const files = () => import('../cluster/files.ts');

const addCreate = (parent: Command, host: CommandHost, word: FileWord, examples: readonly string[]): void => {
  const command = parent
    .command('create')
    .description(`keep a file as a ${word} that stacks can use as external; prints its name`)
    .argument('<name>', 'name in the cluster')
    .argument('<file>', `the file that the ${word} is made of, byte by byte; - is standard input`)
    .option('-l, --label <name=value>', 'a label (repeatable)', collect(asText))
    .option('--replace', 'what is there by that name is given this content; services take it up when their stack is applied again')
    .addOption(formatOption())
    .action(host.act(async (call: Call<CreateFileOptions>) => (await files()).createFile(word)(call)));
  example(addPlaceOptions(command), ...examples);
};

const addList = (parent: Command, host: CommandHost, word: FileWord, examples: readonly string[]): void => {
  const command = parent
    .command('ls')
    .description(`list the ${word}s of the cluster: their stacks, sizes, and the services that use them`)
    .option('-q, --quiet', 'names only')
    .addOption(formatOption())
    .action(host.act(async (call: Call<object>) => (await files()).listFiles(word)(call)));
  example(addPlaceOptions(command), ...examples);
};

const addRemove = (parent: Command, host: CommandHost, word: FileWord, examples: readonly string[]): void => {
  const command = parent
    .command('rm')
    .description(`remove ${word}s that no service uses; prints their names`)
    .argument(`<${word}...>`, 'name')
    .option('-f, --force', 'one that is not there is no error')
    .addOption(formatOption())
    .action(host.act(async (call: Call<RemoveFileOptions>) => (await files()).removeFiles(word)(call)));
  example(addPlaceOptions(command), ...examples);
};

export const registerSecrets: Registrar = (program, host) => {
  const secrets = program.command('secrets').description('the secrets of the cluster; none of these commands shows what they hold');
  addList(secrets, host, 'secret', ['tso secrets ls', 'tso secrets ls --format json']);
  addCreate(secrets, host, 'secret', [
    'tso secrets create db_password ./password.txt',
    'openssl rand -hex 32 | tso secrets create --replace session_key -',
  ]);
  const inspect = secrets
    .command('inspect')
    .description('all there is to say of secrets but what they hold')
    .argument('<secret...>', 'name')
    .addOption(formatOption())
    .action(host.act(async (call: Call<object>) => (await files()).inspectSecrets(call)));
  example(addPlaceOptions(inspect), 'tso secrets inspect db_password');
  addRemove(secrets, host, 'secret', ['tso secrets rm old_key']);
  example(secrets, 'tso secrets ls', 'tso secrets create db_password ./password.txt');
};

export const registerConfigs: Registrar = (program, host) => {
  const configs = program.command('configs').description('the configs of the cluster: files that containers are given');
  addList(configs, host, 'config', ['tso configs ls', 'tso configs ls --format json']);
  addCreate(configs, host, 'config', [
    'tso configs create nginx_conf ./nginx.conf',
    'tso configs create --replace nginx_conf - < nginx.conf',
  ]);
  const inspect = configs
    .command('inspect')
    .description('all there is to say of configs')
    .argument('<config...>', 'name')
    .option('--data', 'print what they hold instead')
    .addOption(formatOption())
    .action(host.act(async (call: Call<InspectConfigOptions>) => (await files()).inspectConfigs(call)));
  example(addPlaceOptions(inspect), 'tso configs inspect nginx_conf', 'tso configs inspect --data nginx_conf');
  addRemove(configs, host, 'config', ['tso configs rm old_conf']);
  example(configs, 'tso configs ls', 'tso configs create nginx_conf ./nginx.conf');
};
