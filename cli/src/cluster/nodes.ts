import { type NodeView, TsoError } from '@tso/proto';
import type { Call } from '../command-host.ts';
import type { ControlClient } from '../control-client.ts';
import type { EngineInfo } from '../engine-client.ts';
import type { FollowedNode } from '../view-model/node-progress.ts';
import { callName } from '../view-model/node-row.ts';

/** The id of the node that this command runs on. FAILED_PRECONDITION: it is in no cluster. */
export const ownNodeId = async ({ engine }: Pick<Call<object>, 'engine'>): Promise<string> => {
  const { Swarm } = await engine.call<EngineInfo>({ method: 'GET', path: '/info' });
  if (Swarm.NodeID !== '') return Swarm.NodeID;
  throw new TsoError('FAILED_PRECONDITION', 'this host is in no cluster, so there is no node that self could mean', {
    hint: 'Name the node: tso node ls',
  });
};

/** The same for a list, where not knowing it only means that no line is marked. */
export const ownNodeIdIfAny = (call: Call<object>): Promise<string> =>
  call.context.remote !== undefined ? Promise.resolve('') : ownNodeId(call).catch(() => '');

/** A node that was named, and what to call it when something is said of it. */
export interface NamedNode extends FollowedNode {
  readonly view: NodeView;
}

/** The nodes that were named, each once, in that order; all are looked up before anything is changed. `self` is this host's. */
export const namedNodes = async (call: Call<object>, control: ControlClient, names: readonly string[]): Promise<readonly NamedNode[]> => {
  const views: NodeView[] = [];
  for (const name of names) {
    const view = await control.getNode({ node: name === 'self' ? await ownNodeId(call) : name });
    if (!views.some(({ node }) => node.id === view.node.id)) views.push(view);
  }
  const { nodes: all } = await control.listNodes({});
  return views.map((view) => ({ id: view.node.id, name: callName(view, all), view }));
};

/** `b`, `b and c`, `b, c and d`. */
export const namesText = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
