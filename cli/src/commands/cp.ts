import { addPlaceOptions, type Call, example, type Registrar } from '../command-host.ts';
import type { ControlClient } from '../control-client.ts';
import { exitCodes, UsageError } from '../exit-codes.ts';
import { parseCount } from '../options.ts';
import type { SelectionOptions } from '../project.ts';
import { selectionOptions } from '../stack-selection.ts';
import { stackOfTargets } from '../task-target.ts';
import { type CopyEnd, parseCopyEnd } from '../view-model/copy-plan.ts';
import { unlessGivenUp } from '../while-wanted.ts';

interface CpOptions extends SelectionOptions {
  readonly archive?: boolean;
  readonly followLink?: boolean;
  readonly index?: number;
}

const ends = (args: readonly string[]): readonly [CopyEnd, CopyEnd] => {
  const [source = '', destination = ''] = args;
  const pair = [parseCopyEnd(source), parseCopyEnd(destination)] as const;
  const empty = pair.find((end) => end.kind !== 'stream' && end.path === '');
  if (empty !== undefined)
    throw new UsageError('a path is missing', 'Write it as SERVICE:PATH, such as web:/etc/hosts, or as a path of this machine.');
  const tasks = pair.filter(({ kind }) => kind === 'task').length;
  if (tasks === 2) {
    throw new UsageError(
      'both are paths of containers: a copy has one end on this machine',
      `Send it through: tso cp ${source} - | tso cp - ${destination}`,
    );
  }
  if (tasks === 0) throw new UsageError('neither is a path of a container', 'Write one as SERVICE:PATH, such as web:/etc/hosts.');
  return pair;
};

const run = async (call: Call<CpOptions>, control: ControlClient, signal: AbortSignal): Promise<void> => {
  const { io, options, args } = call;
  const { download, upload } = await import('../copy/transfer.ts');
  const [source, destination] = ends(args);
  const target = source.kind === 'task' ? source.target : destination.kind === 'task' ? destination.target : '';
  const stack = await stackOfTargets(options, [target], io, control);
  const transfer = { control, io, signal, keepOwner: options.archive ?? false, followLink: options.followLink ?? false };
  const task = { stack, target, index: options.index ?? 0 };
  if (source.kind === 'task' && destination.kind !== 'task') await download(transfer, task, source.path, destination);
  else if (source.kind !== 'task' && destination.kind === 'task') await upload(transfer, source, task, destination.path);
};

const cp = async (call: Call<CpOptions>): Promise<number> => {
  // Wrong words are refused before anything is asked.
  ends(call.args);
  const { withControl } = await import('../control-client.ts');
  const done = await unlessGivenUp(call.io, async (signal) => {
    await withControl(call.context, call.io.uid, (control) => run(call, control, signal));
    return exitCodes.done;
  });
  if (done !== undefined) return done;
  call.io.stderr.write('The copy was cut short; what had come over stays.\n');
  return exitCodes.interrupted;
};

export const registerCp: Registrar = (program, host) => {
  const command = program
    .command('cp')
    .description('copy files between a task and this machine, as docker cp does')
    .argument('<source>', 'SERVICE:PATH, task id:PATH, a path of this machine, or - for a tar stream')
    .argument('<destination>', 'the same')
    .option('-a, --archive', 'keep the owners’ numbers')
    .option('-L, --follow-link', 'copy what a link at the source leads to')
    .option('--index <n>', 'which of the service’s tasks', parseCount)
    .action(host.act(cp));
  for (const option of selectionOptions()) command.addOption(option);
  addPlaceOptions(command);
  example(
    command,
    'tso cp -p visits web:/var/log/app.log .',
    'tso cp -p visits ./site/. web.2:/srv/www',
    'tso cp -p visits web:/data - | gzip > data.tar.gz',
  );
};
