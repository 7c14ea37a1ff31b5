import test from 'ava';
import fc from 'fast-check';
import { encodeRecord, type LogRecord, recordHeaderBytes, scanRecords } from './record.ts';

const payloads = fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 6 });

const recordsOf = (contents: readonly Uint8Array[], groupSize = 1): LogRecord[] =>
  contents.map((payload, position) => ({ index: position + 1, durableIndex: Math.floor(position / groupSize) * groupSize, payload }));

const plain = (records: readonly LogRecord[]) => records.map(({ index, payload }) => [index, [...payload]]);

test('what is written is read back, whatever the payloads', (t) => {
  fc.assert(
    fc.property(payloads, (contents) => {
      const records = recordsOf(contents);
      const scan = scanRecords(Buffer.concat(records.map(encodeRecord)), 0, 1);
      t.deepEqual(scan.tail, { kind: 'clean' });
      t.deepEqual(plain(scan.records), plain(records));
    }),
  );
});

test('cut at any byte of the last record, the records before it are read and the rest is a torn tail', (t) => {
  fc.assert(
    fc.property(payloads, fc.nat(), (contents, at) => {
      const records = recordsOf(contents);
      const encoded = records.map(encodeRecord);
      const start = encoded.slice(0, -1).reduce((sum, bytes) => sum + bytes.length, 0);
      const last = encoded.at(-1)?.length ?? 0;
      const cut = start + 1 + (at % (last - 1));
      const scan = scanRecords(Buffer.concat(encoded).subarray(0, cut), 0, 1);
      t.deepEqual(scan.tail, { kind: 'torn', offset: start });
      t.deepEqual(plain(scan.records), plain(records.slice(0, -1)));
    }),
  );
});

test('a wrong bit anywhere before the last group is damage, at the record that has it', (t) => {
  fc.assert(
    fc.property(payloads, fc.nat(), fc.integer({ min: 0, max: 7 }), (contents, at, bit) => {
      const records = recordsOf([...contents, new Uint8Array(3)]);
      const encoded = records.map(encodeRecord);
      const bytes = Buffer.concat(encoded);
      const damaged = at % (bytes.length - (encoded.at(-1)?.length ?? 0));
      bytes.writeUInt8(bytes.readUInt8(damaged) ^ (1 << bit), damaged);
      const { tail, records: read } = scanRecords(bytes, 0, 1);
      t.is(tail.kind, 'damaged');
      const start = encoded.slice(0, read.length).reduce((sum, one) => sum + one.length, 0);
      t.true(tail.kind === 'damaged' && tail.offset === start && damaged >= start);
    }),
  );
});

test('a group that was never acknowledged is torn even when its later records reached the disk and its first did not', (t) => {
  const group = recordsOf([new Uint8Array(8), new Uint8Array(8), new Uint8Array(8)], 3);
  const bytes = Buffer.concat(group.map(encodeRecord));
  bytes.fill(0, 0, recordHeaderBytes + 4);
  t.deepEqual(scanRecords(bytes, 0, 1), { records: [], tail: { kind: 'torn', offset: 0 } });
});

test('a record out of its turn is damage', (t) => {
  const bytes = encodeRecord({ index: 7, durableIndex: 6, payload: new Uint8Array(2) });
  t.is(scanRecords(bytes, 0, 1).tail.kind, 'damaged');
});
