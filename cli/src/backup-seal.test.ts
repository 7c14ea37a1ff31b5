import { TsoError } from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { headerBytes, isSealed, seal, unseal } from './backup-seal.ts';

async function* chunked(bytes: Uint8Array, size: number): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const collect = async (source: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
};

/** What a guess costs is no matter of these tests; backup-commands.test.ts pays the full price. */
const cheap = { log2N: 4, r: 8, p: 1 };

const sealed = (bytes: Uint8Array, passphrase = 'open sesame', size = 10_000): Promise<Buffer> =>
  collect(seal(chunked(bytes, size), passphrase, cheap));
const opened = async (bytes: Uint8Array, passphrase = 'open sesame', size = 7_000): Promise<Buffer> =>
  collect((await unseal(chunked(bytes, size), passphrase)).contents);

const chunk = 65_536;
const tag = 16;

/** Bytes that differ from place to place. */
const sample = (length: number): Buffer => Buffer.from(Array.from({ length }, (_, index) => (index * 31 + (index >> 8)) & 255));

test('what was sealed opens as it was, whatever its length and the pieces that it came in', async (t) => {
  for (const length of [0, 1, chunk - 1, chunk, chunk + 1, 2 * chunk, 3 * chunk + 5]) {
    const plain = sample(length);
    const file = await sealed(plain);
    t.true(isSealed(file));
    t.is(file.length, headerBytes + length + tag * Math.max(1, Math.ceil(length / chunk)));
    t.true(plain.equals(await opened(file, 'open sesame', length % 2 === 0 ? 1_000 : 100_000)), `${length} bytes`);
  }
});

test('nothing of the contents can be read in the file, and it is another one each time', async (t) => {
  const plain = Buffer.from('the key of the cluster');
  const [one, other] = await Promise.all([sealed(plain), sealed(plain)]);
  t.false(one.includes(plain));
  t.false(one.subarray(headerBytes).equals(other.subarray(headerBytes)));
});

test('another passphrase is told apart from a damaged file, before anything is given out', async (t) => {
  const file = await sealed(sample(100));
  const error = await t.throwsAsync(unseal(chunked(file, 50), 'open barley'), { instanceOf: TsoError });
  t.is(error.code, 'PERMISSION_DENIED');
  t.false(error.sentence.includes('barley'));
});

test('the same passphrase in another normal form opens it', async (t) => {
  const plain = sample(10);
  t.true(plain.equals(await opened(await sealed(plain, 'caf\u00e9'), 'cafe\u0301')));
});

const lossOf = async (bytes: Uint8Array): Promise<{ readonly error: unknown; readonly given: Buffer }> => {
  const given: Uint8Array[] = [];
  try {
    for await (const piece of (await unseal(chunked(bytes, 9_000), 'open sesame')).contents) given.push(piece);
    return { error: undefined, given: Buffer.concat(given) };
  } catch (error) {
    return { error, given: Buffer.concat(given) };
  }
};

test('a file that was cut anywhere, also between two chunks, does not pass as whole', async (t) => {
  const plain = sample(2 * chunk + 100);
  const file = await sealed(plain);
  const ends = [
    0,
    5,
    headerBytes - 1,
    headerBytes,
    headerBytes + 1,
    headerBytes + chunk + tag,
    headerBytes + 2 * (chunk + tag),
    file.length - 1,
  ];
  for (const end of ends) {
    const { error, given } = await lossOf(file.subarray(0, end));
    t.true(error instanceof TsoError && error.code === 'DATA_LOSS', `cut at ${end}: ${String(error)}`);
    t.true(plain.subarray(0, given.length).equals(given));
  }
  const cut = await lossOf(file.subarray(0, headerBytes + chunk + tag));
  t.is(cut.error instanceof TsoError && cut.error.message, 'the sealed backup is cut off');
});

test('bytes behind the end, and chunks in another order, do not open', async (t) => {
  const file = await sealed(sample(3 * chunk));
  const at = (index: number) => file.subarray(headerBytes + index * (chunk + tag), headerBytes + (index + 1) * (chunk + tag));
  const swapped = Buffer.concat([file.subarray(0, headerBytes), at(1), at(0), at(2)]);
  for (const other of [Buffer.concat([file, Buffer.from([0])]), Buffer.concat([file, at(2)]), swapped]) {
    const { error } = await lossOf(other);
    t.true(error instanceof TsoError && error.code === 'DATA_LOSS');
  }
});

test('no changed bit goes unnoticed, and what was given out before it is as it was', async (t) => {
  const plain = sample(chunk + 500);
  const file = await sealed(plain);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: headerBytes, max: file.length - 1 }), fc.integer({ min: 0, max: 7 }), async (at, bit) => {
      const bad = Buffer.from(file);
      bad[at] = (bad[at] ?? 0) ^ (1 << bit);
      const { error, given } = await lossOf(bad);
      t.true(error instanceof TsoError && error.code === 'DATA_LOSS');
      t.true(plain.subarray(0, given.length).equals(given));
    }),
    { numRuns: 200 },
  );
});

test('a header that was changed is refused without the work that it asks for', async (t) => {
  const file = await sealed(sample(10));
  const changed = (at: number, value: number): Buffer => {
    const bad = Buffer.from(file);
    bad[at] = value;
    return bad;
  };
  for (const bad of [changed(8, 40), changed(9, 0), changed(10, 200), changed(11, 31)]) {
    const { error } = await lossOf(bad);
    t.true(error instanceof TsoError && error.code === 'DATA_LOSS', String(error));
  }
  const version = await lossOf(changed(7, 2));
  t.true(version.error instanceof TsoError && version.error.code === 'INVALID_ARGUMENT');
  const salt = await lossOf(changed(20, (file[20] ?? 0) ^ 1));
  t.true(salt.error instanceof TsoError && salt.error.code === 'PERMISSION_DENIED');
});

test('what is not sealed is told by its first bytes', (t) => {
  t.false(isSealed(Buffer.from('TSO')));
  t.false(isSealed(Buffer.from('something else entirely')));
});
