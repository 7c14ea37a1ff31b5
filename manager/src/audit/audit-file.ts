import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** The files of an audit log, newest first: `audit.log`, `audit.log.1`, … */
export interface AuditFiles {
  /** Makes the directory and the newest file when they are missing; returns its size. */
  open(): Promise<number>;
  /** Behind what is there. After an error nobody knows how much of it is there. */
  append(bytes: Uint8Array): Promise<void>;
  /** What was appended to the newest file is durable when it resolves. */
  sync(): Promise<void>;
  /** Cuts the newest file, durable. */
  truncate(bytes: number): Promise<void>;
  /** The last bytes of a file, at most that many; 0 is the newest. Empty when there is no such file. */
  tail(age: number, bytes: number): Promise<Uint8Array>;
  /** Begins a new file; the others age by one, and what is older than `kept` goes. */
  rotate(kept: number): Promise<void>;
  close(): Promise<void>;
}

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

const unlessMissing = async (work: Promise<void>): Promise<void> => {
  try {
    await work;
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
};

/** On the disk, readable by their owner alone. */
export class RealAuditFiles implements AuditFiles {
  readonly #path: string;
  #handle: FileHandle | undefined;

  constructor(directory: string) {
    this.#path = join(directory, 'audit.log');
  }

  async open(): Promise<number> {
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
    return (await this.#newest()).stat().then(({ size }) => size);
  }

  async append(bytes: Uint8Array): Promise<void> {
    const handle = await this.#newest();
    for (let done = 0; done < bytes.length; ) done += (await handle.write(bytes, done)).bytesWritten;
  }

  async sync(): Promise<void> {
    await (await this.#newest()).datasync();
  }

  async truncate(bytes: number): Promise<void> {
    const handle = await this.#newest();
    await handle.truncate(bytes);
    await handle.sync();
  }

  async tail(age: number, bytes: number): Promise<Uint8Array> {
    const path = this.#named(age);
    try {
      const { size } = await stat(path);
      const handle = await open(path, 'r');
      try {
        const wanted = Math.min(bytes, size);
        const { buffer, bytesRead } = await handle.read(Buffer.alloc(wanted), 0, wanted, size - wanted);
        return buffer.subarray(0, bytesRead);
      } finally {
        await handle.close();
      }
    } catch (error) {
      if (isMissing(error)) return new Uint8Array();
      throw error;
    }
  }

  async rotate(kept: number): Promise<void> {
    await this.close();
    await rm(this.#named(kept), { force: true });
    for (let age = kept - 1; age >= 0; age -= 1) await unlessMissing(rename(this.#named(age), this.#named(age + 1)));
    await this.#newest();
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  #named(age: number): string {
    return age === 0 ? this.#path : `${this.#path}.${age}`;
  }

  async #newest(): Promise<FileHandle> {
    if (this.#handle !== undefined) return this.#handle;
    this.#handle = await open(this.#path, 'a', 0o600);
    const directory = await open(dirname(this.#path), 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
    return this.#handle;
  }
}
