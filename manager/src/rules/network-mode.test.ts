import type { StackSpec } from '@tso/proto';
import test from 'ava';
import { serviceSpec, stackSpec } from '../testing/specs.ts';
import { World } from '../testing/world.ts';
import { networkModeTarget, sharedNetworkCycle } from './network-mode.ts';

const on = (name: string, networkMode: string, containerName = '') =>
  serviceSpec(name, { task: { networkMode, container: { containerName } } });
const stack = (...services: ReturnType<typeof on>[]): StackSpec => stackSpec('shop', services);
const { tables: nothing } = new World();

test('whose network a service is on is said by the name of a service of its stack, or of a container', (t) => {
  const spec = stack(
    on('db', '', 'database'),
    on('a', 'service:db'),
    on('b', 'container:database'),
    on('c', 'host'),
    on('d', 'service:nobody'),
  );
  t.deepEqual(
    spec.services.map((service) => networkModeTarget(nothing, spec, service)),
    [undefined, { stack: 'shop', service: 'db' }, { stack: 'shop', service: 'db' }, undefined, 'unknown'],
  );
});

test('a container name may be that of another stack, a service may not', (t) => {
  const world = new World();
  world.up(stackSpec('base', [serviceSpec('vpn', { task: { container: { containerName: 'vpn' } } })]));
  const spec = stack(on('a', 'container:vpn'), on('b', 'service:vpn'));
  t.deepEqual(
    spec.services.map((service) => networkModeTarget(world.tables, spec, service)),
    [{ stack: 'base', service: 'vpn' }, 'unknown'],
  );
});

test('a circle is found, be it of one service, and a chain is none', (t) => {
  t.deepEqual(sharedNetworkCycle(nothing, stack(on('a', 'service:a'))), ['a', 'a']);
  t.deepEqual(sharedNetworkCycle(nothing, stack(on('x', 'service:a'), on('a', 'service:b'), on('b', 'service:a'))), ['a', 'b', 'a']);
  t.is(sharedNetworkCycle(nothing, stack(on('a', 'service:b'), on('b', 'service:c'), on('c', 'host'))), undefined);
});
