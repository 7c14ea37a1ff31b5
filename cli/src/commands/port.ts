import { TaskState, type TaskView, TsoError } from '@tso/proto';
import { InvalidArgumentError } from 'commander';
import { addPlaceOptions, type Call, example, formatOption, type Registrar } from '../command-host.ts';
import { exitCodes } from '../exit-codes.ts';
import { writeOut } from '../io.ts';
import { parseCount } from '../options.ts';
import { jsonDocument } from '../output/json.ts';
import { renderTable } from '../output/table.ts';
import type { SelectionOptions } from '../project.ts';
import { selectionOptions } from '../stack-selection.ts';
import { isTaskId, stackOfTargets } from '../task-target.ts';
import { answeringNodes, type PortRow, parsePort, portCells, portColumns, publishedAddresses } from '../view-model/port-rows.ts';
import { sortTasks } from '../view-model/task-row.ts';

interface PortOptions extends SelectionOptions {
  readonly protocol?: string;
  readonly index?: number;
  readonly all?: boolean;
}

const slotName = /^(.+)\.(\d+)$/;

/** The running tasks that are meant. NOT_FOUND: no service and no task is called that. FAILED_PRECONDITION: none of them runs. */
const runningOf = (views: readonly TaskView[], target: string, index: number): readonly [TaskView, ...TaskView[]] => {
  const [, service = target, slot = ''] = slotName.exec(target) ?? [];
  const isMeant = ({ task }: TaskView): boolean =>
    isTaskId(target) && task.id.startsWith(target)
      ? true
      : task.serviceName === target || (task.serviceName === service && slot !== '' && task.slot === Number(slot));
  const named = sortTasks(views).filter(isMeant);
  if (named.length === 0) throw new TsoError('NOT_FOUND', `there is no service or task ${target}`, { hint: 'tso ps lists what there is' });
  const [first, ...rest] = named.filter(({ task }) => task.status.state === TaskState.RUNNING && (index === 0 || task.slot === index));
  if (first === undefined)
    throw new TsoError('FAILED_PRECONDITION', `no task of ${target}${index === 0 ? '' : `.${index}`} is running`, { hint: 'See tso ps' });
  return [first, ...rest];
};

const port = async ({ io, options, args, context, json }: Call<PortOptions>): Promise<number> => {
  const [target = '', text] = args;
  const wanted = text === undefined ? undefined : parsePort(text, options.protocol);
  const { withControl } = await import('../control-client.ts');
  const { views, nodes } = await withControl(context, io.uid, async (control) => {
    const stack = await stackOfTargets(options, [target], io, control);
    const { tasks } = await control.listTasks({ stack, services: [], all: false, node: '' });
    return { views: tasks, nodes: options.all ? (await control.listNodes({})).nodes : [] };
  });
  const running = runningOf(views, target, options.index ?? 0);
  const rows = options.all ? answeringNodes(running, nodes, wanted) : publishedAddresses(running[0], wanted);
  if (rows.length === 0 && options.all && running.some((view) => publishedAddresses(view, wanted).length > 0))
    throw new TsoError('FAILED_PRECONDITION', `no node is to answer for ${target}: no task of it serves there`, { hint: 'See tso ps' });
  if (rows.length === 0) {
    const what = wanted === undefined ? 'publishes no port' : `does not publish its port ${wanted.port}/${wanted.protocol}`;
    throw new TsoError('NOT_FOUND', `${target} ${what}`, { hint: `Its ports: tso ps ${target}` });
  }
  if (json) await writeOut(io.stdout, jsonDocument(rows));
  else if (options.all) await writeOut(io.stdout, renderTable(portColumns, rows.map(portCells), undefined));
  else {
    const line = (row: PortRow): string => `${wanted === undefined ? `${row.target}/${row.protocol} -> ` : ''}${row.address}:${row.port}\n`;
    await writeOut(io.stdout, rows.map(line).join(''));
  }
  return exitCodes.done;
};

export const registerPort: Registrar = (program, host) => {
  const checkPort = (text: string): string => {
    if (parsePort(text, undefined).port === 0) throw new InvalidArgumentError('Write it as 80 or 53/udp.');
    return text;
  };
  const command = program
    .command('port')
    .description('where the ports of a service are published')
    .argument('<service>', 'service, task (web.1) or task id')
    .argument('[port]', 'port inside the container, as 80 or 53/udp; none: all of them', checkPort)
    .option('-a, --all', 'every node that is to answer, not only where one task is; what keeps a node from it stands at tso node ls')
    .option('--index <n>', 'which of the service’s tasks', parseCount)
    .option('--protocol <protocol>', 'tcp, udp or sctp')
    .addOption(formatOption())
    .action(host.act(port));
  for (const option of selectionOptions()) command.addOption(option);
  addPlaceOptions(command);
  example(command, 'tso port -p visits web 80', 'tso port -p visits --all web', 'tso port -p dns resolver 53/udp --index 2');
};
