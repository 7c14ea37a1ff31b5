import { emptyContainerSpec, emptyMount, emptyTaskSpec, MountType, type Service, type Volume } from '@tso/proto';
import test from 'ava';
import { heldByData } from './rebalancing.ts';

const mounting = (...sources: readonly string[]): Service => {
  const mounts = sources.map((source) => ({ ...emptyMount, type: MountType.VOLUME, source }));
  return { spec: { task: { ...emptyTaskSpec, container: { ...emptyContainerSpec, mounts } } } } as unknown as Service;
};
const view = {
  volumeByName: (name: string) => (name === 'far' ? ({ spec: { driverOpts: { type: 'nfs4' } } } as unknown as Volume) : undefined),
};

test('a volume of its node holds a task there, one on a file server does not', (t) => {
  t.is(heldByData(view, mounting('far', 'near')), 'near');
  t.is(heldByData(view, mounting('far')), undefined);
  t.is(heldByData(view, mounting('')), undefined);
});
