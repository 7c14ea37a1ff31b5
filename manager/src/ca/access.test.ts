import { type Authority, emptyMeta, type Node, NodeRole, newNode, type StoreAction, TsoError } from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { applyTransaction } from '../store/apply.ts';
import { Tables } from '../store/tables.ts';
import { authorityWith } from '../testing/specs.ts';
import { accessOf, type CertifiedIdentity } from './access.ts';
import { withRevoked } from './revocations.ts';

const nowMs = 1_000_000;

const authority = authorityWith();

const cluster = { id: 'c1', meta: emptyMeta, addressPool: '', subnetPrefix: 24, firstVni: 1, vxlanPort: 4789 };

const viewOf = (nodes: readonly Node[], of: Authority = authority): Tables => {
  const tables = new Tables();
  const actions: readonly StoreAction[] = [{ putCluster: cluster }, ...nodes.map((node) => ({ putNode: node })), { putAuthority: of }];
  applyTransaction(tables, 1, { actions, expect: [], atMs: nowMs, origin: 'test' });
  return tables;
};

const verdict = (
  view: Tables,
  identity: Partial<CertifiedIdentity>,
  atMs = nowMs,
  ownCluster?: string,
  named?: ReadonlySet<string>,
): unknown => {
  try {
    return accessOf(view, { nodeId: 'n1', role: 'worker', cluster: 'c1', ...identity }, atMs, { cluster: ownCluster, named }).join();
  } catch (error) {
    return error instanceof TsoError && error.code === 'PERMISSION_DENIED' ? error.details.reason : error;
  }
};

const node = (more: Partial<Node> = {}): Node => ({ ...newNode, id: 'n1', ...more });

test('a node may do what its certificate says, as long as the cluster has it', (t) => {
  t.is(verdict(viewOf([node()]), {}), 'worker');
  t.is(verdict(viewOf([node({ role: NodeRole.MANAGER, wantedRole: NodeRole.MANAGER })]), { role: 'manager' }), 'manager');
  t.is(verdict(viewOf([node({ role: NodeRole.MANAGER, wantedRole: NodeRole.MANAGER })]), { role: 'worker' }), 'worker');
});

test('the certificate of a node that is not there opens nothing, and says so', (t) => {
  t.is(verdict(viewOf([]), {}), 'unknown');
  t.is(verdict(viewOf([]), { role: 'manager' }), 'unknown');
});

test('a removed node is out at once, and is told so as long as its certificate could last', (t) => {
  t.is(verdict(viewOf([node({ removing: true })]), {}), 'removed');
  const revoked = withRevoked(authority, 'n1', 'node', nowMs);
  t.is(verdict(viewOf([], revoked), {}), 'removed');
  t.is(verdict(viewOf([], revoked), {}, nowMs + 3 * 365 * 86_400_000), 'unknown');
});

test('a manager that is to be removed is let go by its group first', (t) => {
  const leaving = node({ role: NodeRole.MANAGER, removing: true });
  t.is(verdict(viewOf([leaving]), { role: 'manager' }), 'manager');
  t.is(verdict(viewOf([{ ...leaving, role: NodeRole.WORKER }]), { role: 'manager' }), 'removed');
});

test('a node on its way to manager may act as one, and on its way back until it is a worker', (t) => {
  t.is(verdict(viewOf([node({ wantedRole: NodeRole.MANAGER })]), { role: 'manager' }), 'manager');
  t.is(verdict(viewOf([node({ role: NodeRole.MANAGER })]), { role: 'manager' }), 'manager');
  t.is(verdict(viewOf([node()]), { role: 'manager' }), 'worker');
});

