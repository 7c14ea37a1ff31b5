import { TsoError } from '@tso/proto';
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

/** A service without tasks is shown as such; one that the stack does not have is a mistake. */
const requireServices = async ({ io, context }: Call<PsOptions>, stack: string, names: readonly string[]): Promise<void> => {
  const { withControl } = await import('../control-client.ts');
  const view = await withControl(context, io.uid, (control) => control.getStack({ name: stack }));
  const known = view.services.map(({ service }) => service.spec.name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const hint = known.length === 0 ? 'tso ls lists the stacks.' : `It has: ${known.join(', ')}.`;
  throw new TsoError('NOT_FOUND', `there is no service ${unknown} in stack ${stack}`, { hint });
};

const ps = async (call: Call<PsOptions>): Promise<number> => {
  const { io, options, args, context, json } = call;
  const selection = await selectStack(options, io);
  const { withControl } = await import('../control-client.ts');
  const reply = await withControl(context, io.uid, (control) =>
    control.listTasks({ stack: selection?.name ?? '', services: args, all: options.all ?? false, node: '' }),
  );
  const tasks = sortTasks(reply.tasks);
  const missing = args.filter((name) => !tasks.some(({ task }) => task.serviceName === name));
  if (selection !== undefined && missing.length > 0) await requireServices(call, selection.name, missing);
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
