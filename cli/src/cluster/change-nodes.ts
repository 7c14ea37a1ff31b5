import { NodeAvailability, NodeRole, TsoError, type UpdateNodeRequest } from '@tso/proto';
import type { Call } from '../command-host.ts';
import { type ControlClient, withControl } from '../control-client.ts';
import type { EngineInfo } from '../engine-client.ts';
import { exitCodes, UsageError } from '../exit-codes.ts';
import { followProgress, type ProgressOptions, waitingOptions } from '../follow-progress.ts';
import { jsonDocument } from '../output/json.ts';
import { goalReached, type NodeGoal, nodeProgress } from '../view-model/node-progress.ts';
import { nodeRow } from '../view-model/node-row.ts';
import type { Progress } from '../view-model/progress.ts';
import { type NamedNode, namedNodes, namesText, ownNodeIdIfAny } from './nodes.ts';

export interface ChangeOptions extends ProgressOptions {
  readonly detach?: boolean;
}

export interface UpdateOptions {
  readonly labelAdd?: readonly (readonly [name: string, value: string])[];
  readonly labelRm?: readonly string[];
  readonly availability?: 'active' | 'pause' | 'drain';
  readonly role?: 'worker' | 'manager';
}

const availabilities = { active: NodeAvailability.ACTIVE, pause: NodeAvailability.PAUSE, drain: NodeAvailability.DRAIN } as const;
const roles = { worker: NodeRole.WORKER, manager: NodeRole.MANAGER } as const;

type Wish = Omit<UpdateNodeRequest, 'node'>;
export const noWish: Wish = { labelsSet: {}, labelsRemove: [] };

/** `Node b is` or `Nodes b and c are`, as the words for one or several say. */
export const sentence = (nodes: readonly NamedNode[], one: string, several: string): string => {
  const names = namesText(nodes.map(({ name }) => name));
  return nodes.length === 1 ? `Node ${names} ${one}.` : `Nodes ${names} ${several}.`;
};

