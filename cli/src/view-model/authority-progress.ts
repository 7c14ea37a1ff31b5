import { type AuthorityView, NodeState, type NodeView } from '@tso/proto';
import { nodeStateNames } from './names.ts';
import type { Progress, ProgressRow } from './progress.ts';
import { oneLine } from './task-text.ts';

const rowOf = (view: NodeView, waiting: ReadonlySet<string>, epoch: number): ProgressRow => {
  const { node } = view;
  const name = oneLine(node.description.hostname) || node.id;
  const isWaiting = waiting.has(node.description.hostname) || waiting.has(node.id);
  if (!isWaiting) return { key: node.id, name, state: 'renewed', detail: '', mark: 'ok' };
  if (node.state !== NodeState.NODE_READY) {
    const detail = `the node is ${nodeStateNames[node.state]}; the old root is trusted until it is back, or removed (tso node rm ${name})`;
    return { key: node.id, name, state: 'waiting', detail, mark: 'wait' };
  }
  return {
    key: node.id,
    name,
    state: 'renewing',
    detail: node.authorityEpoch < epoch ? '' : 'it is about to trust the new root only',
    mark: 'busy',
  };
};

/** How far a rotation of the root is: one row for each node. */
export const authorityProgress = (authority: AuthorityView, nodes: readonly NodeView[]): Progress => {
  const waiting = new Set(authority.waitingFor);
  const known = nodes.map((view) => rowOf(view, waiting, authority.epoch));
  const names = new Set(nodes.flatMap(({ node }) => [node.description.hostname, node.id]));
  const others = authority.waitingFor
    .filter((name) => !names.has(name))
    .map((name): ProgressRow => ({ key: name, name: oneLine(name), state: 'waiting', detail: '', mark: 'wait' }));
  const rows = [...known, ...others];
  if (!authority.rotating)
    return {
      title: 'the root is another now',
      rows: rows.map((row) => ({ ...row, state: 'renewed', detail: '', mark: 'ok' })),
      outcome: { kind: 'done' },
    };
  const done = rows.filter((row) => row.mark === 'ok').length;
  return { title: `certificates of the new root: ${done} of ${rows.length} nodes`, rows, outcome: { kind: 'waiting' } };
};
