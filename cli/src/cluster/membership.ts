import { formatHostPort, memberPort, parseHostPort, parseToken, parseUnlockKey, TsoError } from '@tso/proto';
import type { Call } from '../command-host.ts';
import { ensureDaemon } from '../daemon-start.ts';
import type { EngineInfo } from '../engine-client.ts';
import { exitCodes, UsageError } from '../exit-codes.ts';
import { jsonDocument } from '../output/json.ts';
import { askSecret, secretOfFile } from '../read-secret.ts';

export interface JoinOptions {
  readonly token?: string;
  readonly tokenFile?: string;
  readonly advertiseAddr?: string;
  readonly listenAddr?: string;
}

interface Joined {
  readonly NodeID: string;
  readonly Role: string;
  readonly ClusterID: string;
}

const tokenOf = async ({ io, options }: Call<JoinOptions>): Promise<string> => {
  const { token, tokenFile } = options;
  if ((token === undefined) === (tokenFile === undefined)) {
    throw new UsageError(
      token === undefined ? 'a join token is missing' : '--token and --token-file are both given',
      'Give --token-file FILE (- for standard input), or --token TOKEN, which others on this machine can see while it runs.',
    );
  }
  const text = tokenFile === undefined && token !== '-' ? (token ?? '') : await secretOfFile(io, tokenFile ?? '-', 'the join token');
  // What is wrong with it is said here, before a daemon is started for it.
  parseToken(text);
  return text.trim();
};

/** HOST:PORT with the port that managers listen on when none is said. */
export const managerAddress = (text: string): string => {
  try {
    const address = parseHostPort(text, memberPort);
    if (address.port > 0) return formatHostPort(address);
  } catch (error) {
    if (!(error instanceof TsoError)) throw error;
  }
  throw new UsageError(`${text} is no address of a manager`, `Write it as HOST:PORT, such as 10.0.0.1:${memberPort}.`);
};

/** `tso join`. */
export const joinCluster = async (call: Call<JoinOptions>): Promise<number> => {
  const { io, engine, options, args, json } = call;
  const address = managerAddress(args[0] ?? '');
  const token = await tokenOf(call);
  await ensureDaemon(call);
  const joined = await engine.call<Joined>({
    method: 'POST',
    path: '/swarm/join',
    json: {
      Token: token,
      RemoteAddr: address,
      ...(options.advertiseAddr === undefined ? {} : { AdvertiseAddr: options.advertiseAddr }),
      ...(options.listenAddr === undefined ? {} : { ListenAddr: options.listenAddr }),
    },
  });
  const role = joined.Role.toLowerCase();
  if (json) io.stdout.write(jsonDocument({ nodeId: joined.NodeID, role, clusterId: joined.ClusterID }));
  else {
    io.stdout.write(`${joined.NodeID}\n`);
    const next = role === 'manager' ? 'It votes once it has caught up: tso node ls' : 'On a manager, tso node ls shows it.';
    io.stderr.write(`This host has joined the cluster as a ${role}. ${next}\n`);
  }
  return exitCodes.done;
};

/** `tso leave`. */
export const leaveCluster = async ({ io, engine, options, json }: Call<{ readonly force?: boolean }>): Promise<number> => {
  await engine.call<unknown>({ method: 'POST', path: '/swarm/leave', json: { Force: options.force ?? false } });
  if (json) io.stdout.write(jsonDocument({ left: true }));
  else io.stderr.write('This host has left the cluster: what ran here for it has ended, images and named volumes stay.\n');
  return exitCodes.done;
};

/** `tso unlock`. The key is never an argument. */
export const unlock = async ({ io, engine, json }: Call<object>): Promise<number> => {
  const { Swarm } = await engine.call<EngineInfo>({ method: 'GET', path: '/info' });
  if (Swarm.LocalNodeState !== 'locked') {
    throw new TsoError('FAILED_PRECONDITION', `the manager of this host is not locked: the node is ${Swarm.LocalNodeState}`, {
      hint: 'tso info says how it is.',
    });
  }
  const key = await askSecret(io, 'Unlock key');
  parseUnlockKey(key);
  await engine.call<unknown>({ method: 'POST', path: '/swarm/unlock', json: { UnlockKey: key } });
  if (json) io.stdout.write(jsonDocument({ unlocked: true }));
  else io.stderr.write('The manager of this host is unlocked.\n');
  return exitCodes.done;
};
