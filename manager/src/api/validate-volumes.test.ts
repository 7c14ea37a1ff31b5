import type { VolumeSpec } from '@tso/proto';
import test from 'ava';
import { stackSpec } from '../testing/specs.ts';
import { World } from '../testing/world.ts';
import { validateStack } from './validate.ts';

const { tables: nothing } = new World();
const refusal = (driverOpts: VolumeSpec['driverOpts'], change: Partial<VolumeSpec> = {}): string => {
  const volume = { name: 'shop_data', driver: 'local', external: false, labels: {}, driverOpts, ...change };
  return validateStack(nothing, stackSpec('shop', [], { volumes: [volume] }))?.message ?? 'accepted';
};

for (const [expected, options] of [
  ['volume shop_data: the driver local has no option size', { type: 'tmpfs', size: '1' }],
  ['volume shop_data: driver_opts.o has a line break in it', { type: 'nfs', device: ':/x', o: 'addr=a\nb' }],
  ['volume shop_data: driver_opts do not say the type of what is mounted', { device: '/srv' }],
  ['volume shop_data: driver_opts do not say the type of what is mounted', { type: 'none', device: '/srv' }],
  ['volume shop_data: driver_opts do not say what is mounted', { type: 'nfs', o: 'addr=10.0.0.5' }],
  ['volume shop_data: the folder of the node is not an absolute path', { o: 'bind', device: 'srv' }],
  ['accepted', { type: 'nfs', o: 'addr=10.0.0.5,rw', device: ':/exports/data' }],
  ['accepted', { type: 'none', o: 'bind', device: '/srv/data' }],
  ['accepted', { type: 'tmpfs', o: 'size=100m' }],
  ['accepted', {}],
] as const)
  test(`${JSON.stringify(options)}: ${expected}`, (t) => t.is(refusal(options), expected));

test('a driver that is none is refused, and no problem quotes an option', (t) => {
  t.is(refusal({}, { driver: 'vieux/sshfs' }), 'volume shop_data: there is no volume driver vieux/sshfs');
  t.false(refusal({ type: 'cifs', o: 'password=hunter2' }).includes('hunter2'));
});

test('a name may be one for each task, by what a node fills in, and by nothing else', (t) => {
  t.is(refusal({}, { name: 'data-{{.Task.Slot}}-{{.Node.Hostname}}' }), 'accepted');
  t.is(refusal({}, { name: '{{.Service.Name}}' }), 'accepted');
  t.is(refusal({}, { name: 'data-{{.Env.HOME}}' }), '"data-{{.Env.HOME}}" cannot be the name of a volume');
  t.is(refusal({}, { name: '../{{.Task.Slot}}' }), '"../{{.Task.Slot}}" cannot be the name of a volume');
});

test('a name that is longer than any folder is refused unread and unrepeated, whatever stands in it', (t) => {
  const said = 'the name of a volume has 256 characters, it may have 255';
  t.is(refusal({}, { name: 'n'.repeat(256) }), said);
  t.is(refusal({}, { name: 'n'.repeat(256), external: true }), said);
  t.is(refusal({}, { name: `{{${'.Task.'.repeat(41)}${'x'.repeat(5)}}}` }), 'accepted');
  t.is(refusal({}, { name: `{{${'.Task.'.repeat(500_000)}` }), 'the name of a volume has 3000002 characters, it may have 255');
  t.is(refusal({}, { name: 'n'.repeat(255) }), 'accepted');
});
