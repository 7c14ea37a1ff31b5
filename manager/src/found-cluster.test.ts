import { type Authority, emptyMeta, NodeRole } from '@tso/proto';
import test from 'ava';
import { foundCluster } from './found-cluster.ts';
import { realClock, realRandom, silentLogger } from './testing/ports.ts';
import { LaggingMember, SharedLog } from './testing/shared-log.ts';

const options = { nodeId: 'n1', addressPool: '10.0.0.0/8', subnetPrefix: 24, firstVni: 7, vxlanPort: 4789 };
const ports = { clock: realClock, random: realRandom, logger: silentLogger };

const authority: Authority = {
  id: 'authority',
  meta: emptyMeta,
  certificate: 'PEM',
  key: 'KEY',
  epoch: 1,
  workerSecret: 'w',
  managerSecret: 'm',
  certificateLifeMs: 1,
  revoked: [],
  unlockKey: '',
};

test('a cluster is founded with who vouches for it and with its first node, once', async (t) => {
  const store = new LaggingMember(new SharedLog());
  const founding = { clusterId: 'c1', authority };
  await foundCluster(options, { ...ports, store, founding });
  t.is(store.view.cluster()?.id, 'c1');
  t.is(store.view.authority()?.certificate, 'PEM');
  t.like(store.view.node('n1'), { role: NodeRole.MANAGER, wantedRole: NodeRole.MANAGER, authorityEpoch: 1 });
  await foundCluster(options, { ...ports, store, founding: { ...founding, clusterId: 'c2' } });
  t.is(store.proposed.length, 1);
});

test('without certificates of its own a cluster has no authority, and nodes come as they connect', async (t) => {
  const store = new LaggingMember(new SharedLog());
  await foundCluster(options, { ...ports, store, founding: undefined });
  t.truthy(store.view.cluster());
  t.is(store.view.authority(), undefined);
  t.deepEqual(store.view.nodes(), []);
});
