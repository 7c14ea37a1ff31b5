import { TsoError } from '@tso/proto';
import type { Context } from './context.ts';
import { EngineClient, type EngineInfo, type EngineSwarm } from './engine-client.ts';
import { probeSocket, unreachableError } from './unreachable.ts';

const managersOf = ({ RemoteManagers }: EngineSwarm): readonly string[] => (RemoteManagers ?? []).map(({ Addr }) => Addr);

/** Why a node whose daemon answers has nobody that answers for the cluster; undefined: it says nothing that explains it. */
export const whyNoManager = ({ Swarm }: Pick<EngineInfo, 'Swarm'>, cause: unknown): TsoError | undefined => {
  const because = (message: string, hint: string, details: Readonly<Record<string, unknown>> = {}): TsoError =>
    new TsoError('FAILED_PRECONDITION', message, { hint, details: { nodeState: Swarm.LocalNodeState, ...details }, cause });
  const managers = managersOf(Swarm);
  switch (Swarm.LocalNodeState) {
    case 'inactive':
      return because('this host is in no cluster', 'Start one with tso init, or join one with tso join.');
    case 'pending':
      return because('this host is just joining its cluster', 'Try again in a moment; tso info says how far it is.');
    case 'locked':
      return because('this host is locked: its manager cannot read its state', 'Unlock it: tso unlock.');
    case 'error':
      return because(`this host is in trouble with its cluster: ${Swarm.Error || 'it does not say why'}`, 'tso info says more.', {
        managers,
      });
    default:
      break;
  }
  if (Swarm.ControlAvailable !== false) return undefined;
  const first = managers[0];
  return because(
    `this node is a worker: ask one of its managers${managers.length === 0 ? '' : ` (${managers.join(', ')})`}`,
    first === undefined
      ? 'Run the command on a manager; tso node ls there says which hosts are managers.'
      : `Run the command there, or with a certificate for it: tso --host tcp://${first} --context NAME …`,
    { reason: 'worker', managers },
  );
};

/** Whether the other side never said a word to it, as opposed to one that answered that it cannot. */
const isTransport = (error: TsoError): boolean => error.details.reason === 'unreachable' || error.details.outcome === undefined;

/**
 * The failure as a person should read it: when nobody answers for the cluster, what this host's daemon says about that, or where it was
 * looked for.
 */
export const explainUnavailable = async (context: Context, uid: number, error: unknown): Promise<unknown> => {
  if (!(error instanceof TsoError) || error.code !== 'UNAVAILABLE' || context.remote !== undefined || !isTransport(error)) return error;
  const errno = await probeSocket(context.socket);
  if (errno !== undefined) return unreachableError(context, errno, uid, error);
  try {
    const info = await new EngineClient(context, uid).call<EngineInfo>({ method: 'GET', path: '/info' });
    return whyNoManager(info, error) ?? error;
  } catch {
    // The daemon has gone, or is of another kind: what the call itself failed with says more.
    return error;
  }
};
