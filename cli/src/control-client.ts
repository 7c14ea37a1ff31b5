import { randomBytes, randomUUID } from 'node:crypto';
import { headerNames, type Random, TsoError } from '@tso/proto';
import {
  Ca,
  ClusterChannel,
  Control,
  changesNothing,
  type Method,
  type Methods,
  type RpcCallOptions,
  type RpcClient,
  type TlsMaterial,
  tlsFromPem,
} from '@tso/proto/rpc';
import type { Context, RemoteChoice } from './context.ts';
import { parseHosts } from './context-bundle.ts';
import { readContext } from './contexts.ts';
import { UsageError } from './exit-codes.ts';
import { explainUnavailable } from './explain-unavailable.ts';
import { processClock } from './io.ts';

export type ControlClient = RpcClient<typeof Control>;
export type CaClient = RpcClient<typeof Ca>;

/** The cluster, by way of the daemon's socket or of managers elsewhere. Close it to let the process end. */
export interface ControlConnection {
  readonly control: ControlClient;
  /** Who belongs to the cluster: tokens, certificates, the unlock key. */
  readonly ca: CaClient;
  close(): void;
}

/** How the cluster is reached. */
interface Way {
  readonly addresses: readonly string[];
  readonly tls: TlsMaterial | undefined;
  /** Said with every call. */
  readonly headers: Readonly<Record<string, string>>;
}

const random: Random = { bytes: (count) => randomBytes(count), number: () => Math.random() };

const certificateOf = async (
  configDir: string,
  name: string,
): Promise<{ readonly hosts: readonly string[]; readonly tls: TlsMaterial }> => {
  const { hosts, ca, cert, key } = await readContext(configDir, name);
  const pem = { ca: Buffer.from(ca), cert: Buffer.from(cert), key: Buffer.from(key) };
  const what = `of context ${name}`;
  try {
    return { hosts, tls: tlsFromPem(pem, { ca: what, cert: what, key: what }, processClock.now()) };
  } catch (error) {
    if (!(error instanceof TsoError)) throw error;
    const hint = 'Have another certificate made on a manager (tso ca issue NAME -o FILE), and make the context anew from that file.';
    throw new TsoError(error.code, error.message, { hint, details: error.details });
  }
};

const remoteWay = async (configDir: string, { hosts, name }: RemoteChoice): Promise<Way> => {
  if (name === undefined) {
    throw new UsageError(
      `--host ${hosts ?? ''} asks for a certificate, and no context is there to take it from`,
      'Make one: tso context create NAME --from FILE, and name it with --context.',
    );
  }
  const stored = await certificateOf(configDir, name);
  return { addresses: hosts === undefined ? stored.hosts : parseHosts(hosts), tls: stored.tls, headers: {} };
};

/** On the socket the user is who says so; elsewhere it is whom the certificate names. */
const localWay = ({ socket, actor }: Context): Way => ({
  addresses: [`unix:${socket}`],
  tls: undefined,
  headers: { [headerNames.actor]: actor },
});

/** A manager that is only being started is waited for by the daemon, which ends the connection when it is not. */
const localLimits = { connectWithinMs: 30_000 };

/**
 * The same client, saying who calls. A write has a key of its own: sent again because its answer was lost, it is done once all the same.
 */
const saying = <S extends Methods>(methods: S, client: RpcClient<S>, headers: Way['headers']): RpcClient<S> => {
  const optionsFor = (method: Method, options: RpcCallOptions = {}): RpcCallOptions => {
    const key = method.kind !== 'unary' || changesNothing(method) ? {} : { [headerNames.idempotencyKey]: randomUUID() };
    return { ...options, headers: { ...headers, ...key, ...options.headers } };
  };
  type Call = (...args: readonly unknown[]) => unknown;
  const calls = client as Readonly<Record<string, Call>>;
  return Object.fromEntries(
    Object.entries(methods).map(([name, method]) => {
      const call = calls[name];
      const isFirst = method.kind === 'client-stream' || method.kind === 'bidi';
      return [
        name,
        (...args: readonly unknown[]) => {
          const options = optionsFor(method, args[isFirst ? 0 : 1] as RpcCallOptions | undefined);
          return call?.(...(isFirst ? [options] : [args[0], options]));
        },
      ];
    }),
  ) as unknown as RpcClient<S>;
};

export const openControl = async (context: Context): Promise<ControlConnection> => {
  const { remote, configDir, traceparent } = context;
  const { addresses, tls, headers: said } = remote === undefined ? localWay(context) : await remoteWay(configDir, remote);
  const headers = traceparent === '' ? said : { ...said, [headerNames.traceparent]: traceparent };
  const channel = new ClusterChannel(
    { addresses: () => addresses, ...(tls === undefined ? { limits: localLimits } : { tls }) },
    { clock: processClock, random },
  );
  return {
    control: saying(Control, channel.client(Control), headers),
    get ca() {
      return saying(Ca, channel.client(Ca), headers);
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
  const connection = await openControl(context);
  try {
    return await use(connection);
  } catch (error) {
    throw await explainUnavailable(context, uid, error);
  } finally {
    connection.close();
  }
};
