import { addPlaceOptions, type Call, example, formatOption, type Registrar } from '../command-host.ts';
import { exitCodes } from '../exit-codes.ts';
import { jsonDocument } from '../output/json.ts';
import { renderTable } from '../output/table.ts';

const ls = async ({ io, options, context, json }: Call<object>): Promise<number> => {
  const { withControl } = await import('../control-client.ts');
  const { stacks } = await withControl(context, io.uid, (control) => control.listStacks({}));
  if (json) {
    const rows = stacks.map((stack) => ({
      name: stack.name,
      services: stack.services,
      tasks: { desired: stack.tasksDesired, running: stack.tasksRunning },
    }));
    io.stdout.write(jsonDocument(rows));
  } else if (options.quiet) {
    io.stdout.write(stacks.map((stack) => `${stack.name}\n`).join(''));
  } else {
    const columns = [{ title: 'NAME' }, { title: 'SERVICES', align: 'right' }, { title: 'RUNNING', align: 'right' }] as const;
    const rows = stacks.map((stack) => [stack.name, String(stack.services), `${stack.tasksRunning}/${stack.tasksDesired}`]);
    io.stdout.write(renderTable(columns, rows, undefined));
  }
  return exitCodes.done;
};

export const registerLs: Registrar = (program, host) => {
  const command = program
    .command('ls')
    .description('list the stacks')
    .option('-q, --quiet', 'names only')
    .addOption(formatOption())
    .action(host.act(ls));
  addPlaceOptions(command);
  example(command, 'tso ls', 'tso ls --format json');
};
