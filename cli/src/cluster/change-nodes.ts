import { isWishedRunning, NodeAvailability, NodeRole, type NodeView, type TaskView, type UpdateNodeRequest } from '@tso/proto';
import type { Call } from '../command-host.ts';
import { type ControlClient, withControl } from '../control-client.ts';
import { exitCodes, UsageError } from '../exit-codes.ts';
import { followProgress, type ProgressOptions, waitingOptions } from '../follow-progress.ts';
import { jsonDocument } from '../output/json.ts';
import { beginDrain, drainProgress, type NodeGoal, nodeProgress } from '../view-model/node-progress.ts';
import { nodeRow } from '../view-model/node-row.ts';
import { followed, namedNodes, namesText, nodeName } from './nodes.ts';

export interface ChangeOptions extends ProgressOptions {
  readonly detach?: boolean;
}

export interface UpdateOptions {
  readonly labelAdd?: readonly string[];
  readonly labelRm?: readonly string[];
  readonly availability?: 'active' | 'pause' | 'drain';
  readonly role?: 'worker' | 'manager';
}

const availabilities = { active: NodeAvailability.ACTIVE, pause: NodeAvailability.PAUSE, drain: NodeAvailability.DRAIN } as const;
const roles = { worker: NodeRole.WORKER, manager: NodeRole.MANAGER } as const;

type Wish = Omit<UpdateNodeRequest, 'node'>;
const noWish: Wish = { labelsSet: {}, labelsRemove: [] };

/** The last word of a change: the nodes as they are now with --format json, else a sentence on stderr. */
const conclude = async (
  call: Call<object>,
  control: ControlClient,
  views: readonly NodeView[],
  text: (names: string, one: boolean) => string,
) => {
  const { io, json, options } = call;
  if (json) {
    const { nodes } = await control.listNodes({});
    io.stdout.write(jsonDocument(nodes.filter(({ node }) => views.some((view) => view.node.id === node.id)).map(nodeRow)));
  } else if (!options.quiet) {
    io.stderr.write(`${text(namesText(views.map(nodeName)), views.length === 1)}\n`);
  }
  return exitCodes.done;
};

const updateAll = async (control: ControlClient, views: readonly NodeView[], wish: Wish): Promise<void> => {
  for (const { node } of views) await control.updateNode({ ...wish, node: node.id });
};

const labelOf = (text: string): readonly [string, string] => {
  const [, name, value = ''] = /^([^=]+)(?:=(.*))?$/s.exec(text) ?? [];
  if (name === undefined) throw new UsageError(`--label-add ${text} has no name`, 'Write it as NAME=VALUE, such as disk=ssd.');
  return [name, value];
};

/** `tso node update`: what is asked for is written; nothing is waited for. */
export const updateNodes = async (call: Call<UpdateOptions>): Promise<number> => {
  const { options, context, io, args } = call;
  const wish: Wish = {
    labelsSet: Object.fromEntries((options.labelAdd ?? []).map(labelOf)),
    labelsRemove: options.labelRm ?? [],
    ...(options.availability === undefined ? {} : { availability: availabilities[options.availability] }),
    ...(options.role === undefined ? {} : { role: roles[options.role] }),
  };
  if (options.labelAdd === undefined && options.labelRm === undefined && options.availability === undefined && options.role === undefined)
    throw new UsageError('tso node update was not told what to change', 'Give --label-add, --label-rm, --availability or --role.');
  return withControl(context, io.uid, async (control) => {
    const views = await namedNodes(call, control, args);
    await updateAll(control, views, wish);
    return conclude(call, control, views, (names, one) => `${one ? 'Node' : 'Nodes'} ${names} ${one ? 'is' : 'are'} updated.`);
  });
};

/** `tso node activate` and `pause`: done once written. */
export const setAvailability =
  (availability: 'active' | 'pause') =>
  async (call: Call<object>): Promise<number> =>
    withControl(call.context, call.io.uid, async (control) => {
      const views = await namedNodes(call, control, call.args);
      await updateAll(control, views, { ...noWish, availability: availabilities[availability] });
      const takes = availability === 'active' ? 'takes tasks' : 'takes no new tasks and keeps those it has';
      const take = availability === 'active' ? 'take tasks' : 'take no new tasks and keep those they have';
      return conclude(call, control, views, (names, one) => (one ? `Node ${names} ${takes}.` : `Nodes ${names} ${take}.`));
    });

const awaitGoal = (call: Call<ChangeOptions>, control: ControlClient, goal: NodeGoal, views: readonly NodeView[]): Promise<number> => {
  const nodes = followed(views);
  const names = namesText(nodes.map(({ name }) => name));
  const missing = `${views.length === 1 ? `node ${names} is` : `nodes ${names} are`} not ${goal}`;
  return followProgress(
    {
      ...waitingOptions(call.options, call.json),
      missing,
      look: 'tso node ls',
      read: async (signal) => nodeProgress(goal, nodes, (await control.listNodes({}, { signal })).nodes),
    },
    call.io,
  );
};

