import { TsoError } from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { extract, type Header, pack } from 'tar-stream';
import { binaryString, blockSize, bytesOf, encodeEntry, endOfArchive, noXattrs, padding, type TarEntry } from './tar-format.ts';
import { joinBytes, TarReader } from './tar-reader.ts';

interface Member {
  readonly entry: TarEntry;
  readonly content: Uint8Array;
}

const readAll = (bytes: Uint8Array, pieceBytes = 65_536): readonly Member[] => {
  const reader = new TarReader();
  const members: { entry: TarEntry; parts: Uint8Array[] }[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    for (const event of reader.push(bytes.subarray(at, at + pieceBytes))) {
      if (event.kind === 'entry') members.push({ entry: event.entry, parts: [] });
      else if (event.kind === 'data') members.at(-1)?.parts.push(event.bytes);
    }
  }
  reader.finish();
  return members.map(({ entry, parts }) => ({ entry, content: joinBytes(parts) }));
};

const written = (members: readonly Member[]): Uint8Array =>
  joinBytes([...members.flatMap(({ entry, content }) => [...encodeEntry(entry), content, padding(content.length)]), endOfArchive()]);

const plain: TarEntry = {
  kind: 'file',
  name: 'a',
  linkName: '',
  mode: 0o644,
  uid: 0,
  gid: 0,
  sizeBytes: 0,
  mtime: '0',
  devMajor: 0,
  devMinor: 0,
  xattrs: noXattrs,
};

const code = (t: { throws: (f: () => unknown, e: { instanceOf: typeof TsoError }) => TsoError }, bytes: Uint8Array): string =>
  t.throws(() => readAll(bytes), { instanceOf: TsoError }).code;

const binaryName = fc
  .array(fc.integer({ min: 1, max: 255 }), { minLength: 1, maxLength: 300 })
  .map((codes) => String.fromCharCode(...codes).replace(/\/+$/, ''))
  .filter((name) => name !== '');
const id = fc.oneof(fc.integer({ min: 0, max: 70_000 }), fc.constantFrom(2_097_151, 2_097_152, 4_294_967_294));
const time = fc.constantFrom('0', '1700000000', '1700000000.123456789', '-5', '8589934592', '99999999999', '-1.5');

const member = fc
  .record({
    kind: fc.constantFrom<TarEntry['kind']>('file', 'directory', 'symlink', 'link', 'char', 'block', 'fifo'),
    name: binaryName,
    target: binaryName,
    mode: fc.integer({ min: 0, max: 0o7777 }),
    uid: id,
    gid: id,
    mtime: time,
    dev: fc.integer({ min: 0, max: 5000 }),
    content: fc.uint8Array({ maxLength: 1500 }),
    xattrs: fc.array(fc.tuple(fc.constantFrom('user.a', 'security.capability', 'trusted.x'), fc.uint8Array({ maxLength: 40 })), {
      maxLength: 2,
    }),
  })
  .map(({ kind, name, target, mode, uid, gid, mtime, dev, content, xattrs }): Member => {
    const isLink = kind === 'symlink' || kind === 'link';
    const isDevice = kind === 'char' || kind === 'block';
    const body = kind === 'file' ? content : new Uint8Array(0);
    const attributes = new Map(xattrs.map(([key, value]) => [key, binaryString(value)]));
    const entry = {
      ...plain,
      kind,
      name,
      linkName: isLink ? target : '',
      mode,
      uid,
      gid,
      mtime,
      devMajor: isDevice ? dev : 0,
      devMinor: isDevice ? dev : 0,
      sizeBytes: body.length,
      xattrs: attributes,
    };
    return { entry, content: body };
  });

test('what is written is read back, byte for byte, in pieces of any size', (t) => {
  fc.assert(
    fc.property(fc.array(member, { maxLength: 5 }), fc.integer({ min: 1, max: 3000 }), (members, pieceBytes) => {
      t.deepEqual(readAll(written(members), pieceBytes), members);
    }),
    { numRuns: 200 },
  );
});

test('any bytes are read or refused with DATA_LOSS, never more', (t) => {
  const readable = (bytes: Uint8Array): boolean => {
    try {
      return readAll(bytes).length >= 0;
    } catch (error) {
      return error instanceof TsoError && (error.code === 'DATA_LOSS' || error.code === 'INVALID_ARGUMENT');
    }
  };
  fc.assert(fc.property(fc.uint8Array({ maxLength: 3000 }), readable));
  // A valid archive with bytes changed, its checksums mended: gets past the first check.
  fc.assert(
    fc.property(
      fc.array(member, { minLength: 1, maxLength: 3 }),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }),
      (members, changes) => {
        const bytes = written(members).slice();
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        for (let at = 0; at < bytes.length; at += blockSize) mend(bytes.subarray(at, at + blockSize));
        return readable(bytes);
      },
    ),
    { numRuns: 300 },
  );
  t.pass();
});

