import { addPlaceOptions, type Call, example, type Registrar } from '../command-host.ts';
import { UsageError } from '../exit-codes.ts';
import { asText, collect, environmentEntry, parseCount } from '../options.ts';
import type { SelectionOptions } from '../project.ts';
import { selectionOptions } from '../stack-selection.ts';
import { stackOfTargets } from '../task-target.ts';
import { defaultDetachKeys, parseDetachKeys } from '../view-model/detach-keys.ts';

interface ExecOptions extends SelectionOptions {
  readonly interactive?: boolean;
  readonly tty?: boolean;
  readonly user?: string;
  readonly workdir?: string;
  readonly env?: readonly string[];
  readonly index?: number;
  readonly privileged?: boolean;
  readonly detachKeys: string;
}

const exec = async ({ io, options, args, context }: Call<ExecOptions>): Promise<number> => {
  const [target = '', ...command] = args;
  if (command.length === 0) throw new UsageError(`what is to run in ${target}?`, `Name a command: tso exec ${target} COMMAND`);
  const tty = options.tty ?? false;
  const interactive = options.interactive ?? false;
  if (tty && interactive && io.stdin.isTTY !== true) {
    throw new UsageError('-t needs a terminal, and standard input is none', 'Leave -t out; -i alone passes standard input on.');
  }
  const detachKeys = parseDetachKeys(options.detachKeys);
  if (detachKeys === undefined)
    throw new UsageError(
      `--detach-keys ${options.detachKeys} are no keys`,
      'Write single characters and ctrl-LETTER with commas between: ctrl-p,ctrl-q.',
    );
  const [{ withControl }, { runExec }] = await Promise.all([import('../control-client.ts'), import('../exec-session.ts')]);
  return withControl(context, io.uid, async (control) => {
    const stack = await stackOfTargets(options, [target], io, control);
    const start = {
      stack,
      target,
      index: options.index ?? 0,
      options: {
        command,
        user: options.user ?? '',
        workingDir: options.workdir ?? '',
        env: (options.env ?? []).flatMap((entry) => environmentEntry(entry, io.env)),
        tty,
        interactive,
        privileged: options.privileged ?? false,
      },
    };
    return runExec(control, io, start, detachKeys);
  });
};

export const registerExec: Registrar = (program, host) => {
  const command = program
    .command('exec')
    .description('run a command in a task')
    .argument('<target>', 'service, task (web.1) or task id')
    .argument('<command...>', 'what to run')
    .option('-i, --interactive', 'pass standard input on')
    .option('-t, --tty', 'with a terminal')
    .option('-u, --user <user>', 'user[:group] to run as')
    .option('-w, --workdir <dir>', 'folder to run in')
    .option('-e, --env <key=value>', 'environment variable (repeatable)', collect(asText))
    .option('--index <n>', 'which of the service’s tasks', parseCount)
    .option('--privileged', 'with all capabilities')
    .option('--detach-keys <keys>', 'typed at a terminal, they leave the command running', defaultDetachKeys)
    .passThroughOptions()
    .action(host.act(exec));
  for (const option of selectionOptions()) command.addOption(option);
  addPlaceOptions(command);
  example(command, 'tso exec -it -p visits web sh', 'echo PING | tso exec -i -p visits cache redis-cli');
};
