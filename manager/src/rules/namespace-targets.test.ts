import type { StackSpec } from '@tso/proto';
import test from 'ava';
import { serviceSpec, stackSpec } from '../testing/specs.ts';
import { World } from '../testing/world.ts';
import { namespaceTarget, sharedNamespaceCycle } from './namespace-targets.ts';

const on = (name: string, networkMode: string, containerName = '', pidMode = '') =>
  serviceSpec(name, { task: { networkMode, container: { containerName, pidMode } } });
const stack = (...services: ReturnType<typeof on>[]): StackSpec => stackSpec('shop', services);
const { tables: nothing } = new World();

test('with whom a service shares is said by the name of a service of its stack, or of a container', (t) => {
  const spec = stack(on('db', '', 'database'));
  t.deepEqual(
    ['', 'service:db', 'container:database', 'host', 'service:nobody'].map((mode) => namespaceTarget(nothing, spec, mode)),
    [undefined, { stack: 'shop', service: 'db' }, { stack: 'shop', service: 'db' }, undefined, 'unknown'],
  );
});

test('a container name may be that of another stack, a service may not', (t) => {
  const world = new World();
  world.up(stackSpec('base', [serviceSpec('vpn', { task: { container: { containerName: 'vpn' } } })]));
  t.deepEqual(
    ['container:vpn', 'service:vpn'].map((mode) => namespaceTarget(world.tables, stack(on('a', '')), mode)),
    [{ stack: 'base', service: 'vpn' }, 'unknown'],
  );
});

test('a circle is found, be it of one service or of different things shared, and a chain is none', (t) => {
  t.deepEqual(sharedNamespaceCycle(nothing, stack(on('a', 'service:a'))), ['a', 'a']);
  t.deepEqual(sharedNamespaceCycle(nothing, stack(on('x', 'service:a'), on('a', 'service:b'), on('b', 'service:a'))), ['a', 'b', 'a']);
  t.deepEqual(sharedNamespaceCycle(nothing, stack(on('a', 'service:b'), on('b', '', '', 'service:a'))), ['a', 'b', 'a']);
  t.is(sharedNamespaceCycle(nothing, stack(on('a', 'service:b'), on('b', 'service:c'), on('c', 'host'))), undefined);
});
