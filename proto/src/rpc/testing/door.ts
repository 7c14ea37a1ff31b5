import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { parseHostPort } from '../../address.ts';
import { NodeRole } from '../../gen/types.ts';
import { certificateDigest } from '../../pki/digests.ts';
import type { Clock, LogFields, Logger } from '../../ports.ts';
import {
  Ca,
  type CallContext,
  certificateRoles,
  loadTls,
  NetworkDoor,
  type NetworkDoorOptions,
  RpcChannel,
  type TlsFiles,
  type TlsMaterial,
} from '../index.ts';
import { type TestAuthority, testAuthority } from './certificates.ts';

/** Time stands until it is told to go on: nobody waits for a deadline in a test, and a busy machine makes none pass. */
export class HandClock implements Clock {
  readonly #timers = new Set<{ readonly atMs: number; readonly callback: () => void }>();
  readonly #beganMs = Date.now();
  #aheadMs = 0;

  now(): number {
    return this.#beganMs + this.#aheadMs;
  }

  monotonic(): number {
    return this.#aheadMs;
  }

  setTimer(delayMs: number, callback: () => void): () => void {
    if (delayMs === 0) {
      const turn = setImmediate(callback);
      return () => clearImmediate(turn);
    }
    const timer = { atMs: this.monotonic() + delayMs, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  advance(ms: number): void {
    this.#aheadMs += ms;
    for (const timer of [...this.#timers].filter(({ atMs }) => atMs <= this.monotonic())) {
      this.#timers.delete(timer);
      timer.callback();
    }
  }
}

export interface Said extends LogFields {
  readonly message: string;
}

export const recorder = (said: Said[]): Logger => {
  const keep = (fields: LogFields, message: string) => {
    said.push({ ...fields, message });
  };
  return { debug: keep, info: keep, warn: keep, error: keep, child: () => recorder(said) };
};

export const subject = (nodeId: string, role = 'manager', cluster = 'c1') => `CN=${nodeId}, OU=${role}, O=${cluster}`;

export const directory = async (t: ExecutionContext): Promise<string> => {
  const path = await mkdtemp(join(tmpdir(), 'tso-door-'));
  t.teardown(() => rm(path, { recursive: true }));
  return path;
};

export const load = (files: TlsFiles): Promise<TlsMaterial> => loadTls(files, Date.now());

export const memberService = { renew: Ca.renew, leave: Ca.leave };
export const joinerService = { join: Ca.join };

export const joinRequest = { secret: 's3', csr: 'csr', nodeId: 'n', hostname: 'h', address: '' };

export const reply = {
  certificate: 'pem',
  authorities: '',
  authorityEpoch: 1,
  clusterId: 'c1',
  role: NodeRole.WORKER,
  notAfterMs: 1,
  renewAtMs: 1,
  managers: [],
  addressPool: '',
  vxlanPort: 0,
  address: '',
} as const;

export interface OpenedDoor {
  readonly door: NetworkDoor;
  readonly authority: TestAuthority;
  readonly clock: HandClock;
  readonly callers: readonly CallContext[];
  readonly said: readonly Said[];
  /** Of the root, as a join token carries it. */
  readonly digest: string;
  readonly files: TlsFiles;
  /** Ends the member's call that waits (`leave`). */
  readonly release: () => void;
  /** Resolves when a member's call waits. */
  readonly waits: Promise<void>;
}

/** A door on loopback with a service for members (`renew` answers at once, `leave` when released) and one for joiners. */
export const openDoor = async (t: ExecutionContext, options: Partial<NetworkDoorOptions> = {}): Promise<OpenedDoor> => {
  const authority = await testAuthority();
  const files = await authority.issue(await directory(t), subject('node-a'));
  const clock = new HandClock();
  const callers: CallContext[] = [];
  const said: Said[] = [];
  const [released, waiting] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const tls = await load(files);
  const authenticate = certificateRoles('c1');
  const door = new NetworkDoor({ address: '127.0.0.1:0', tls, authenticate, logger: recorder(said), clock, ...options });
  const answer = async (_request: object, context: CallContext) => {
    callers.push(context);
    return reply;
  };
  const leave = async () => {
    waiting.resolve();
    await released.promise;
    return {};
  };
  door.add(memberService, { renew: answer, leave }).addForJoiners(joinerService, { join: answer });
  await door.start();
  t.teardown(() => door.stop(0));
  const digest = certificateDigest(await readFile(files.ca, 'utf8'));
  return { door, authority, clock, callers, said, digest, files, release: released.resolve, waits: waiting.promise };
};

/** A channel of a node with a certificate of that authority, the door's own unless told otherwise. */
export const member = async (
  t: ExecutionContext,
  { authority, door }: OpenedDoor,
  of = subject('node-b'),
  by: TestAuthority = authority,
): Promise<RpcChannel> => {
  const channel = new RpcChannel(door.address, { tls: await load(await by.issue(await directory(t), of)) });
  t.teardown(() => channel.destroy());
  return channel;
};

export const hostPortOf = ({ door }: OpenedDoor) => parseHostPort(door.address);

/** Resolves once it holds, within five seconds. */
export const until = async (what: string, holds: () => boolean): Promise<void> => {
  const end = performance.now() + 5_000;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`waited five seconds for ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
};
