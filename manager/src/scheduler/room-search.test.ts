import test from 'ava';
import { Tables } from '../store/tables.ts';
import { nodeNamed } from '../testing/specs.ts';
import { nodeInfo } from './node-info.ts';
import { type Proposal, RoomSearch } from './room-search.ts';

const proposal = (id: string, cost: number): Proposal => ({
  info: nodeInfo(new Tables(), nodeNamed(id)),
  victims: [],
  leaving: [],
  rank: [cost],
});

/** Costs by node; one without is no place for the task. */
const searchOver = (costs: Map<string, number>) => {
  const looked: string[] = [];
  const look = (id: string): Proposal | undefined => {
    looked.push(id);
    const cost = costs.get(id);
    return cost === undefined ? undefined : proposal(id, cost);
  };
  return { looked, search: new RoomSearch([...costs.keys(), 'none'], look) };
};

test('the cheapest place comes first, and is found anew only where something has changed', (t) => {
  const costs = new Map([
    ['a', 3],
    ['b', 1],
    ['c', 2],
  ]);
  const { looked, search } = searchOver(costs);
  t.is(search.best?.info.node.id, 'b');
  costs.set('b', 9);
  t.is(search.best?.info.node.id, 'b', 'nobody has said that it changed');
  search.changed('b');
  t.is(search.best?.info.node.id, 'c');
  costs.delete('c');
  search.changed('c');
  search.changed('none');
  t.is(search.best?.info.node.id, 'a');
  t.deepEqual(looked, ['a', 'b', 'c', 'none', 'b', 'c']);
});

test('of very many nodes no more are compared than it takes, and the next ones are looked at when those are used up', (t) => {
  const costs = new Map(Array.from({ length: 1_000 }, (_, at) => [`n${String(at).padStart(4, '0')}`, 1_000 - at] as const));
  const { looked, search } = searchOver(costs);
  t.is(search.best?.info.node.id, 'n0199');
  t.is(looked.length, 200);
  costs.delete('n0199');
  search.changed('n0199');
  t.is(search.best?.info.node.id, 'n0200');
  for (const id of costs.keys()) search.changed(id);
  costs.clear();
  t.is(search.best, undefined);
});