const isThere = ({ node, voter, raftId }: NodeView, role: NodeRole): boolean =>
  node.wantedRole === role && node.role === role && (role === NodeRole.MANAGER ? voter : raftId === 0);

/**
 * `tso node promote` and `demote`. Nodes become managers side by side; managers leave one after the other, since whether the
 * rest can still decide has to be asked anew after each.
 */
export const setRole =
  (goal: 'promoted' | 'demoted') =>
  async (call: Call<ChangeOptions>): Promise<number> => {
    const { context, io, options, args } = call;
    const role = goal === 'promoted' ? NodeRole.MANAGER : NodeRole.WORKER;
    const word = goal === 'promoted' ? 'manager' : 'worker';
    return withControl(context, io.uid, async (control) => {
      const views = await namedNodes(call, control, args);
      const others = views.filter((view) => !isThere(view, role));
      const rounds = goal === 'promoted' || options.detach ? [others] : others.map((view) => [view]);
      for (const round of rounds.filter((nodes) => nodes.length > 0)) {
        await updateAll(control, round, { ...noWish, role });
        const code = options.detach ? exitCodes.done : await awaitGoal(call, control, goal, round);
        if (code !== exitCodes.done) return code;
      }
      const becomes = options.detach && others.length > 0 ? 'to become' : 'now';
      return conclude(call, control, views, (names, one) =>
        one ? `Node ${names} is ${becomes} a ${word}.` : `Nodes ${names} are ${becomes} ${word}s.`,
      );
    });
  };

/** Tasks that have not ended, of the stacks in question: a look at a drain does not read the whole cluster each time. */
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
    return only === '' ? reply.tasks : reply.tasks.filter(({ task }) => task.nodeId === only);
  });
  return [...new Map(tasks.map((view) => [view.task.id, view])).values()];
};

/** `tso node drain`: its tasks run elsewhere once it returns. */
export const drainNodes = async (call: Call<ChangeOptions>): Promise<number> => {
  const { context, io, options, args, json } = call;
  return withControl(context, io.uid, async (control) => {
    const views = await namedNodes(call, control, args);
    const nodes = followed(views);
    const ids = nodes.map(({ id }) => id);
    const before = await tasksOf(control, ids, []);
    const drain = beginDrain(nodes, before);
    const stacks = [...new Set(before.filter(({ task }) => isWishedRunning(task.desiredState)).map(({ task }) => task.stack))];
    await updateAll(control, views, { ...noWish, availability: NodeAvailability.DRAIN });
    if (!options.detach) {
      const names = namesText(nodes.map(({ name }) => name));
      const code = await followProgress(
        {
          ...waitingOptions(options, json),
          missing: `${nodes.length === 1 ? `node ${names} is` : `nodes ${names} are`} not drained`,
          look: `tso node ps ${names.replace(/, | and /g, ' ')}`,
          read: async (signal) =>
            drainProgress(drain, (await control.listNodes({}, { signal })).nodes, await tasksOf(control, ids, stacks, signal)),
        },
        io,
      );
      if (code !== exitCodes.done) return code;
    }
    return conclude(call, control, views, (names, one) =>
      options.detach
        ? `${one ? 'Node' : 'Nodes'} ${names} ${one ? 'is' : 'are'} to be drained.`
        : `${one ? 'Node' : 'Nodes'} ${names} ${one ? 'is' : 'are'} drained and ${one ? 'takes' : 'take'} no tasks until activated.`,
    );
  });
};

/** `tso node rm`: it returns once they are out of the cluster, with their ids as the result. */
export const removeNodes = async (call: Call<ChangeOptions & { readonly force?: boolean }>): Promise<number> => {
  const { context, io, options, args, json } = call;
  return withControl(context, io.uid, async (control) => {
    const views = await namedNodes(call, control, args);
    for (const view of views) {
      await control.removeNode({ node: view.node.id, force: options.force ?? false });
      const code = options.detach ? exitCodes.done : await awaitGoal(call, control, 'removed', [view]);
      if (code !== exitCodes.done) return code;
    }
    const removed = views.map(({ node }) => node.id);
    if (json) io.stdout.write(jsonDocument(views.map((view) => ({ id: view.node.id, hostname: view.node.description.hostname }))));
    else if (options.quiet) io.stdout.write(removed.map((id) => `${id}\n`).join(''));
    else
      io.stderr.write(
        `${namesText(views.map(nodeName))} ${views.length === 1 ? 'is' : 'are'} ${options.detach ? 'to be ' : ''}removed: refused from now on.\n`,
      );
    return exitCodes.done;
  });
};
