import { type AuthorityView, NodeState, type NodeView } from '@tso/proto';
import { nodeStateNames } from './names.ts';
import { callName } from './node-row.ts';
import type { Progress, ProgressRow } from './progress.ts';

const rowOf = (view: NodeView, name: string, epoch: number): ProgressRow => {
  const { node } = view;
  if (node.authorityEpoch >= epoch) return { key: node.id, name, state: 'renewed', detail: '', mark: 'ok' };
  if (node.state === NodeState.NODE_READY) return { key: node.id, name, state: 'renewing', detail: '', mark: 'busy' };
  const detail = `the node is ${nodeStateNames[node.state]}; the old root is trusted until it is back, or removed (tso node rm ${node.id})`;
  return { key: node.id, name, state: 'waiting', detail, mark: 'wait' };
};

/** How far a rotation of the root is: one row for each node that has to follow. */
export const authorityProgress = (authority: AuthorityView, nodes: readonly NodeView[]): Progress => {
  const staying = nodes.filter(({ node }) => !node.removing);
  const rows = staying.map((view) => rowOf(view, callName(view, nodes), authority.epoch));
  if (!authority.rotating) {
    return {
      title: 'the root is another now',
      rows: rows.map((row) => ({ ...row, state: 'renewed', detail: '', mark: 'ok' })),
      outcome: { kind: 'done' },
    };
  }
  const done = rows.filter((row) => row.mark === 'ok').length;
  return { title: `certificates of the new root: ${done} of ${rows.length} nodes`, rows, outcome: { kind: 'waiting' } };
};
