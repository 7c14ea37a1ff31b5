import { isTerminal, isWishedRunning, NodeAvailability, type TaskView } from '@tso/proto';
import type { Call } from '../command-host.ts';
import { type ControlClient, withControl } from '../control-client.ts';
import { exitCodes } from '../exit-codes.ts';
import { followProgress, waitingOptions } from '../follow-progress.ts';
import { beginDrain, drainProgress } from '../view-model/node-progress.ts';
import { type ChangeOptions, conclude, noWish, sentence, updateAll } from './change-nodes.ts';
import { namedNodes, namesText } from './nodes.ts';

/** Tasks on these nodes and of these stacks that have not ended: a look at a drain does not read the whole cluster each time. */
const tasksOf = async (
  control: ControlClient,
  nodeIds: readonly string[],
  stacks: readonly string[],
  signal?: AbortSignal,
): Promise<readonly TaskView[]> => {
  const wishes = [
    ...nodeIds.map((node) => ({ stack: '', services: [], all: false, node })),
    ...stacks.map((stack) => ({ stack, services: [], all: false, node: '' })),
  ];
  const replies = await Promise.all(wishes.map((wish) => control.listTasks(wish, signal === undefined ? {} : { signal })));
  const tasks = replies.flatMap((reply, index) => {
    const only = wishes[index]?.node ?? '';
    // What jobs have done is listed too, and stays on its node for good.
    return reply.tasks.filter(({ task }) => !isTerminal(task.status.state) && (only === '' || task.nodeId === only));
  });
  return [...new Map(tasks.map((view) => [view.task.id, view])).values()];
};

/** `tso node drain`: its tasks run elsewhere once it returns. */
export const drainNodes = async (call: Call<ChangeOptions>): Promise<number> => {
  const { context, io, options, args, json } = call;
  return withControl(context, io.uid, async (control) => {
    const nodes = await namedNodes(call, control, args);
    const ids = nodes.map(({ id }) => id);
    const before = await tasksOf(control, ids, []);
    const drain = beginDrain(nodes, before);
    const stacks = [...new Set(before.filter(({ task }) => isWishedRunning(task.desiredState)).map(({ task }) => task.stack))];
    await updateAll(control, nodes, { ...noWish, availability: NodeAvailability.DRAIN });
    if (options.detach) return conclude(call, control, nodes, sentence(nodes, 'is to be drained', 'are to be drained'));
    const names = namesText(nodes.map(({ name }) => name));
    const code = await followProgress(
      {
        ...waitingOptions(options, json),
        missing: `${nodes.length === 1 ? `node ${names} is` : `nodes ${names} are`} not drained`,
        look: `tso node ps ${args.join(' ')}`,
        read: async (signal) => {
          const [{ nodes: views }, tasks] = await Promise.all([control.listNodes({}, { signal }), tasksOf(control, ids, stacks, signal)]);
          return drainProgress(drain, views, tasks);
        },
      },
      io,
    );
    if (code !== exitCodes.done) return code;
    const text = sentence(nodes, 'is drained and takes no tasks until activated', 'are drained and take no tasks until activated');
    return conclude(call, control, nodes, text);
  });
};
