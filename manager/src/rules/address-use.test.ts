import test from 'ava';
import { attachment, networkSpec, nodeNamed, serviceSpec, stackSpec } from '../testing/specs.ts';
import { World } from '../testing/world.ts';
import { addressUses, fillingText } from './address-use.ts';

test('of a network what is counted is what is given out of its range: to tasks, services and nodes', (t) => {
  const world = new World([nodeNamed('alpha')]);
  const networks = [networkSpec('net', { subnet: '10.9.0.0/24', ipRange: '10.9.0.128/28' })];
  const fixed = serviceSpec('db', { task: { networks: [attachment('net', { ipv4Address: '10.9.0.5' })] } });
  world.up(stackSpec('shop', [fixed, serviceSpec('web', { replicas: 3, task: { networks: [attachment('net')] } })], { networks }));
  const use = () => addressUses(world.tables, world.tables.networks()).get(world.tables.networks()[0]?.id ?? '');
  t.deepEqual(use(), { used: 5, total: 16, tasks: 4 }, 'two virtual addresses and three tasks; the fixed one lies beside the range');
  world.run();
  world.scale('shop', 'web', 1);
  world.run();
  t.deepEqual(use(), { used: 3, total: 16, tasks: 2 }, 'what ended holds nothing');
});

test('from four fifths on it is said, with numbers, and what is to come counts', (t) => {
  const text = (used: number, more = 0): string => fillingText('net', '10.9.0.0/28', { used, total: 10, tasks: 0 }, more);
  t.is(text(7), '');
  t.is(
    text(8),
    'network net has 10 addresses in 10.9.0.0/28 and 8 of them are used: make the network anew with a larger subnet before it is full',
  );
  t.is(
    text(7, 3),
    'network net has 10 addresses in 10.9.0.0/28 and all are used: what comes now will wait; make the network anew with a larger subnet',
  );
  t.is(
    text(7, 4),
    'network net has 10 addresses in 10.9.0.0/28 and 11 are wanted: tasks will wait; make the network anew with a larger subnet',
  );
  t.is(fillingText('net', '', { used: 0, total: 0, tasks: 0 }), '', 'one without a subnet is not full');
});
