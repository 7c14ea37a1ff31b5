import { type Authority, emptyMeta, newNode } from '@tso/proto';
import test from 'ava';
import { authorityView } from './authority-view.ts';

const authority: Authority = {
  id: 'authority',
  meta: emptyMeta,
  certificate: 'new root\n',
  key: 'SECRET key',
  epoch: 2,
  rotation: { oldCertificate: 'old root\n', oldKey: 'SECRET old key', crossSigned: 'between\n', begunAtMs: 1 },
  workerSecret: 'SECRET worker',
  managerSecret: 'SECRET manager',
  certificateLifeMs: 9,
  revoked: [],
  unlockKey: 'SECRET unlock',
};

test('a view of the authority says how far a rotation is, by names of hosts, and shows no secret', (t) => {
  const nodes = [
    { ...newNode, id: 'n1', authorityEpoch: 1, description: { ...newNode.description, hostname: 'alpha' } },
    { ...newNode, id: 'n2', authorityEpoch: 1 },
    { ...newNode, id: 'n3', authorityEpoch: 2 },
  ];
  const view = authorityView(authority, nodes, { digest: 'd', notAfterMs: 5 });
  t.deepEqual(view, {
    certificates: 'new root\nold root\n',
    digest: 'd',
    epoch: 2,
    rotating: true,
    waitingFor: ['alpha', 'n2'],
    notAfterMs: 5,
    certificateLifeMs: 9,
  });
  t.false(JSON.stringify(view).includes('SECRET'));
});
