import type { SignalledTask } from '@tso/proto';
import { addPlaceOptions, type Call, example, formatOption, type Registrar } from '../command-host.ts';
import { exitCodes } from '../exit-codes.ts';
import { printWarning } from '../failure.ts';
import { writeOut } from '../io.ts';
import { jsonDocument } from '../output/json.ts';
import type { SelectionOptions } from '../project.ts';
import { selectionOptions } from '../stack-selection.ts';
import { stackOfTargets } from '../task-target.ts';
import { oneLine } from '../view-model/task-text.ts';

interface KillOptions extends SelectionOptions {
  readonly signal: string;
}

const lineOf = ({ taskId, service, slot, node }: SignalledTask, signal: string): string =>
  `${oneLine(service)}${slot > 0 ? `.${slot}` : ` (${taskId.slice(0, 12)})`} on ${oneLine(node)}: ${signal}\n`;

const kill = async ({ io, options, args, context, json }: Call<KillOptions>): Promise<number> => {
  const { withControl } = await import('../control-client.ts');
  const { signal } = options;
  const { tasks, warnings } = await withControl(context, io.uid, async (control) => {
    const stack = await stackOfTargets(options, args, io, control);
    return control.signal({ stack, targets: args, signal });
  });
  for (const warning of warnings) printWarning(io, warning);
  if (json) await writeOut(io.stdout, jsonDocument(tasks.map((task) => ({ ...task, signal }))));
  else if (options.quiet) await writeOut(io.stdout, tasks.map(({ taskId }) => `${taskId}\n`).join(''));
  else await writeOut(io.stdout, tasks.map((task) => lineOf(task, signal)).join(''));
  if (tasks.length === 0 && warnings.length === 0) io.stderr.write('No task runs that could take a signal.\n');
  return warnings.length > 0 ? exitCodes.failed : exitCodes.done;
};

export const registerKill: Registrar = (program, host) => {
  const command = program
    .command('kill')
    .description('send a signal to the first process of tasks; what ends by it is replaced as its restart policy says')
    .argument('[service...]', 'services, tasks (web.2) or task ids; none: all of the stack')
    .option('-s, --signal <signal>', 'by name or number', 'SIGKILL')
    .option('-q, --quiet', 'ids of the tasks only')
    .addOption(formatOption())
    .action(host.act(kill));
  for (const option of selectionOptions()) command.addOption(option);
  addPlaceOptions(command);
  example(
    command,
    'tso kill -p visits web',
    'tso kill -p visits -s SIGHUP web.2',
    'tso stop -p visits web   # ends it, and nothing comes after',
  );
};
