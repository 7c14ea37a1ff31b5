import { type CertificateReply, type Clock, parseToken, TsoError, toTsoError } from '@tso/proto';
import { Ca, type RpcChannel } from '@tso/proto/rpc';
import { limits } from '../limits.ts';
import { patiently } from '../task/patience.ts';
import { withPort } from './addresses.ts';

export interface JoinRequestPorts {
  readonly clock: Clock;
  /** Believes only a manager of the cluster whose root has this digest. */
  readonly joinChannel: (address: string, digest: string) => RpcChannel;
}

export interface JoinTarget {
  readonly digest: string;
  readonly secret: string;
  /** host:port of a manager. */
  readonly remote: string;
}

/** What was asked for, checked before anything is done. INVALID_ARGUMENT says what is wrong with it. */
export const joinTarget = (token: string, remoteAddr: string): JoinTarget => ({
  ...parseToken(token),
  remote: withPort(remoteAddr, 'the address of the manager'),
});

export interface Joiner {
  readonly csr: string;
  readonly nodeId: string;
  readonly hostname: string;
  /** Without port. */
  readonly address: string;
}

/** Asks for a certificate. What the manager refused is thrown as it was said; UNAVAILABLE: it was not reached. */
export const requestToJoin = async (
  { digest, secret, remote }: JoinTarget,
  joiner: Joiner,
  { clock, joinChannel }: JoinRequestPorts,
): Promise<CertificateReply> => {
  const channel = joinChannel(remote, digest);
  const limitMs = limits.joinCallMs;
  try {
    const answer = channel.client(Ca).join({ secret, ...joiner }, { deadlineMs: limitMs });
    return await patiently(answer, { what: `the answer of ${remote}`, limitMs }, clock);
  } catch (thrown) {
    const error = toTsoError(thrown);
    if (error.code !== 'UNAVAILABLE' && error.code !== 'DEADLINE_EXCEEDED') throw error;
    throw new TsoError('UNAVAILABLE', `the manager at ${remote} could not be asked: ${error.message}`, {
      hint: `${error.hint ?? 'Check the address, and that nothing between the hosts stops its port'}. Then join again: should the manager have heard this, it goes on as node ${joiner.nodeId}`,
      cause: error,
    });
  } finally {
    channel.destroy();
  }
};
