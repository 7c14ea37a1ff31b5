import type { TaskProcesses } from '@tso/proto';
import { addPlaceOptions, type Call, example, formatOption, type Registrar } from '../command-host.ts';
import { exitCodes } from '../exit-codes.ts';
import { printWarning } from '../failure.ts';
import { writeOut } from '../io.ts';
import { jsonDocument } from '../output/json.ts';
import { renderTable } from '../output/table.ts';
import { type SelectionOptions, selectStack } from '../project.ts';
import { selectionOptions } from '../stack-selection.ts';
import { isTaskId, stackOfTargets } from '../task-target.ts';
import { oneLine, taskName } from '../view-model/task-text.ts';

const rowOf = ({ task, node, processes }: TaskProcesses) => ({
  stack: task.stack,
  service: task.serviceName,
  slot: task.slot,
  taskId: task.id,
  node,
  titles: processes.titles,
  processes: processes.rows.map(({ cells }) => cells),
});

const tableOf = ({ task, node, processes }: TaskProcesses, width: number | undefined): string => {
  const last = processes.titles.indexOf('CMD');
  const columns = processes.titles.map((title, index) => ({ title, wrap: index === last }));
  const rows = processes.rows.map(({ cells }) => cells);
  return `${task.stack}_${taskName(task)} on ${oneLine(node)}\n${renderTable(columns, rows, width)}`;
};

const top = async ({ io, options, args, context, json }: Call<SelectionOptions>): Promise<number> => {
  const { withControl } = await import('../control-client.ts');
  const { tasks, warnings } = await withControl(context, io.uid, async (control) => {
    const stack =
      args.length > 0 && !args.every(isTaskId)
        ? await stackOfTargets(options, args, io, control)
        : ((await selectStack(options, io))?.name ?? '');
    return control.top({ stack, targets: args });
  });
  for (const warning of warnings) printWarning(io, warning);
  const width = io.stdout.isTTY ? io.stdout.columns : undefined;
  await writeOut(io.stdout, json ? jsonDocument(tasks.map(rowOf)) : tasks.map((task) => tableOf(task, width)).join('\n'));
  // Nothing but warnings is a failure; some answers are worth having.
  return tasks.length === 0 && warnings.length > 0 ? exitCodes.failed : exitCodes.done;
};

export const registerTop: Registrar = (program, host) => {
  const command = program
    .command('top')
    .description('the processes that run in tasks, with their numbers inside')
    .argument('[service...]', 'services, tasks (web.1) or task ids; none: all of the stack')
    .addOption(formatOption())
    .action(host.act(top));
  for (const option of selectionOptions()) command.addOption(option);
  addPlaceOptions(command);
  example(command, 'tso top -p visits', 'tso top -p visits web.1 --format json');
};