test('an operator may act until the certificate is revoked, which is of no concern to a node of that name', (t) => {
  t.is(verdict(viewOf([]), { nodeId: 'alice', role: 'client' }), 'client');
  const revoked = withRevoked(authority, 'alice', 'client', nowMs);
  t.is(verdict(viewOf([], revoked), { nodeId: 'alice', role: 'client' }), 'revoked');
  t.is(verdict(viewOf([], revoked), { nodeId: 'bob', role: 'client' }), 'client');
  t.is(verdict(viewOf([node({ id: 'alice' })], revoked), { nodeId: 'alice', role: 'worker' }), 'worker');
});

test('nobody of another cluster gets in', (t) => {
  for (const role of ['manager', 'worker', 'client'] as const) {
    t.is(verdict(viewOf([node()]), { role, cluster: 'c2' }), 'cluster');
  }
});

test('where certificates are made elsewhere, they are believed as they are', (t) => {
  const tables = viewOf([]);
  applyTransaction(tables, 2, { actions: [{ remove: { kind: 'authority', id: 'authority' } }], expect: [], atMs: nowMs, origin: 'test' });
  for (const role of ['manager', 'worker', 'client'] as const) {
    t.is(verdict(tables, { role, cluster: 'c9' }, nowMs, 'c9'), role);
    t.is(verdict(tables, { role, cluster: 'c8' }, nowMs, 'c9'), 'cluster');
  }
});

test('a manager that knows nothing yet lets only managers in, from whom it will learn', (t) => {
  const empty = new Tables();
  t.is(verdict(empty, { role: 'manager' }, nowMs, 'c1'), 'manager');
  for (const role of ['worker', 'client'] as const) {
    t.like(verdict(empty, { role }, nowMs, 'c1'), { code: 'UNAVAILABLE', details: { outcome: 'refused' } });
  }
  t.is(verdict(empty, { role: 'manager' }), 'cluster', 'a cluster that is not known is nobody’s');
});

test('a manager that has joined and knows nothing yet lets in those alone whom its group has named, not one that was removed from it', (t) => {
  const empty = new Tables();
  const named = new Set(['m1', 'm2']);
  t.is(verdict(empty, { nodeId: 'm1', role: 'manager' }, nowMs, 'c1', named), 'manager');
  t.like(verdict(empty, { nodeId: 'm3', role: 'manager' }, nowMs, 'c1', named), { code: 'UNAVAILABLE', details: { outcome: 'refused' } });
  t.like(verdict(empty, { nodeId: 'm1', role: 'worker' }, nowMs, 'c1', named), { code: 'UNAVAILABLE' });
  const later = viewOf([node({ role: NodeRole.MANAGER, wantedRole: NodeRole.MANAGER })]);
  t.is(verdict(later, { role: 'manager' }, nowMs, 'c1', named), 'manager', 'from then on the store says who is one');
});

const anyNode = fc.record({
  role: fc.constantFrom(NodeRole.WORKER, NodeRole.MANAGER),
  wantedRole: fc.constantFrom(NodeRole.WORKER, NodeRole.MANAGER),
  removing: fc.boolean(),
});
const anyIdentity = fc.record({
  nodeId: fc.constantFrom('n1', 'n2'),
  role: fc.constantFrom('manager' as const, 'worker' as const, 'client' as const),
  cluster: fc.constantFrom('c1', 'c1', 'c2'),
});

test('whatever a certificate says, it opens no more than it says and no more than its owner is', (t) => {
  fc.assert(
    fc.property(fc.option(anyNode, { nil: undefined }), anyIdentity, (known, identity) => {
      const roles = verdict(viewOf(known === undefined ? [] : [node(known)]), identity);
      if (roles === 'manager') {
        t.is(identity.role, 'manager');
        t.true(known?.role === NodeRole.MANAGER || known?.wantedRole === NodeRole.MANAGER);
      }
      if (roles === 'client') t.is(identity.role, 'client');
      if (roles === 'worker') t.not(identity.role, 'client');
      if (roles === 'manager' || roles === 'worker') t.is(identity.nodeId, 'n1', 'the only node that is known');
      if (identity.cluster === 'c2') t.is(roles, 'cluster');
    }),
  );
});
