import { InvalidArgumentError } from 'commander';
import type { BuildArgument, BuildOptions } from '../build/build-command.ts';
import { addPlaceOptions, type Call, example, formatOption, type Registrar } from '../command-host.ts';
import { loadOptions, strictOption } from '../load-stack.ts';
import { collect } from '../options.ts';

/** `NAME=VALUE`, or `NAME` for what the environment has. */
const parseBuildArgument = (text: string): BuildArgument => {
  const at = text.indexOf('=');
  const name = at < 0 ? text : text.slice(0, at);
  if (!/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(name))
    throw new InvalidArgumentError('Write NAME=VALUE, or NAME for a variable of the environment.');
  return { name, value: at < 0 ? undefined : text.slice(at + 1) };
};

export const registerBuild: Registrar = (program, host) => {
  const command = program
    .command('build')
    .description('build the images of services, and bring them into the cluster')
    .argument('[service...]', 'only these services')
    .option('--no-cache', 'use nothing of earlier builds')
    .option('--pull', 'look for newer images to begin with')
    .option('--build-arg <name=value>', 'an argument of all builds (repeatable)', collect(parseBuildArgument))
    .option('--node <node>', 'the node that takes them in; others have them from there')
    .option('--no-load', 'build only, and leave the cluster alone')
    .option('-q, --quiet', 'print digests only')
    .addOption(formatOption())
    .action(host.act(async (call: Call<BuildOptions>) => (await import('../build/build-command.ts')).build(call)));
  for (const option of [...loadOptions(), strictOption()]) command.addOption(option);
  addPlaceOptions(command);
  example(command, 'tso build', 'tso build --no-cache web', 'tso build --build-arg VERSION=1.2 --no-load');
};
