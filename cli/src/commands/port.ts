import { TaskState, TsoError } from '@tso/proto';
import { InvalidArgumentError } from 'commander';
import { addPlaceOptions, type Call, example, formatOption, type Registrar } from '../command-host.ts';
import { exitCodes } from '../exit-codes.ts';
import { parseCount } from '../options.ts';
import { jsonDocument } from '../output/json.ts';
import type { SelectionOptions } from '../project.ts';
import { selectionOptions } from '../stack-selection.ts';
import { isTaskId, stackOfTargets } from '../task-target.ts';
import { parsePort, publishedAddresses } from '../view-model/port-rows.ts';
import { sortTasks } from '../view-model/task-row.ts';

interface PortOptions extends SelectionOptions {
  readonly protocol?: string;
  readonly index?: number;
}

const slotName = /^(.+)\.(\d+)$/;

const port = async ({ io, options, args, context, json }: Call<PortOptions>): Promise<number> => {
  const [target = '', text = ''] = args;
  const wanted = parsePort(text, options.protocol);
  const { withControl } = await import('../control-client.ts');
  const views = await withControl(context, io.uid, async (control) => {
    const stack = await stackOfTargets(options, [target], io, control);
    return (await control.listTasks({ stack, services: [], all: false, node: '' })).tasks;
  });
  const [, service = target, slot = ''] = slotName.exec(target) ?? [];
  const isMeant = ({ task }: (typeof views)[number]): boolean =>
    isTaskId(target) && task.id.startsWith(target)
      ? true
      : task.serviceName === target || (task.serviceName === service && slot !== '' && task.slot === Number(slot));
  const named = sortTasks(views).filter(isMeant);
  if (named.length === 0) throw new TsoError('NOT_FOUND', `there is no service or task ${target}`, { hint: 'tso ps lists what there is' });
  const index = options.index ?? 0;
  const running = named.filter(({ task }) => task.status.state === TaskState.RUNNING && (index === 0 || task.slot === index));
  const [view] = running;
  if (view === undefined)
    throw new TsoError('FAILED_PRECONDITION', `no task of ${target}${index === 0 ? '' : `.${index}`} is running`, { hint: 'See tso ps' });
  const rows = publishedAddresses(view, wanted);
  if (rows.length === 0) {
    throw new TsoError('NOT_FOUND', `${target} does not publish its port ${wanted.port}/${wanted.protocol}`, {
      hint: `Its ports: tso ps ${target}`,
    });
  }
  io.stdout.write(json ? jsonDocument(rows) : rows.map((row) => `${row.address}:${row.port}\n`).join(''));
  return exitCodes.done;
};

export const registerPort: Registrar = (program, host) => {
  const checkPort = (text: string): string => {
    if (parsePort(text, undefined).port === 0) throw new InvalidArgumentError('Write it as 80 or 53/udp.');
    return text;
  };
  const command = program
    .command('port')
    .description('where a port of a service is published')
    .argument('<service>', 'service, task (web.1) or task id')
    .argument('<port>', 'port inside the container, as 80 or 53/udp', checkPort)
    .option('--index <n>', 'which of the service’s tasks', parseCount)
    .option('--protocol <protocol>', 'tcp or udp')
    .addOption(formatOption())
    .action(host.act(port));
  for (const option of selectionOptions()) command.addOption(option);
  addPlaceOptions(command);
  example(command, 'tso port -p visits web 80', 'tso port -p dns resolver 53/udp --index 2');
};
