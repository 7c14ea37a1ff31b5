import type { Command } from 'commander';
import type { CreateFileOptions, FileWord, InspectConfigOptions, RemoveFileOptions } from '../cluster/files.ts';
import { addPlaceOptions, type Call, type CommandHost, example, formatOption, type Registrar } from '../command-host.ts';
import { collect, parseLabel } from '../options.ts';

/** What `tso secrets` and `tso configs` say of themselves; beside that they differ in `inspect` alone. */
interface FileCommands {
  readonly word: FileWord;
  readonly description: string;
  readonly inspects: string;
  /** The first ones of `ls` and `create` stand for the whole too. */
  readonly examples: Readonly<Record<'ls' | 'create' | 'inspect' | 'rm', readonly string[]>>;
}

const files = () => import('../cluster/files.ts');

const addCreate = (parent: Command, host: CommandHost, word: FileWord): Command =>
  parent
    .command('create')
    .description(`keep a file as a ${word} that stacks can use as external; prints its name`)
    .argument('<name>', 'name in the cluster')
    .argument('<file>', `the file that the ${word} is made of, byte by byte; - is standard input`)
    .option('-l, --label <name=value>', 'a label (repeatable)', collect(parseLabel))
    .option('--replace', 'what is there by that name is given this content; services take it up when their stack is applied again')
    .action(host.act(async (call: Call<CreateFileOptions>) => (await files()).createFile(word)(call)));

const addList = (parent: Command, host: CommandHost, word: FileWord): Command =>
  parent
    .command('ls')
    .description(`list the ${word}s of the cluster: their stacks, sizes, and the services that use them`)
    .option('-q, --quiet', 'names only')
    .action(host.act(async (call: Call<object>) => (await files()).listFiles(word)(call)));

const addInspect = (parent: Command, host: CommandHost, { word, inspects }: FileCommands): Command => {
  const command = parent.command('inspect').description(inspects).argument(`<${word}...>`, 'name');
  // Nobody is told what a secret holds.
  if (word === 'secret') return command.action(host.act(async (call: Call<object>) => (await files()).inspectSecrets(call)));
  return command
    .option('--data', 'print what they hold instead')
    .action(host.act(async (call: Call<InspectConfigOptions>) => (await files()).inspectConfigs(call)));
};

const addRemove = (parent: Command, host: CommandHost, word: FileWord): Command =>
  parent
    .command('rm')
    .description(`remove ${word}s that no service uses; prints their names`)
    .argument(`<${word}...>`, 'name')
    .option('-f, --force', 'one that is not there is no error')
    .action(host.act(async (call: Call<RemoveFileOptions>) => (await files()).removeFiles(word)(call)));

const fileCommands =
  (what: FileCommands): Registrar =>
  (program, host) => {
    const { word, description, examples } = what;
    const parent = program.command(`${word}s`).description(description);
    for (const [command, lines] of [
      [addList(parent, host, word), examples.ls],
      [addCreate(parent, host, word), examples.create],
      [addInspect(parent, host, what), examples.inspect],
      [addRemove(parent, host, word), examples.rm],
    ] as const)
      example(addPlaceOptions(command.addOption(formatOption())), ...lines);
    example(parent, ...examples.ls.slice(0, 1), ...examples.create.slice(0, 1));
  };

export const registerSecrets = fileCommands({
  word: 'secret',
  description: 'the secrets of the cluster; none of these commands shows what they hold',
  inspects: 'all there is to say of secrets but what they hold',
  examples: {
    ls: ['tso secrets ls', 'tso secrets ls --format json'],
    create: ['tso secrets create db_password ./password.txt', 'openssl rand -hex 32 | tso secrets create --replace session_key -'],
    inspect: ['tso secrets inspect db_password'],
    rm: ['tso secrets rm old_key'],
  },
});

export const registerConfigs = fileCommands({
  word: 'config',
  description: 'the configs of the cluster: files that containers are given',
  inspects: 'all there is to say of configs',
  examples: {
    ls: ['tso configs ls', 'tso configs ls --format json'],
    create: ['tso configs create nginx_conf ./nginx.conf', 'tso configs create --replace nginx_conf - < nginx.conf'],
    inspect: ['tso configs inspect nginx_conf', 'tso configs inspect --data nginx_conf'],
    rm: ['tso configs rm old_conf'],
  },
});
