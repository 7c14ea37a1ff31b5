import { NodeState, portTrouble } from '@tso/proto';
import test from 'ava';
import { aNode } from '../testing/nodes.ts';
import { unansweredPorts } from './unanswered-ports.ts';

const why = 'port 80/tcp is taken on this host by nginx (pid 812)';
const nodeWith = (hostname: string, troubles: readonly string[], state: NodeState = NodeState.NODE_READY) => {
  const view = aNode(hostname);
  return { ...view, node: { ...view.node, state, description: { ...view.node.description, troubles } } };
};

test('a node that does not answer on a port is named, with why', (t) => {
  const nodes = [nodeWith('a', [portTrouble('shop_web', why), portTrouble('shop_api', why)]), nodeWith('b', ['no IPv6'])];
  t.deepEqual(unansweredPorts('shop', ['web'], nodes), { ports: [{ service: 'web', hostname: 'a', why }], nowhere: undefined });
  t.deepEqual(unansweredPorts('other', ['web'], nodes), { ports: [], nowhere: undefined });
});

test('a port that no ready node answers is told as such', (t) => {
  const nodes = [nodeWith('a', [portTrouble('shop_web', why)]), nodeWith('b', [], NodeState.NODE_DOWN)];
  t.deepEqual(unansweredPorts('shop', ['api', 'web'], nodes).nowhere, { service: 'web', hostname: 'a', why });
  t.is(unansweredPorts('shop', ['web'], []).nowhere, undefined);
});
