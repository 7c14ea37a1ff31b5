import type { Call } from '../command-host.ts';
import { withControl } from '../control-client.ts';
import { exitCodes } from '../exit-codes.ts';
import { writeOut } from '../io.ts';
import { jsonDocument } from '../output/json.ts';
import { renderTable } from '../output/table.ts';
import { detailsText } from '../view-model/detail-lines.ts';
import { nodeCells, nodeColumns, nodeDetails, nodeRow } from '../view-model/node-row.ts';
import { sortTasks, taskCells, taskColumns, taskRow } from '../view-model/task-row.ts';
import { namedNodes, namesText, ownNodeIdIfAny } from './nodes.ts';

/** `tso node ls`. */
export const listNodes = async (call: Call<object>): Promise<number> => {
  const { io, options, context, json } = call;
  const { nodes } = await withControl(context, io.uid, (control) => control.listNodes({}));
  if (json) {
    await writeOut(io.stdout, jsonDocument(nodes.map(nodeRow)));
  } else if (options.quiet) {
    await writeOut(io.stdout, nodes.map(({ node }) => `${node.id}\n`).join(''));
  } else {
    const own = await ownNodeIdIfAny(call);
    const cells = nodes.map((view) => nodeCells(view, own));
    await writeOut(io.stdout, renderTable(nodeColumns, cells, io.stdout.isTTY ? io.stdout.columns : undefined));
  }
  return exitCodes.done;
};

/** `tso node inspect`: an array as JSON, a page for each otherwise. */
export const inspectNodes = async (call: Call<object>): Promise<number> => {
  const { io, args, context, json } = call;
  const nodes = await withControl(context, io.uid, (control) => namedNodes(call, control, args.length === 0 ? ['self'] : args));
  const views = nodes.map(({ view }) => view);
  if (json) {
    await writeOut(io.stdout, jsonDocument(views.map(nodeRow)));
    return exitCodes.done;
  }
  const pages = views.map((view) => detailsText(nodeDetails(view), 16));
  await writeOut(io.stdout, pages.join('\n'));
  return exitCodes.done;
};

/** `tso node ps`: the tasks of these nodes. */
export const nodeTasks = async (call: Call<{ readonly all?: boolean }>): Promise<number> => {
  const { io, options, args, context, json } = call;
  const { nodes, tasks } = await withControl(context, io.uid, async (control) => {
    const named = await namedNodes(call, control, args.length === 0 ? ['self'] : args);
    const replies = await Promise.all(
      named.map(({ id }) => control.listTasks({ stack: '', services: [], all: options.all ?? false, node: id })),
    );
    const ids = new Set(named.map(({ id }) => id));
    return { nodes: named, tasks: sortTasks(replies.flatMap((reply) => reply.tasks).filter(({ task }) => ids.has(task.nodeId))) };
  });
  if (json) {
    await writeOut(io.stdout, jsonDocument(tasks.map(taskRow)));
  } else if (options.quiet) {
    await writeOut(io.stdout, tasks.map(({ task }) => `${task.id}\n`).join(''));
  } else {
    const cells = tasks.map((view) => taskCells(view, true, io.clock.now()));
    await writeOut(io.stdout, renderTable(taskColumns(true), cells, io.stdout.isTTY ? io.stdout.columns : undefined));
    if (tasks.length === 0)
      io.stderr.write(`No tasks on ${namesText(nodes.map(({ name }) => name))}${options.all ? '' : '; -a shows ended ones too'}.\n`);
  }
  return exitCodes.done;
};
