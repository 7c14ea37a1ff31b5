import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Manager, type ManagerConfig, parseConfig } from '@tso/manager';
import { type Clock, type Logger, newId, parseToken, type Random, TsoError } from '@tso/proto';
import { identityFiles, identityFromReply, makeKeyAndCsr, type NewIdentity, writeIdentity } from '@tso/proto/pki';
import {
  Ca,
  Control,
  Dispatcher,
  joinChannel,
  loadTls,
  type Methods,
  type RpcCallOptions,
  RpcChannel,
  type RpcClient,
  type TlsMaterial,
} from '@tso/proto/rpc';
import { noTracing } from '@tso/proto/tracing';
import type { ExecutionContext } from 'ava';
import type { Root } from '../../manager/src/ca/rotation.ts';
import { freePort } from '../consensus/loopback-site.ts';

const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};
export const random: Random = { bytes: (count) => crypto.getRandomValues(new Uint8Array(count)), number: () => Math.random() };
const silent: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, child: () => silent };

/** An id as nodes choose them. */
export const anyId = (): string => newId((count) => random.bytes(count));

/** Somebody who holds a certificate: whose it is, as files and ready to connect. */
export interface Member {
  readonly nodeId: string;
  readonly directory: string;
  readonly identity: NewIdentity;
  readonly tls: TlsMaterial;
}

/** How a call that somebody was not to make ended: its code and reason, or `answered`. */
export const verdict = async (call: Promise<unknown>): Promise<string> => {
  try {
    await call;
    return 'answered';
  } catch (error) {
    if (!(error instanceof TsoError)) throw error;
    return [error.code, error.details.reason].filter((it) => it !== undefined).join(' ');
  }
};

const rootFlags = async (directory: string, { certificate, key }: Root): Promise<readonly string[]> => {
  const [certificateFile, keyFile] = [join(directory, 'root.pem'), join(directory, 'root.key')];
  await writeFile(certificateFile, certificate);
  await writeFile(keyFile, key, { mode: 0o600 });
  return ['--bootstrap-ca-cert', certificateFile, '--bootstrap-ca-key', keyFile];
};

/** A whole manager in this process, with a cluster of its own, its socket and its door on the loopback interface. */
export class Site {
  readonly config: ManagerConfig;
  readonly manager: Manager;
  readonly address: string;
  readonly #directory: string;
  readonly #local: RpcChannel;
  readonly #channels = new Set<RpcChannel>();

  private constructor(directory: string, address: string, flags: readonly string[]) {
    this.#directory = directory;
    this.address = address;
    this.config = parseConfig([
      ...['--state-dir', join(directory, 'state'), '--socket', join(directory, 'manager.sock'), '--node-id', anyId()],
      ...['--identity-dir', join(directory, 'identity'), '--peer-listen', address, '--heartbeat-ms', '5000', ...flags],
    ]);
    this.manager = new Manager(this.config, {
      clock,
      random,
      logger: silent,
      tracing: noTracing,
      soon: (work) => setImmediate(work),
      agent: { locked: () => undefined, unlockKey: () => undefined },
      onBroken: (error) => {
        throw error;
      },
    });
    this.#local = new RpcChannel(`unix:${this.config.socket}`);
  }

  /** @param root of the cluster; made by itself unless given */
  static async start(t: ExecutionContext, root?: Root): Promise<Site> {
    const directory = await mkdtemp(join(tmpdir(), 'tso-security-'));
    const site = new Site(directory, `127.0.0.1:${await freePort()}`, root === undefined ? [] : await rootFlags(directory, root));
    t.teardown(() => site.#end());
    await site.manager.start();
    return site;
  }

  /** What root on this machine may ask, which is everything. */
  get ca(): RpcClient<typeof Ca> {
    return this.#local.client(Ca);
  }

  /** What root on this machine may ask of the cluster. */
  get control(): RpcClient<typeof Control> {
    return this.#local.client(Control);
  }

  /** Any service at the socket. */
  local<S extends Methods>(methods: S): RpcClient<S> {
    return this.#local.client(methods);
  }

  /** Log index of the last change: who was refused has made none. */
  async version(): Promise<number> {
    return (await this.control.getInfo({})).version;
  }

  /** A connection of somebody with that certificate, closed with the site. */
  channel(tls: TlsMaterial, address = this.address): RpcChannel {
    return this.#keep(new RpcChannel(address, { tls }));
  }

  client<S extends Methods>(tls: TlsMaterial, methods: S): RpcClient<S> {
    return this.channel(tls).client(methods);
  }

  dispatcher(tls: TlsMaterial): RpcClient<typeof Dispatcher> {
    return this.client(tls, Dispatcher);
  }

  /** A connection of somebody without a certificate, who has that token. */
  joiner(token: string, address = this.address): RpcChannel {
    return this.#keep(joinChannel(address, parseToken(token).digest));
  }

  /** Joins as a node does: with a token, over the network. */
  async join(role: 'worker' | 'manager', nodeId = anyId(), options: RpcCallOptions = {}): Promise<Member> {
    const token = (await this.ca.getJoinTokens({}))[role];
    const { key, csr } = await makeKeyAndCsr();
    const request = { secret: parseToken(token).secret, csr, nodeId, hostname: `host-${nodeId.slice(0, 4)}`, address: '' };
    const reply = await this.joiner(token).client(Ca).join(request, options);
    return this.keep(nodeId, identityFromReply(reply, key));
  }

  /** An operator's certificate. */
  async operator(name: string, lifeMs = 0): Promise<Member> {
    const { key, csr } = await makeKeyAndCsr();
    const { certificate, authorities, ...rest } = await this.ca.issueClient({ name, csr, lifeMs });
    const directory = join(this.#directory, `client-${name}`);
    const files = await this.#write(directory, { certificate, authorities, key });
    const identity = identityFromReply({ certificate, authorities, ...rest }, key);
    return { nodeId: name, directory, identity, tls: await loadTls(files, Date.now()) };
  }

  /** Writes it where a node would, and reads it back, at that instant. */
  async keep(nodeId: string, identity: NewIdentity, atMs = Date.now()): Promise<Member> {
    const directory = join(this.#directory, nodeId);
    await writeIdentity(directory, identity);
    return { nodeId, directory, identity, tls: await loadTls(identityFiles(directory), atMs) };
  }

  async #write(directory: string, pem: { readonly certificate: string; readonly authorities: string; readonly key: string }) {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const files = { ca: join(directory, 'ca.pem'), cert: join(directory, 'cert.pem'), key: join(directory, 'key.pem') };
    await writeFile(files.ca, pem.authorities);
    await writeFile(files.cert, pem.certificate);
    await writeFile(files.key, pem.key, { mode: 0o600 });
    return files;
  }

  #keep(channel: RpcChannel): RpcChannel {
    this.#channels.add(channel);
    return channel;
  }

  async #end(): Promise<void> {
    for (const channel of this.#channels) channel.destroy();
    this.#local.destroy();
    await this.manager.stop();
    await rm(this.#directory, { recursive: true, force: true });
  }
}