const mend = (block: Uint8Array): void => {
  if (binaryString(block, 257, 262) !== 'ustar') return;
  block.fill(0x20, 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.set(bytesOf(`${sum.toString(8).padStart(6, '0')}\0 `), 148);
};

const packed = async (
  entries: readonly (readonly [headers: Partial<Header> & { readonly name: string }, content: string])[],
): Promise<Uint8Array> => {
  const stream = pack();
  for (const [headers, content] of entries) stream.entry(headers, content);
  stream.finalize();
  const parts: Uint8Array[] = [];
  for await (const part of stream as AsyncIterable<Uint8Array>) parts.push(part);
  return joinBytes(parts);
};

test('what tar-stream writes is read: ustar prefixes, pax names, sizes and links', async (t) => {
  const long = `${'d'.repeat(90)}/${'f'.repeat(90)}`;
  const longer = `${'d'.repeat(200)}/é`;
  const members = readAll(
    await packed([
      [{ name: 'dir', type: 'directory', mode: 0o1777, uid: 5, gid: 6, mtime: new Date(1_700_000_000_000) }, ''],
      [{ name: long, mode: 0o4755 }, 'content'],
      [{ name: longer, linkname: longer, type: 'symlink' }, ''],
      [{ name: 'x', pax: { 'SCHILY.xattr.user.a': 'b', comment: 'c' } }, 'y'],
    ]),
  );
  t.deepEqual(
    members.map(({ entry }) => entry.name),
    ['dir', long, binaryString(new TextEncoder().encode(longer)), 'x'],
  );
  t.like(members[0]?.entry, { kind: 'directory', mode: 0o1777, uid: 5, gid: 6, mtime: '1700000000' });
  t.like(members[1], { entry: { mode: 0o4755, sizeBytes: 7 } });
  t.is(binaryString(members[1]?.content ?? new Uint8Array(0)), 'content');
  t.is(members[2]?.entry.linkName, members[2]?.entry.name);
  t.deepEqual(members[3]?.entry.xattrs, new Map([['user.a', 'b']]));
});

test('what we write is read by tar-stream', async (t) => {
  const name = `${'n'.repeat(120)}/${'m'.repeat(120)}`;
  const reader = extract();
  reader.end(
    written([
      {
        entry: { ...plain, name, sizeBytes: 3, mtime: '1700000000.5', uid: 4_000_000, xattrs: new Map([['user.a', 'b']]) },
        content: bytesOf('abc'),
      },
    ]),
  );
  for await (const entry of reader) {
    t.like(entry.header, { name, size: 3, uid: 4_000_000, pax: { 'SCHILY.xattr.user.a': 'b', mtime: '1700000000.5' } });
    entry.resume();
  }
});

test('headers of another format than ours: version 7, base-256 sizes, global pax headers, volume labels', (t) => {
  const v7 = encodeEntry({ ...plain, name: 'old/' })[0]?.slice() ?? new Uint8Array(0);
  v7[156] = 0;
  v7.fill(0, 257, 265);
  v7.fill(0x20, 148, 156);
  v7.set(
    bytesOf(
      `${v7
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, '0')}\0 `,
    ),
    148,
  );
  t.is(readAll(joinBytes([v7, endOfArchive()]))[0]?.entry.kind, 'directory');

  const relabelled = (flag: string, content: string): Uint8Array => {
    const block = encodeEntry({ ...plain, name: 'x', sizeBytes: content.length })[0]?.slice() ?? new Uint8Array(0);
    block.set(bytesOf(flag), 156);
    mend(block);
    return joinBytes([block, bytesOf(content), padding(content.length)]);
  };
  const global = relabelled('g', '20 comment=whatever\n');
  const label = relabelled('V', '');
  t.deepEqual(
    readAll(joinBytes([global, label, written([{ entry: plain, content: new Uint8Array(0) }])])).map(({ entry }) => entry.name),
    ['a'],
  );
  t.is(code(t, joinBytes([relabelled('S', ''), endOfArchive()])), 'INVALID_ARGUMENT');
  t.is(code(t, joinBytes([relabelled('Z', ''), endOfArchive()])), 'DATA_LOSS');
  t.is(code(t, joinBytes([relabelled('x', '30 GNU.sparse.major=1\n'), endOfArchive()])), 'DATA_LOSS');
  t.is(
    code(t, joinBytes([relabelled('x', '22 GNU.sparse.major=1\n'), written([{ entry: plain, content: new Uint8Array(0) }])])),
    'INVALID_ARGUMENT',
  );
});

test('an archive that is cut short is DATA_LOSS; one without its end mark is not', (t) => {
  const whole = written([{ entry: { ...plain, sizeBytes: 600 }, content: new Uint8Array(600) }]);
  t.is(code(t, whole.subarray(0, 100)), 'DATA_LOSS');
  t.is(code(t, whole.subarray(0, 700)), 'DATA_LOSS');
  t.is(readAll(whole.subarray(0, whole.length - 1024)).length, 1);
  t.is(readAll(new Uint8Array(0)).length, 0);
});

test('a wrong checksum, a name without end and records of a wrong length are DATA_LOSS', (t) => {
  const bytes = written([{ entry: plain, content: new Uint8Array(0) }]).slice();
  bytes[0] = 0x62;
  t.is(code(t, bytes), 'DATA_LOSS');
  t.is(code(t, written([{ entry: { ...plain, name: 'n'.repeat(5000) }, content: new Uint8Array(0) }])), 'DATA_LOSS');
  t.is(code(t, written([{ entry: { ...plain, name: '' }, content: new Uint8Array(0) }])), 'DATA_LOSS');
});

test('what follows the end mark is not looked at', (t) => {
  t.is(readAll(joinBytes([written([]), bytesOf('rubbish'.repeat(1000))])).length, 0);
});
