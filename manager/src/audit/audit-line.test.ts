import { emptyMeta, type StoreAction } from '@tso/proto';
import test from 'ava';
import { applyTransaction } from '../store/apply.ts';
import { Tables } from '../store/tables.ts';
import { nodeNamed } from '../testing/specs.ts';
import { auditLine, endOfLog, missedLine } from './audit-line.ts';

const audit = { actor: 'ana', role: 'client', source: 'socket', manager: 'm1', method: '/m', target: 'stack shop', requestId: '' };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const lineOf = (tables: Tables, actions: readonly StoreAction[]) => {
  const result = applyTransaction(tables, tables.index + 1, { actions, expect: [], atMs: 5, origin: 'api' });
  const changes = result.ok ? result.changes : [];
  return JSON.parse(auditLine({ index: tables.index, atMs: 5, audit, changes }, 'then') ?? 'null');
};

test('objects are named as people know them, with what became of them', (t) => {
  const tables = new Tables();
  t.deepEqual(lineOf(tables, [{ putNode: nodeNamed('alpha') }]).changes, [{ kind: 'node', id: 'alpha', name: 'alpha', action: 'create' }]);
  t.is(lineOf(tables, [{ putNode: nodeNamed('alpha') }]).changes[0].action, 'update');
  t.is(lineOf(tables, [{ remove: { kind: 'node', id: 'alpha' } }]).changes[0].action, 'remove');
});

test('what every wish puts beside its objects is left out, and of very many objects the rest is counted', (t) => {
  const tables = new Tables();
  const cluster = { id: 'c', meta: emptyMeta, addressPool: '', subnetPrefix: 24, firstVni: 1, vxlanPort: 1 };
  const request = { id: 'k', meta: emptyMeta, method: '/m', reply: bytes('secret'), requestDigest: 'd' };
  t.deepEqual(lineOf(tables, [{ putCluster: cluster }, { putRequest: request }]).changes, []);
  const many = Array.from({ length: 250 }, (_, at) => ({ putNode: nodeNamed(`n${at}`) }));
  const line = lineOf(tables, many);
  t.deepEqual([line.changes.length, line.moreChanges], [200, 50]);
});

test('nobody asked: no line', (t) => {
  t.is(auditLine({ index: 1, atMs: 5, audit: undefined, changes: [] }, 'then'), undefined);
});

test('the end of a log is its last whole line', (t) => {
  t.deepEqual(endOfLog(bytes('')), { index: 0, tornBytes: 0 });
  t.deepEqual(endOfLog(bytes('{"index":3}\n{"index":4}\n')), { index: 4, tornBytes: 0 });
  t.deepEqual(endOfLog(bytes('{"index":3}\n{"index":4')), { index: 3, tornBytes: 10 });
  t.deepEqual(endOfLog(bytes('ex":2}\n{"index":3}\n\0\0\0\n')), { index: 3, tornBytes: 0 });
  t.deepEqual(endOfLog(bytes('{"index":3}')), { index: 0, tornBytes: 11 });
  t.deepEqual(endOfLog(bytes(missedLine(4, 9, 'then', 'why'))), { index: 9, tornBytes: 0 });
});
