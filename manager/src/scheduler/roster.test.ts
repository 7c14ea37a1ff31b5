import { newService } from '@tso/proto';
import test from 'ava';
import { task } from '../dispatcher/dispatcher-fixture.ts';
import { Tables } from '../store/tables.ts';
import { nodeNamed, serviceSpec } from '../testing/specs.ts';
import { askOf } from './ask.ts';
import { infoOf, type NodeInfo } from './node-info.ts';
import { type Roster, Rosters } from './roster.ts';

const gib = 2 ** 30;

const info = (id: string, tasks: number, gibLeft = 8): NodeInfo => {
  const base = nodeNamed(id);
  const node = { ...base, description: { ...base.description, resources: { nanoCpus: 0, memoryBytes: 8 * gib, pids: 0 } } };
  return { ...infoOf(node, []), tasks, reservedMemoryBytes: (8 - gibLeft) * gib };
};

const asking = (id: string, reserved: number) => {
  const spec = serviceSpec(id, { task: { reservations: { nanoCpus: 0, memoryBytes: reserved * gib, pids: 0 } } });
  return askOf(new Tables(), { ...newService, id, spec }, task(`${id}1`, '', { serviceId: id, spec: spec.task }));
};

const order = (roster: Roster): readonly string[] =>
  Array.from({ length: roster.fitting }, (_, place) => roster.at(place)?.node.id ?? 'nobody');

test('the nodes with the fewest tasks come first, then by id; whoever has no room is counted with the reason', (t) => {
  const roster = new Rosters().of(asking('web', 2), [info('c', 1), info('b', 4), info('a', 1), info('d', 0, 1)]);
  t.deepEqual(order(roster), ['a', 'c', 'b']);
  t.is(roster.rejected.text, '1 has 1 GiB of memory left for 2 GiB reserved');
  t.is(roster.at(3), undefined);
  t.is(roster.of('nobody'), undefined);
});

test('what has changed of nodes is put where it belongs, and the roster of before stays as it was', (t) => {
  const rosters = new Rosters();
  const [a, b, c, d] = [info('a', 1), info('b', 4), info('c', 1), info('d', 0, 1)];
  const before = rosters.of(asking('web', 2), [a, b, c, d]);
  const after = rosters.of(asking('web', 2), [info('a', 9), b, info('c', 2, 0), info('d', 0)]);
  t.deepEqual(order(after), ['d', 'b', 'a']);
  t.is(after.rejected.count, 1);
  t.deepEqual(order(before), ['a', 'c', 'b']);
  t.deepEqual(order(rosters.of(asking('web', 2), [b, info('e', 0)])), ['e', 'b'], 'other nodes');
});

test('services that ask for the same have one roster, others have their own', (t) => {
  const rosters = new Rosters();
  const infos = [info('a', 1), info('b', 0, 1)];
  const web = rosters.of(asking('web', 2), infos);
  t.is(rosters.of(asking('api', 2), infos), web);
  t.deepEqual(order(rosters.of(asking('db', 1), infos)), ['b', 'a']);
  t.deepEqual(order(web), ['a']);
});
