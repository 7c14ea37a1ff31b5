import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadTls, type TlsFiles, type TlsMaterial } from '@tso/proto/rpc';
import { type TestAuthority, testAuthority } from '@tso/proto/testing/certificates';
import type { ExecutionContext } from 'ava';
import type { NodeId } from '../../../core/index.ts';
import type { Peer } from '../../ports.ts';
import { kill, startEcho } from './echo.ts';
import { type Member, type MemberOptions, startMember } from './member.ts';

export const ways = ['unix', 'TLS'] as const;
export type Way = (typeof ways)[number];

/** Waits until it holds; the failure says what did not come. */
export const eventually = async (holds: () => boolean, what: string | (() => string), withinMs = 10_000): Promise<void> => {
  const deadlineMs = performance.now() + withinMs;
  while (!holds()) {
    if (performance.now() > deadlineMs) throw new Error(`waited ${withinMs} ms for: ${typeof what === 'string' ? what : what()}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
};

let clusters = 0;

/** A loopback address that no other test uses: a port of 127.0.0.1 may be taken by whoever connects somewhere just then. */
const ownHost = (): string => {
  clusters += 1;
  return `127.${1 + (process.pid % 250)}.${1 + (Math.floor(process.pid / 250) % 250)}.${clusters}`;
};

/** Members 1, 2, … of one log that know of each other, on addresses of their own; all gone after the test. */
export interface Cluster {
  readonly peers: readonly Peer[];
  readonly directory: string;
  options(id: NodeId, more?: Partial<MemberOptions>): MemberOptions;
  start(id: NodeId, more?: Partial<MemberOptions>): Promise<Member>;
  startEcho(id: NodeId, more?: Partial<MemberOptions>): Promise<ChildProcess>;
  /** Certificate files of any subject, from the cluster's authority. */
  issue(nodeId: string, role?: string, clusterId?: string): Promise<TlsFiles>;
  /** What a client of the way shows; undefined on unix sockets. */
  credentials(nodeId: string): Promise<{ readonly tls: TlsMaterial } | Record<string, never>>;
}

export const newCluster = async (t: ExecutionContext, way: Way, size: number): Promise<Cluster> => {
  const directory = await mkdtemp(join(tmpdir(), 'tso-raft-'));
  const stops: (() => Promise<void>)[] = [];
  t.teardown(async () => {
    await Promise.all(stops.map((stop) => stop()));
    await rm(directory, { recursive: true });
  });
  let authority: Promise<TestAuthority> | undefined;
  let issued = 0;
  const issue = async (nodeId: string, role = 'manager', clusterId = 'cluster'): Promise<TlsFiles> => {
    authority ??= testAuthority();
    issued += 1;
    return (await authority).issue(join(directory, `${nodeId}-${issued}`), `CN=${nodeId}, OU=${role}, O=${clusterId}`);
  };
  const host = ownHost();
  const peers: Peer[] = [];
  const files = new Map<NodeId, TlsFiles>();
  for (let raftId = 1; raftId <= size; raftId += 1) {
    const address = way === 'unix' ? `unix:${join(directory, `${raftId}.sock`)}` : `${host}:${4_000 + raftId}`;
    peers.push({ raftId, nodeId: `node-${raftId}`, address });
    if (way === 'TLS') files.set(raftId, await issue(`node-${raftId}`));
  }
  const options = (id: NodeId, more: Partial<MemberOptions> = {}): MemberOptions => {
    const tls = files.get(id);
    const address = peers.find(({ raftId }) => raftId === id)?.address;
    if (address === undefined) throw new Error(`there is no member ${id}`);
    return { raftId: id, address, peers, ...(tls === undefined ? {} : { tls }), ...more };
  };
  return {
    peers,
    directory,
    options,
    start: async (id, more) => {
      const member = await startMember(options(id, more));
      stops.push(() => member.stop());
      return member;
    },
    startEcho: async (id, more) => {
      // A process that was killed leaves its socket file behind.
      await rm(join(directory, `${id}.sock`), { force: true });
      const child = await startEcho(options(id, more));
      stops.push(() => kill(child));
      return child;
    },
    issue,
    credentials: async (nodeId) => (way === 'unix' ? {} : { tls: await loadTls(await issue(nodeId), Date.now()) }),
  };
};
