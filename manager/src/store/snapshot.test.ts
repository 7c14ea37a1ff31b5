import type { Config, StoreAction, StoreSnapshot } from '@tso/proto';
import { decode, emptyMeta, encode, FileKind } from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { nodeNamed, stackSpec } from '../testing/specs.ts';
import { applyTransaction } from './apply.ts';
import { SnapshotBuilder, snapshotPieces, takeSnapshot } from './snapshot.ts';
import { Tables } from './tables.ts';

const config = (name: string, data: Uint8Array = new Uint8Array([1, 2, 3])): Config => ({
  id: name,
  meta: emptyMeta,
  name,
  labels: {},
  stack: '',
  data,
});

const apply = (tables: Tables, ...actions: readonly StoreAction[]): void => {
  applyTransaction(tables, tables.index + 1, { actions, expect: [], atMs: 1_000, origin: 'test' });
};

const overTheWire = (piece: StoreSnapshot): StoreSnapshot => decode('StoreSnapshot', encode('StoreSnapshot', piece));

const rebuilt = (index: number, pieces: Iterable<StoreSnapshot>): Tables => {
  const builder = new SnapshotBuilder(index);
  for (const piece of pieces) builder.add(overTheWire(piece));
  return builder.build();
};

const sizeOf = (piece: StoreSnapshot): number =>
  Object.values(piece).reduce((sum: number, list: unknown) => sum + (Array.isArray(list) ? list.length : 0), 0);

test('a store taken apart and put together over the wire is the same', (t) => {
  const tables = new Tables();
  const cluster = { id: 'c', meta: emptyMeta, addressPool: '10.0.0.0/8', subnetPrefix: 24, firstVni: 1, vxlanPort: 4789 };
  const manager = { id: '3', meta: emptyMeta, raftId: 3, nodeId: 'n', address: 'host:1', wantsVote: true, removed: false };
  const stack = { id: 's', meta: emptyMeta, name: 'shop', spec: stackSpec('shop', []), previousVersion: 0, changedBy: '' };
  apply(tables, { putCluster: cluster }, { putManager: manager }, { putStack: stack });
  for (let at = 0; at < 450; at++) apply(tables, { putNode: nodeNamed(`node-${at}`) }, { putConfig: config(`key-${at}`) });
  const { index, pieces } = snapshotPieces(tables);
  const sizes = [...pieces].map(sizeOf);
  t.deepEqual(sizes, [1, 200, 200, 50, 1, 1, 200, 200, 50]);
  t.deepEqual(takeSnapshot(rebuilt(index, pieces)), takeSnapshot(tables));
});

test('an empty store has no pieces, and keeps its index', (t) => {
  const tables = new Tables();
  tables.advanceTo(7);
  const { index, pieces } = snapshotPieces(tables);
  t.deepEqual([...pieces], []);
  t.is(rebuilt(index, pieces).index, 7);
});

test('pieces stay small though the objects are large', (t) => {
  const tables = new Tables();
  for (let at = 0; at < 10; at++) apply(tables, { putConfig: config(`key-${at}`, new Uint8Array(100_000)) });
  apply(tables, { putConfig: config('huge', new Uint8Array(1_000_000)) });
  t.deepEqual([...snapshotPieces(tables).pieces].map(sizeOf), [2, 2, 2, 2, 2, 1]);
});

test('what was captured does not change with the store', (t) => {
  const tables = new Tables();
  apply(tables, { putConfig: config('a') }, { putConfig: config('b') });
  const { index, pieces } = snapshotPieces(tables);
  const before = takeSnapshot(tables);
  apply(tables, { putConfig: config('a', new Uint8Array([9])) }, { remove: { kind: 'config', id: 'b' } }, { putConfig: config('c') });
  t.deepEqual(takeSnapshot(rebuilt(index, pieces)), before);
  t.deepEqual(takeSnapshot(rebuilt(index, pieces)), before, 'and can be read again');
});

test('a piece of another snapshot is refused', (t) => {
  const tables = new Tables();
  apply(tables, { putConfig: config('a') });
  const { pieces } = snapshotPieces(tables);
  t.throws(() => rebuilt(2, pieces), { code: 'DATA_LOSS', message: 'a part of the snapshot at 1 is among those of the snapshot at 2' });
});

test('a stored configuration has bytes of its own: the buffer that it came in may be used again', (t) => {
  const wire = encode('Transaction', { actions: [{ putConfig: config('a') }], expect: [], atMs: 1, origin: 'test' });
  const tables = new Tables();
  applyTransaction(tables, 1, decode('Transaction', wire));
  const [piece] = snapshotPieces(tables).pieces;
  if (piece === undefined) throw new Error('there must be a piece');
  const pieceWire = encode('StoreSnapshot', piece);
  const builder = new SnapshotBuilder(1);
  builder.add(decode('StoreSnapshot', pieceWire));
  wire.fill(0);
  pieceWire.fill(0);
  for (const one of [tables, builder.build()]) {
    t.deepEqual(one.configByName('a')?.data, new Uint8Array([1, 2, 3]));
    t.is(one.configByName('a')?.data.buffer.byteLength, 3);
  }
});

type Step = { readonly name: string; readonly byte: number; readonly put: boolean };
const steps = fc.array(fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd', 'e'), byte: fc.nat(3), put: fc.boolean() }), {
  maxLength: 25,
});
const perform = (tables: Tables, { name, byte, put }: Step): void =>
  apply(tables, put ? { putConfig: config(name, new Uint8Array([byte])) } : { remove: { kind: 'config', id: name } });

test('a manager that took a snapshot on its way ends where one ends that saw every entry', (t) => {
  fc.assert(
    fc.property(steps, steps, (first, second) => {
      const whole = new Tables();
      for (const step of first) perform(whole, step);
      const { index, pieces } = snapshotPieces(whole);
      const jumped = rebuilt(index, pieces);
      for (const step of second) {
        perform(whole, step);
        perform(jumped, step);
      }
      t.deepEqual(takeSnapshot(jumped), takeSnapshot(whole));
      for (const name of ['a', 'b', 'c', 'd', 'e']) t.deepEqual(jumped.configByName(name), whole.configByName(name));
    }),
  );
});

test('secrets and the versions of files are in a snapshot, with bytes of their own', (t) => {
  const tables = new Tables();
  const secret = { ...config('key', new Uint8Array(200_000).fill(7)), stack: 'shop' };
  const version = {
    id: 'v',
    meta: emptyMeta,
    kind: FileKind.SECRET_FILE,
    name: 'key',
    data: new Uint8Array(200_000).fill(8),
    template: true,
  };
  const wire = encode('Transaction', {
    actions: [{ putSecret: secret }, { putFileVersion: version }],
    expect: [],
    atMs: 1,
    origin: 'test',
  });
  applyTransaction(tables, 1, decode('Transaction', wire));
  wire.fill(0);
  const { index, pieces } = snapshotPieces(tables);
  t.deepEqual([...pieces].map(sizeOf), [1, 1], 'each is large, and so a piece of its own');
  const again = rebuilt(index, pieces);
  t.deepEqual(again.secretByName('key')?.data, secret.data);
  t.deepEqual(
    again.versionsOfFile(FileKind.SECRET_FILE, 'key').map(({ data, template }) => [data, template]),
    [[version.data, true]],
  );
  t.deepEqual(again.versionsOfFile(FileKind.CONFIG_FILE, 'key'), []);
  for (const object of [again.secretByName('key'), again.fileVersion('v')]) t.is(object?.data.byteLength, object?.data.buffer.byteLength);
});
