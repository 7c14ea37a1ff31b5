import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { connect as connectTcp, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { Context } from '../context.ts';
import { EngineClient, type EngineInfo } from '../engine-client.ts';
import type { Io } from '../io.ts';
import type { ClusterFacts, ManagerFacts } from './cluster-facts.ts';

const patienceMs = 3_000;
/** How a connection of somebody without a certificate begins: nothing of this host is shown to whoever listens there. */
const joinerWord = 'TSOJ';

const fileOf = (path: string): Buffer | 'unreadable' | undefined => {
  try {
    return readFileSync(path);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : 'unreadable';
  }
};

const certificateOf = (dataDir: string): ClusterFacts['certificate'] => {
  const pem = fileOf(join(dataDir, 'identity/current/cert.pem'));
  if (pem === undefined || pem === 'unreadable') return pem;
  const { validFromDate, validToDate } = new X509Certificate(pem);
  return { notBeforeMs: validFromDate.getTime(), notAfterMs: validToDate.getTime() };
};

/** Rejects when it takes too long, whatever it waits for. */
const within = <T>(io: Io, what: string, work: Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const cancel = io.clock.setTimer(patienceMs, () => reject(new Error(`${what} took longer than ${patienceMs / 1000} s`)));
    work.then(resolve, reject).finally(cancel);
  });

const opened = (socket: Socket, event: 'connect' | 'secureConnect'): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.once(event, () => resolve());
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('it ended the connection')));
  });

const secure = async (socket: Socket, authorities: Buffer): Promise<TLSSocket> => {
  socket.write(joinerWord);
  const secured = connectTls({
    socket,
    ca: authorities,
    minVersion: 'TLSv1.3',
    ALPNProtocols: ['h2'],
    // Certificates name nodes, not hosts: what matters is who signed and that it is a manager's.
    checkServerIdentity: (_host, { subject }) => (subject.OU === 'manager' ? undefined : new Error('it is no manager')),
  });
  await opened(secured, 'secureConnect');
  return secured;
};

/** The time that its answer carries (RFC 9110 6.6.1), whatever the answer is. */
const dateOf = (session: ClientHttp2Session): Promise<number> =>
  new Promise((resolve, reject) => {
    session.once('error', reject);
    session.once('close', () => reject(new Error('it ended the connection')));
    const request = session.request({
      ':method': 'POST',
      ':path': '/tso.v1.Ca/GetTime',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    request.once('error', reject);
    request.once('response', (headers) => {
      const atMs = Date.parse(String(headers.date ?? ''));
      if (Number.isNaN(atMs)) reject(new Error('its answer has no date'));
      else resolve(atMs);
    });
    request.end();
  });

const hostAndPort = (address: string): { readonly host: string; readonly port: number } | undefined => {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(address);
  const host = match?.[1] ?? match?.[2];
  return host === undefined ? undefined : { host, port: Number(match?.[3]) };
};

/** The date of an answer has whole seconds: half of one is added. */
const halfSecondMs = 500;

/** Connects as a joiner would and asks for something that is not there: the answer's date is the manager's clock. */
export const lookAtManager = async (address: string, authorities: Buffer, io: Io): Promise<ManagerFacts> => {
  const place = hostAndPort(address);
  if (place === undefined) return { address, error: 'its address makes no sense' };
  const begunMs = io.clock.monotonic();
  const socket = connectTcp(place);
  try {
    await within(io, 'connecting', opened(socket, 'connect'));
    const connectMs = io.clock.monotonic() - begunMs;
    const secured = await within(io, 'TLS', secure(socket, authorities));
    const session = connectHttp2(`https://${address}`, { createConnection: () => secured });
    try {
      const asked = io.clock.now();
      const atMs = await within(io, 'the answer', dateOf(session));
      return { address, connectMs, aheadMs: atMs + halfSecondMs - (asked + io.clock.now()) / 2 };
    } finally {
      session.destroy();
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { address, error: code ?? message };
  } finally {
    socket.destroy();
  }
};

const localAddresses = (): readonly string[] =>
  Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address));

/** Undefined: no daemon answers, so nothing is known. */
export const lookAtCluster = async (context: Context, io: Io): Promise<ClusterFacts | undefined> => {
  const info = await new EngineClient(context, io.uid).call<EngineInfo>({ method: 'GET', path: '/info' }).catch(() => undefined);
  if (info === undefined) return undefined;
  const { Swarm } = info;
  const authorities = fileOf(join(context.dataDir, 'identity/current/ca.pem'));
  const others = (Swarm.RemoteManagers ?? []).filter(({ NodeID }) => NodeID !== Swarm.NodeID);
  const readable = authorities !== undefined && authorities !== 'unreadable' ? authorities : undefined;
  return {
    state: Swarm.LocalNodeState,
    error: Swarm.Error ?? '',
    manager: Swarm.ControlAvailable ?? false,
    address: Swarm.NodeAddr ?? '',
    localAddresses: localAddresses(),
    troubles: info.Warnings ?? [],
    addressPool: typeof info.Tso?.addressPool === 'string' ? info.Tso.addressPool : '',
    certificate: certificateOf(context.dataDir),
    managers: await Promise.all(
      others.map(({ Addr }) =>
        readable === undefined
          ? { address: Addr, error: "not tried: the authority's certificate is not for you to read" }
          : lookAtManager(Addr, readable, io),
      ),
    ),
  };
};
