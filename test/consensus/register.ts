import { TsoError } from '@tso/proto';
import { Control, neverSent, RpcChannel, type RpcClient } from '@tso/proto/rpc';

/** What a key holds, and the number that a compare-and-set names: every write gives it a new one. */
export interface Held {
  /** null: nothing yet. */
  readonly value: string | null;
  /** 0: nothing yet. */
  readonly version: number;
}

/** Of a change that failed: certainly without effect, or perhaps not. */
export type Failure = 'refused' | 'conflict' | 'unknown';

/** Errors that a client may see while managers die and come back; any other one is a fault of the managers. */
const expected: readonly string[] = ['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'CANCELLED', 'RESOURCE_EXHAUSTED', 'CONFLICT'];

/** What is known of a change whose call failed so. */
export const failureOf = (error: unknown): Failure => {
  if (!(error instanceof TsoError)) return 'unknown';
  if (error.code === 'CONFLICT') return 'conflict';
  const { outcome } = error.details;
  if (outcome === 'refused') return 'refused';
  // The call never left this process.
  if (neverSent(error)) return 'refused';
  return 'unknown';
};

/** Whether a manager may answer so when all that goes wrong is what the test does. */
export const isExpected = (error: unknown): boolean => error instanceof TsoError && expected.includes(error.code);

/** Configs as registers, each named by its key, over one connection to one manager. */
export class RegisterClient {
  readonly target: string;
  readonly #channel: RpcChannel;
  readonly #control: RpcClient<typeof Control>;

  constructor(target: string) {
    this.target = target;
    this.#channel = new RpcChannel(target);
    this.#control = this.#channel.client(Control);
  }

  async read(key: string, deadlineMs: number): Promise<Held> {
    try {
      const config = await this.#control.getConfig({ name: key }, { deadlineMs });
      return { value: Buffer.from(config.data).toString(), version: config.meta.version };
    } catch (error) {
      if (error instanceof TsoError && error.code === 'NOT_FOUND') return { value: null, version: 0 };
      throw error;
    }
  }

  /** The new version. @param expectedVersion only if it still has that one; CONFLICT otherwise. */
  async write(key: string, value: string, deadlineMs: number, expectedVersion?: number): Promise<number> {
    const request = { name: key, data: Buffer.from(value), labels: {} };
    const full = expectedVersion === undefined ? request : { ...request, expectedVersion };
    return (await this.#control.putConfig(full, { deadlineMs })).version;
  }

  close(): void {
    this.#channel.close();
  }
}
