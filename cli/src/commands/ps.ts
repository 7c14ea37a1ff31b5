import { addPlaceOptions, type Call, example, formatOption, type Registrar } from '../command-host.ts';
import { exitCodes } from '../exit-codes.ts';
import { writeOut } from '../io.ts';
import { jsonDocument } from '../output/json.ts';
import { renderTable } from '../output/table.ts';
import { type SelectionOptions, selectStack } from '../project.ts';
import { selectionOptions } from '../stack-selection.ts';
import { sortTasks, taskCells, taskColumns, taskRow } from '../view-model/task-row.ts';

interface PsOptions extends SelectionOptions {
  readonly all?: boolean;
}

const ps = async ({ io, options, args, context, json }: Call<PsOptions>): Promise<number> => {
  const selection = await selectStack(options, io);
  const { withControl } = await import('../control-client.ts');
  const reply = await withControl(context, io.uid, (control) =>
    control.listTasks({ stack: selection?.name ?? '', services: args, all: options.all ?? false }),
  );
  const tasks = sortTasks(reply.tasks);
  if (json) {
    await writeOut(io.stdout, jsonDocument(tasks.map(taskRow)));
  } else if (options.quiet) {
    await writeOut(io.stdout, tasks.map(({ task }) => `${task.id}\n`).join(''));
  } else {
    const withStack = selection === undefined;
    const rows = tasks.map((view) => taskCells(view, withStack, io.clock.now()));
    await writeOut(io.stdout, renderTable(taskColumns(withStack), rows, io.stdout.isTTY ? io.stdout.columns : undefined));
    if (tasks.length === 0 && !options.all) {
      io.stderr.write(`No tasks${withStack ? '' : ` of stack ${selection.name}`}; tso ps -a shows ended ones too.\n`);
    }
  }
  return exitCodes.done;
};

export const registerPs: Registrar = (program, host) => {
  const command = program
    .command('ps')
    .description('list the tasks of a stack, or of all')
    .argument('[service...]', 'only these services')
    .option('-a, --all', 'ended ones too')
    .option('-q, --quiet', 'ids only')
    .addOption(formatOption())
    .action(host.act(ps));
  for (const option of selectionOptions()) command.addOption(option);
  addPlaceOptions(command);
  example(command, 'tso ps', 'tso ps -p visits web', 'tso ps -a --format json');
};
