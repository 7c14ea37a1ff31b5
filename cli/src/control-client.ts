import { TsoError } from '@tso/proto';
import { Ca, Control, RpcChannel, type RpcClient } from '@tso/proto/rpc';
import type { Context } from './context.ts';
import { probeSocket, unreachableError } from './unreachable.ts';

export type ControlClient = RpcClient<typeof Control>;
export type CaClient = RpcClient<typeof Ca>;

/** The gRPC half of the daemon's socket: the cluster. Close it to let the process end. */
export interface ControlConnection {
  readonly control: ControlClient;
  /** Who belongs to the cluster: tokens, certificates, the unlock key. */
  readonly ca: CaClient;
  /** The failure as a person should read it: a transport's own words become where the daemon was looked for. */
  explain(error: unknown): Promise<unknown>;
  close(): void;
}

export const openControl = (context: Context, uid: number): ControlConnection => {
  const channel = new RpcChannel(`unix:${context.socket}`);
  return {
    control: channel.client(Control),
    get ca() {
      return channel.client(Ca);
    },
    explain: async (error) => {
      if (!(error instanceof TsoError) || error.code !== 'UNAVAILABLE') return error;
      const errno = await probeSocket(context.socket);
      return errno === undefined ? error : unreachableError(context, errno, uid, error);
    },
    close: () => channel.close(),
  };
};

/** Runs with a connection that is closed afterwards; failures come out explained. */
export const withControl = <T>(context: Context, uid: number, use: (control: ControlClient) => Promise<T>): Promise<T> =>
  withCluster(context, uid, ({ control }) => use(control));

/** The same, with all that the connection has. */
export const withCluster = async <T>(
  context: Context,
  uid: number,
  use: (cluster: Pick<ControlConnection, 'control' | 'ca'>) => Promise<T>,
): Promise<T> => {
  const connection = openControl(context, uid);
  try {
    return await use(connection);
  } catch (error) {
    throw await connection.explain(error);
  } finally {
    connection.close();
  }
};
