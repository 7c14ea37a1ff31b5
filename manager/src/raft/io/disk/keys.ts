import { assert, type Random, TsoError } from '@tso/proto';
import { dataLoss, tooNew } from './failures.ts';
import type { Files } from './files.ts';
import { decodeJsonFile, encodeJsonFile, type Fields, isCount, isFields, readWhole, writeDurably } from './json-file.ts';
import type { Layout } from './layout.ts';
import { fileKey, keyBytes, saltBytes, sealInto, tagBytes, unseal } from './seal.ts';

const keysFormat = 1;

/** A key that data is sealed under. Ids rise. */
interface DataKey {
  readonly id: number;
  readonly key: Uint8Array;
}

export interface KeyPorts {
  readonly files: Files;
  readonly layout: Layout;
  readonly random: Pick<Random, 'bytes'>;
}

const locked = (path: string, why: string): TsoError =>
  new TsoError('FAILED_PRECONDITION', `the manager's state is locked: ${why} (${path})`, {
    hint: 'Unlock it with the key that was shown when it was locked',
    details: { path, locked: true },
  });

const checkKek = (kek: Uint8Array): Uint8Array => {
  if (kek.length === keyBytes) return Uint8Array.from(kek);
  throw new TsoError('INVALID_ARGUMENT', `a key that locks the manager's state has ${keyBytes} bytes, this one has ${kek.length}`);
};

/**
 * The data keys of a log: the newest seals what is written, older ones open what was written before. They lie in one file, as
 * they are or wrapped under a key-encryption key that the file system never sees.
 */
export class KeyRing {
  readonly #ports: KeyPorts;
  #keys: readonly [DataKey, ...DataKey[]];
  #kek: Uint8Array | undefined;

  private constructor(ports: KeyPorts, keys: readonly [DataKey, ...DataKey[]], kek: Uint8Array | undefined) {
    this.#ports = ports;
    this.#keys = keys;
    this.#kek = kek;
  }

  /** A ring with one new key, durable. */
  static async create(ports: KeyPorts, kek: Uint8Array | undefined): Promise<KeyRing> {
    const ring = new KeyRing(ports, [{ id: 1, key: ports.random.bytes(keyBytes) }], kek === undefined ? undefined : checkKek(kek));
    await ring.#write(ring.#keys, ring.#kek);
    return ring;
  }

  /** FAILED_PRECONDITION: locked, and not under that key. DATA_LOSS: damaged. */
  static async read(ports: KeyPorts, kek: Uint8Array | undefined): Promise<KeyRing> {
    const path = ports.layout.keys;
    const content = decodeJsonFile(path, await readWhole(ports.files, path));
    if (isCount(content.format) && content.format > keysFormat) throw tooNew(path, content.format, keysFormat);
    if (content.wrapped === undefined) return new KeyRing(ports, parseKeys(path, content), undefined);
    const given = kek === undefined ? undefined : checkKek(kek);
    return new KeyRing(ports, parseKeys(path, unwrap(path, content, given)), given);
  }

  /** The id of the key that seals what is written from now on. */
  get current(): number {
    return this.#keys[0].id;
  }

  get isLocked(): boolean {
    return this.#kek !== undefined;
  }

  /** Newest first. */
  get ids(): readonly number[] {
    return this.#keys.map(({ id }) => id);
  }

  key(id: number): Uint8Array | undefined {
    return this.#keys.find((key) => key.id === id)?.key;
  }

  /** A new key seals from now on. */
  async rotate(): Promise<void> {
    await this.#become([{ id: this.current + 1, key: this.#ports.random.bytes(keyBytes) }, ...this.#keys], this.#kek);
  }

  /** Wraps the keys, or wraps them anew, under a key of 32 bytes that the caller keeps. */
  async lock(kek: Uint8Array): Promise<void> {
    await this.#become(this.#keys, checkKek(kek));
  }

