import type { Call } from '../command-host.ts';
import { withControl } from '../control-client.ts';
import { exitCodes, UsageError } from '../exit-codes.ts';
import { writeOut } from '../io.ts';
import { jsonDocument } from '../output/json.ts';
import { renderTable } from '../output/table.ts';
import { type SelectionOptions, selectStack } from '../project.ts';
import { detailsText } from '../view-model/detail-lines.ts';
import { cutText, placementRow, placementsText } from '../view-model/placement-text.ts';
import { serviceRow, vipRows } from '../view-model/service-row.ts';
import { serviceCells, serviceColumns, serviceDetails } from '../view-model/service-text.ts';
import { sortTasks, taskCells, taskColumns, taskRow } from '../view-model/task-row.ts';
import { allServices, byStack, namedServices } from './services.ts';

/** `tso service ls`: of all stacks, or of the one that was named; the folder does not choose one. */
export const listServices = async ({ io, options, context, json }: Call<SelectionOptions>): Promise<number> => {
  const stack = options.projectName === undefined && options.file === undefined ? undefined : (await selectStack(options, io))?.name;
  const services = await withControl(context, io.uid, (control) => allServices(control, stack));
  if (json) await writeOut(io.stdout, jsonDocument(services.map((view) => serviceRow(view, io.clock.now()))));
  else if (options.quiet) await writeOut(io.stdout, services.map(({ service }) => `${service.id}\n`).join(''));
  else
    await writeOut(
      io.stdout,
      renderTable(
        serviceColumns,
        services.map((view) => serviceCells(view, io.clock.now())),
        io.stdout.isTTY ? io.stdout.columns : undefined,
      ),
    );
  return exitCodes.done;
};

/** `tso service inspect`: an array as JSON, with the spec as it is kept; a page for each otherwise. */
export const inspectServices = async ({ io, options, args, context, json }: Call<SelectionOptions>): Promise<number> => {
  const { services, networks } = await withControl(context, io.uid, async (control) => {
    const named = await namedServices(io, control, options, args);
    const isVirtual = named.some(({ service }) => service.vips.length > 0);
    return { services: named, networks: isVirtual ? (await control.listNetworks({})).networks : [] };
  });
  if (json) {
    const document = services.map((view) => ({
      ...serviceRow(view, io.clock.now()),
      vips: vipRows(view, networks),
      spec: view.service.spec,
    }));
    await writeOut(io.stdout, jsonDocument(document));
    return exitCodes.done;
  }
  const pages = services.map((view) => detailsText(serviceDetails(view, io.clock.now(), vipRows(view, networks)), 14));
  await writeOut(io.stdout, pages.join('\n'));
  return exitCodes.done;
};

export interface ServicePsOptions extends SelectionOptions {
  readonly all?: boolean;
  readonly explain?: boolean;
}

/** `tso service ps --explain`. */
const explainServices = async ({ io, options, args, context, json }: Call<ServicePsOptions>): Promise<number> => {
  if (options.all === true || options.quiet === true)
    throw new UsageError('--explain is about tasks that are wished to run', `Leave ${options.all ? '--all' : '--quiet'} out.`);
  const { placements, cut } = await withControl(context, io.uid, async (control) => {
    const groups = byStack(await namedServices(io, control, options, args), ({ service }) => service.stack);
    const asked = [...groups].map(([stack, views]) => ({ stack, services: views.map(({ service }) => service.spec.name) }));
    const replies = await Promise.all(asked.map((request) => control.explainPlacement(request)));
    return { placements: replies.flatMap((reply) => reply.placements), cut: replies.reduce((sum, reply) => sum + (reply.cut ?? 0), 0) };
  });
  await writeOut(io.stdout, json ? jsonDocument(placements.map(placementRow)) : placementsText(placements));
  // As JSON too: an empty list of nodes would say that there are none.
  if (cut > 0) io.stderr.write(cutText(cut, placements.length));
  if (placements.length === 0 && !json) io.stderr.write('No task is wished to run.\n');
  return exitCodes.done;
};

/** `tso service ps`. */
export const serviceTasks = async (call: Call<ServicePsOptions>): Promise<number> => {
  const { io, options, args, context, json } = call;
  if (options.explain === true) return explainServices(call);
  const { services, tasks } = await withControl(context, io.uid, async (control) => {
    const named = await namedServices(io, control, options, args);
    const replies = await Promise.all(
      named.map(({ service }) =>
        control.listTasks({ stack: service.stack, services: [service.spec.name], all: options.all ?? false, node: '' }),
      ),
    );
    return { services: named, tasks: sortTasks(replies.flatMap((reply) => reply.tasks)) };
  });
  if (json) await writeOut(io.stdout, jsonDocument(tasks.map(taskRow)));
  else if (options.quiet) await writeOut(io.stdout, tasks.map(({ task }) => `${task.id}\n`).join(''));
  else {
    const withStack = new Set(services.map(({ service }) => service.stack)).size > 1;
    const cells = tasks.map((view) => taskCells(view, withStack, io.clock.now()));
    await writeOut(io.stdout, renderTable(taskColumns(withStack), cells, io.stdout.isTTY ? io.stdout.columns : undefined));
    if (tasks.length === 0) io.stderr.write(`No tasks${options.all ? '' : '; -a shows ended ones too'}.\n`);
  }
  return exitCodes.done;
};

/** `tso service logs`: the stack is known once the service is. */
export const serviceLogs = async (call: Call<SelectionOptions>): Promise<number> => {
  const { io, options, args, context } = call;
  const [named, { logs }] = await Promise.all([
    withControl(context, io.uid, (control) => namedServices(io, control, options, args)),
    import('../commands/logs.ts'),
  ]);
  const [first] = named;
  if (first === undefined) return exitCodes.done;
  const { service } = first;
  return logs({
    ...call,
    args: [service.spec.name],
    options: { prefix: true, logPrefix: true, ...call.options, projectName: service.stack },
  });
};
