import { emptyMount, MountType, newService, type Service } from '@tso/proto';
import test from 'ava';
import { tablesOf, volume } from '../dispatcher/dispatcher-fixture.ts';
import { serviceSpec } from '../testing/specs.ts';
import { heldByData } from './rebalancing.ts';

const mounting = (...sources: readonly string[]): Service => {
  const mounts = sources.map((source) => ({ ...emptyMount, type: MountType.VOLUME, source }));
  return { ...newService, spec: serviceSpec('web', { task: { container: { mounts } } }) };
};
const far = volume('far');
const view = tablesOf({ putVolume: { ...far, spec: { ...far.spec, driverOpts: { type: 'nfs4' } } } }, { putVolume: volume('near') });

test('a volume of its node holds a task there, one on a file server does not', (t) => {
  t.is(heldByData(view, mounting('far', 'near')), 'near');
  t.is(heldByData(view, mounting('far', 'unknown')), 'unknown');
  t.is(heldByData(view, mounting('far')), undefined);
  t.is(heldByData(view, mounting('')), undefined);
});