/** Whoever demotes or removes the manager that it talks to is not answered any more. */
const isCutOff = (error: unknown): boolean =>
  error instanceof TsoError && ['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'PERMISSION_DENIED', 'UNAUTHENTICATED'].includes(error.code);

const rowsNow = async (control: ControlClient, nodes: readonly NamedNode[]): Promise<readonly object[]> => {
  try {
    const { nodes: all } = await control.listNodes({});
    return all.filter(({ node }) => nodes.some(({ id }) => id === node.id)).map(nodeRow);
  } catch (error) {
    if (!isCutOff(error)) throw error;
    return nodes.map(({ id, view }) => ({ id, hostname: view.node.description.hostname }));
  }
};

/** The last word of a change: the nodes as they are now with --format json, else a sentence on stderr. */
export const conclude = async (call: Call<object>, control: ControlClient, nodes: readonly NamedNode[], text: string): Promise<number> => {
  const { io, json, options } = call;
  if (json) io.stdout.write(jsonDocument(await rowsNow(control, nodes)));
  else if (!options.quiet) io.stderr.write(`${text}\n`);
  return exitCodes.done;
};

/**
 * One after the other, each as it was when it was looked up: what somebody else asked of it since is a CONFLICT that shows it.
 * A refusal in the middle says which were changed before it, since that stays so.
 */
export const updateAll = async (control: ControlClient, nodes: readonly NamedNode[], wish: Wish): Promise<void> => {
  for (const [index, { id, view }] of nodes.entries()) {
    try {
      await control.updateNode({ ...wish, node: id, expectedVersion: view.node.meta.version });
    } catch (error) {
      const before = nodes.slice(0, index).map(({ name }) => name);
      if (before.length === 0 || !(error instanceof TsoError)) throw error;
      throw new TsoError(error.code, `${error.message} (changed before that: ${namesText(before)})`, {
        details: { ...error.details, changed: nodes.slice(0, index).map((node) => node.id) },
        cause: error,
        ...(error.hint === undefined ? {} : { hint: error.hint }),
      });
    }
  }
};

/** `tso node update`: what is asked for is written; nothing is waited for. */
export const updateNodes = async (call: Call<UpdateOptions>): Promise<number> => {
  const { options, context, io, args } = call;
  const { labelAdd, labelRm, availability, role } = options;
  if (labelAdd === undefined && labelRm === undefined && availability === undefined && role === undefined)
    throw new UsageError('tso node update was not told what to change', 'Give --label-add, --label-rm, --availability or --role.');
  const wish: Wish = {
    labelsSet: Object.fromEntries(labelAdd ?? []),
    labelsRemove: labelRm ?? [],
    ...(availability === undefined ? {} : { availability: availabilities[availability] }),
    ...(role === undefined ? {} : { role: roles[role] }),
  };
  return withControl(context, io.uid, async (control) => {
    const nodes = await namedNodes(call, control, args);
    await updateAll(control, nodes, wish);
    return conclude(call, control, nodes, sentence(nodes, 'is updated', 'are updated'));
  });
};

/** `tso node activate` and `pause`: done once written. */
export const setAvailability =
  (availability: 'active' | 'pause') =>
  async (call: Call<object>): Promise<number> =>
    withControl(call.context, call.io.uid, async (control) => {
      const nodes = await namedNodes(call, control, call.args);
      await updateAll(control, nodes, { ...noWish, availability: availabilities[availability] });
      const text =
        availability === 'active'
          ? sentence(nodes, 'takes tasks', 'take tasks')
          : sentence(nodes, 'takes no new tasks and keeps those it has', 'take no new tasks and keep those they have');
      return conclude(call, control, nodes, text);
    });

/** What this host itself knows, once its own manager has gone: that it is a worker, or in no cluster. */
const seenFromHere = async ({ engine }: Call<object>, goal: NodeGoal, nodes: readonly NamedNode[]): Promise<Progress | undefined> => {
  const { Swarm } = await engine.call<EngineInfo>({ method: 'GET', path: '/info' });
  const gone = Swarm.LocalNodeState === 'inactive';
  const reached = goal === 'removed' ? gone : gone || (Swarm.LocalNodeState === 'active' && Swarm.ControlAvailable === false);
  return reached ? goalReached(goal, nodes) : undefined;
};

/** Where the nodes are to get to, and this host's own id where that may end the answers of its manager. */
interface Destination {
  readonly goal: NodeGoal;
  readonly nodes: readonly NamedNode[];
  readonly ownId: string;
}

const awaitGoal = (call: Call<ChangeOptions>, control: ControlClient, { goal, nodes, ownId }: Destination): Promise<number> => {
  const cutsItselfOff = goal !== 'promoted' && nodes.some(({ id }) => id === ownId);
  const read = async (signal: AbortSignal): Promise<Progress> => {
    try {
      return nodeProgress(goal, nodes, (await control.listNodes({}, { signal })).nodes);
    } catch (error) {
      if (!cutsItselfOff || signal.aborted || !isCutOff(error)) throw error;
      const seen = await seenFromHere(call, goal, nodes);
      if (seen !== undefined) return seen;
      throw new TsoError('UNAVAILABLE', 'the manager of this host does not answer any more', { cause: error });
    }
  };
  const names = namesText(nodes.map(({ name }) => name));
  const missing = `${nodes.length === 1 ? `node ${names} is` : `nodes ${names} are`} not ${goal}`;
  return followProgress({ ...waitingOptions(call.options, call.json), missing, look: 'tso node ls', read }, call.io);
};

const isThere = ({ view: { node, voter, raftId } }: NamedNode, role: NodeRole): boolean =>
  node.wantedRole === role && node.role === role && (role === NodeRole.MANAGER ? voter : raftId === 0);

/** This host's own last: once its manager is gone, nobody here answers for the others. */
const ownLast = (nodes: readonly NamedNode[], ownId: string): readonly NamedNode[] => [
  ...nodes.filter(({ id }) => id !== ownId),
  ...nodes.filter(({ id }) => id === ownId),
];

/**
 * `tso node promote` and `demote`. Nodes become managers side by side; managers leave one after the other, since whether the
 * rest can still decide has to be asked anew after each.
 */
export const setRole =
  (goal: 'promoted' | 'demoted') =>
  async (call: Call<ChangeOptions>): Promise<number> => {
    const { context, io, options, args } = call;
    const role = goal === 'promoted' ? NodeRole.MANAGER : NodeRole.WORKER;
    return withControl(context, io.uid, async (control) => {
      const nodes = await namedNodes(call, control, args);
      const ownId = await ownNodeIdIfAny(call);
      const others = ownLast(nodes, ownId).filter((node) => !isThere(node, role));
      const rounds = goal === 'promoted' ? [others] : others.map((node) => [node]);
      for (const round of rounds.filter((some) => some.length > 0)) {
        await updateAll(control, round, { ...noWish, role });
        const code = options.detach ? exitCodes.done : await awaitGoal(call, control, { goal, nodes: round, ownId });
        if (code !== exitCodes.done) return code;
      }
      const becomes = options.detach && others.length > 0 ? 'to become' : 'now';
      const word = goal === 'promoted' ? 'manager' : 'worker';
      return conclude(call, control, nodes, sentence(nodes, `is ${becomes} a ${word}`, `are ${becomes} ${word}s`));
    });
  };

/** `tso node rm`: it returns once they are out of the cluster, with their ids as the result. */
export const removeNodes = async (call: Call<ChangeOptions & { readonly force?: boolean }>): Promise<number> => {
  const { context, io, options, args, json } = call;
  return withControl(context, io.uid, async (control) => {
    const nodes = await namedNodes(call, control, args);
    const ownId = await ownNodeIdIfAny(call);
    for (const node of ownLast(nodes, ownId)) {
      await control.removeNode({ node: node.id, force: options.force ?? false });
      const code = options.detach ? exitCodes.done : await awaitGoal(call, control, { goal: 'removed', nodes: [node], ownId });
      if (code !== exitCodes.done) return code;
    }
    const soon = options.detach ? 'to be ' : '';
    if (json) io.stdout.write(jsonDocument(nodes.map(({ id, view }) => ({ id, hostname: view.node.description.hostname }))));
    else if (options.quiet) io.stdout.write(nodes.map(({ id }) => `${id}\n`).join(''));
    else io.stderr.write(`${sentence(nodes, `is ${soon}removed`, `are ${soon}removed`).replace(/\.$/, ', and refused from now on.')}\n`);
    return exitCodes.done;
  });
};