  /** From now on the file opens by itself. */
  async unlock(): Promise<void> {
    if (this.#kek !== undefined) await this.#become(this.#keys, undefined);
  }

  /** Forgets older keys that no file is sealed under. */
  async keepOnly(used: ReadonlySet<number>): Promise<void> {
    const [newest, ...older] = this.#keys;
    const kept = older.filter(({ id }) => used.has(id));
    if (kept.length < older.length) await this.#become([newest, ...kept], this.#kek);
  }

  async #become(keys: readonly [DataKey, ...DataKey[]], kek: Uint8Array | undefined): Promise<void> {
    await this.#write(keys, kek);
    this.#keys = keys;
    this.#kek = kek;
  }

  async #write(keys: readonly DataKey[], kek: Uint8Array | undefined): Promise<void> {
    const { files, layout, random } = this.#ports;
    const plain = { keys: keys.map(({ id, key }) => ({ id, key: Buffer.from(key).toString('base64') })) };
    const content = kek === undefined ? plain : wrap(plain, kek, random.bytes(saltBytes));
    await writeDurably(files, layout.directory, layout.keys, encodeJsonFile({ format: keysFormat, ...content }));
  }
}

/**
 * The same keys of a log that nobody has open, wrapped under `to`, or under nothing. Undefined: they are now; else why they are as they
 * were, which is that none of `from` opens them.
 */
export const rewrapKeys = async (
  ports: KeyPorts,
  { to, from }: { readonly to: Uint8Array | undefined; readonly from: readonly Uint8Array[] },
): Promise<TsoError | undefined> => {
  let shut: TsoError | undefined;
  for (const key of [to, ...from]) {
    try {
      const ring = await KeyRing.read(ports, key);
      if (to === undefined) await ring.unlock();
      else if (!ring.isLocked || key !== to) await ring.lock(to);
      return undefined;
    } catch (error) {
      if (!(error instanceof TsoError) || error.details.locked !== true) throw error;
      shut = error;
    }
  }
  return shut;
};

const wrapLabel = Buffer.from('raft-keys');

const wrap = (plain: Fields, kek: Uint8Array, salt: Uint8Array): Fields => {
  const text = Buffer.from(JSON.stringify(plain));
  const box = Buffer.alloc(text.length + tagBytes);
  sealInto(box, 0, fileKey(kek, salt, wrapLabel), 0, wrapLabel, text);
  return { wrapped: { salt: Buffer.from(salt).toString('base64'), box: box.toString('base64') } };
};

const unwrap = (path: string, { wrapped }: Fields, kek: Uint8Array | undefined): Fields => {
  if (!isFields(wrapped) || typeof wrapped.salt !== 'string' || typeof wrapped.box !== 'string') {
    throw dataLoss(path, 0, 'the wrapped keys are missing');
  }
  if (kek === undefined) throw locked(path, 'its keys are wrapped, and no key to unlock them was given');
  const salt = Buffer.from(wrapped.salt, 'base64');
  const plain = unseal(fileKey(kek, salt, wrapLabel), 0, wrapLabel, Buffer.from(wrapped.box, 'base64'));
  if (plain === undefined) throw locked(path, 'the key that was given does not unlock its keys');
  const fields: unknown = JSON.parse(plain.toString());
  assert(isFields(fields), 'what was wrapped is an object');
  return fields;
};

const parseKeys = (path: string, { keys }: Fields): readonly [DataKey, ...DataKey[]] => {
  if (!Array.isArray(keys)) throw dataLoss(path, 0, 'the keys are missing');
  const [newest, ...older] = keys.map((item: unknown): DataKey => {
    const key = isFields(item) && typeof item.key === 'string' ? Buffer.from(item.key, 'base64') : undefined;
    if (!isFields(item) || !isCount(item.id) || key?.length !== keyBytes) throw dataLoss(path, 0, 'a key in it is not one');
    return { id: item.id, key };
  });
  if (newest === undefined) throw dataLoss(path, 0, 'it has no key');
  return [newest, ...older];
};
