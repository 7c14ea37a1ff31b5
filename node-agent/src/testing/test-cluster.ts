import { webcrypto } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import {
  type AgentHello,
  type AgentMessage,
  type CertificateReply,
  type Clock,
  formatToken,
  type IdentityHeld,
  type ManagerAddress,
  type ManagerMessage,
  NodeRole,
  TsoError,
} from '@tso/proto';
import { certificateDigest, currentIdentityFiles, makeKeyAndCsr, writeIdentity } from '@tso/proto/pki';
import { Ca, type CallContext, ChannelQueue, Dispatcher, type Handlers, loadTls, NetworkDoor, type PeerIdentity } from '@tso/proto/rpc';
import { systemClock } from '@tso/proto/system';
import { CollectedLog } from './collected-log.ts';

x509.cryptoProvider.set(webcrypto);

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const dayMs = 86_400_000;
const lifeMs = 90 * dayMs;
const clusterId = 'cluster-1';

const serial = (): string =>
  Buffer.from(webcrypto.getRandomValues(new Uint8Array(8)))
    .toString('hex')
    .replace(/^[89a-f]/, '1');

/** One session that an agent opened, from the manager's side. */
export class TestSession {
  readonly hello: AgentHello;
  /** Address of the manager that it came to. */
  readonly at: string;
  readonly identities: IdentityHeld[] = [];
  readonly queue = new ChannelQueue<ManagerMessage>(1_000);
  isOpen = true;

  constructor(hello: AgentHello, at: string) {
    this.hello = hello;
    this.at = at;
  }

  say(message: ManagerMessage): void {
    this.queue.push(message);
  }

  breakOff(error: TsoError = new TsoError('UNAVAILABLE', 'the manager is stopping')): void {
    this.queue.end(error);
  }
}

interface TestNode {
  role: NodeRole;
  removed: boolean;
  /** Of the key that it joined with. */
  keyDigest?: string;
}

/** The managers of a cluster as far as a node can tell: real doors on loopback, a real authority, and no store behind them. */
export class TestCluster {
  readonly nodes = new Map<string, TestNode>();
  readonly sessions: TestSession[] = [];
  /** Requests for a certificate, as `join ID`, `renew ID`, `leave ID`. */
  readonly asked: string[] = [];
  readonly secrets = { worker: 'w'.repeat(25), manager: 'm'.repeat(25) };
  /** Address of who leads; empty: nobody does. */
  leader = '';
  /** Milliseconds that agents are told to stay away for; undefined: they are let in. */
  admission: number | undefined;
  /** How many answers to joins get lost on their way. */
  lostAnswers = 0;
  /** Welcomes nobody, though it answers. */
  isDeaf = false;
  epoch = 1;
  readonly #folder: string;
  readonly #keys: webcrypto.CryptoKeyPair;
  readonly #root: x509.X509Certificate;
  readonly #doors = new Map<string, NetworkDoor>();

  private constructor(folder: string, keys: webcrypto.CryptoKeyPair, root: x509.X509Certificate) {
    this.#folder = folder;
    this.#keys = keys;
    this.#root = root;
  }

  /** Runs the body with a cluster of so many managers, the first of which leads. */
  static async run(managers: number, body: (cluster: TestCluster) => Promise<void>): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'tso-test-cluster-'));
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
    const root = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: serial(),
      name: 'CN=root',
      notBefore: new Date(Date.now() - dayMs),
      notAfter: new Date(Date.now() + lifeMs),
      signingAlgorithm: algorithm,
      keys,
      extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
    });
    const cluster = new TestCluster(folder, keys, root);
    try {
      for (let index = 0; index < managers; index += 1) await cluster.#startManager(`manager-${index}`);
      cluster.leader = cluster.addresses[0] ?? '';
      await body(cluster);
    } finally {
      for (const session of cluster.sessions) session.breakOff();
      await Promise.all([...cluster.#doors.values()].map((door) => door.stop(0)));
      await rm(folder, { recursive: true });
    }
  }

  get addresses(): readonly string[] {
    return [...this.#doors.keys()];
  }

  get managers(): readonly ManagerAddress[] {
    return this.addresses.map((address, index) => ({ nodeId: `manager-${index}`, address }));
  }

  token(role: 'worker' | 'manager'): string {
    return formatToken({ digest: certificateDigest(this.#root.toString('pem')), secret: this.secrets[role] });
  }

  /** As if the host were gone: connections to it are refused. */
  async stopManager(address: string): Promise<void> {
    await this.#doors.get(address)?.stop(0);
    for (const session of this.sessions) if (session.at === address) session.breakOff();
  }

  /** The last session that is open. */
  get session(): TestSession | undefined {
    return this.sessions.findLast(({ isOpen }) => isOpen);
  }

  async #startManager(nodeId: string): Promise<void> {
    const directory = join(this.#folder, nodeId);
    const { key, csr } = await makeKeyAndCsr();
    const { certificate } = await this.#issue(csr, nodeId, 'manager');
    const times = { notAfterMs: Date.now() + lifeMs, renewAtMs: Date.now() + lifeMs / 2 };
    const identity = { authorities: this.#root.toString('pem'), certificate, key, authorityEpoch: 1, role: 'manager', clusterId } as const;
    await writeIdentity(directory, { ...identity, ...times });
    const tls = await loadTls(await currentIdentityFiles(directory), Date.now());
    const logger = new CollectedLog();
    const clock: Clock = systemClock;
    const door = new NetworkDoor({ address: '127.0.0.1:0', tls, authenticate: (_, caller) => this.#rolesOf(caller), logger, clock });
    const ca = this.#caHandlers();
    door.add(Ca, ca).addForJoiners(Ca, ca);
    const relay = (): never => {
      throw new TsoError('UNIMPLEMENTED', 'not asked in this test');
    };
    door.add(Dispatcher, { session: (messages) => this.#serve(messages, () => door.address), relay, fetchImage: relay });
    await door.start();
    this.#doors.set(door.address, door);
  }

  #rolesOf(caller: PeerIdentity | undefined): readonly string[] {
    if (caller === undefined) return [];
    const node = this.nodes.get(caller.nodeId);
    if (node?.removed === true) throw new TsoError('PERMISSION_DENIED', 'it was removed', { details: { reason: 'removed' } });
    if (node === undefined) throw new TsoError('PERMISSION_DENIED', 'nobody knows it', { details: { reason: 'unknown' } });
    return [caller.role];
  }

  #caHandlers(): Handlers<typeof Ca> {
    const nobody = async (): Promise<never> => {
      throw new TsoError('UNIMPLEMENTED', 'not asked in this test');
    };
    const callerOf = ({ identity }: CallContext): string => identity?.nodeId ?? '';
    return {
      join: async ({ secret, csr, nodeId }) => {
        this.asked.push(`join ${nodeId}`);
        const role = secret === this.secrets.manager ? NodeRole.MANAGER : secret === this.secrets.worker ? NodeRole.WORKER : undefined;
        if (role === undefined)
          throw new TsoError('PERMISSION_DENIED', 'the join token is not one of this cluster', { details: { reason: 'token' } });
        const keyDigest = Buffer.from(new x509.Pkcs10CertificateRequest(csr).publicKey.rawData).toString('base64');
        const known = this.nodes.get(nodeId)?.keyDigest ?? keyDigest;
        if (known !== keyDigest)
          throw new TsoError('ALREADY_EXISTS', 'the id belongs to another node', { details: { reason: 'other-key' } });
        this.nodes.set(nodeId, { role, removed: false, keyDigest });
        this.lostAnswers -= 1;
        if (this.lostAnswers >= 0) throw new TsoError('UNAVAILABLE', 'the link was cut');
        return this.certificateFor(csr, nodeId);
      },
      renew: async ({ csr }, context) => {
        this.asked.push(`renew ${callerOf(context)}`);
        return this.certificateFor(csr, callerOf(context));
      },
      leave: async (_, context) => {
        this.asked.push(`leave ${callerOf(context)}`);
        const node = this.nodes.get(callerOf(context));
        if (node?.role === NodeRole.MANAGER) throw new TsoError('FAILED_PRECONDITION', 'it is a manager');
        if (node !== undefined) node.removed = true;
        return {};
      },
      getJoinTokens: nobody,
      rotateJoinToken: nobody,
      getAuthority: nobody,
      rotateAuthority: nobody,
      issueClient: nobody,
      revokeClient: nobody,
      setAutolock: nobody,
      getUnlockKey: nobody,
    };
  }

  /** As a manager answers to who joins or renews. */
  async certificateFor(csr: string, nodeId: string): Promise<CertificateReply> {
    const role = this.nodes.get(nodeId)?.role ?? NodeRole.WORKER;
    return {
      ...(await this.#issue(csr, nodeId, role === NodeRole.MANAGER ? 'manager' : 'worker')),
      authorityEpoch: this.epoch,
      clusterId,
      role,
      managers: this.managers,
      addressPool: '10.64.0.0/12',
      vxlanPort: 4789,
      address: '127.0.0.1',
    };
  }

  async #issue(csr: string, name: string, role: 'worker' | 'manager') {
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: serial(),
      subject: `CN=${name}, OU=${role}, O=${clusterId}`,
      issuer: this.#root.subject,
      notBefore: new Date(Date.now() - dayMs),
      notAfter: new Date(Date.now() + lifeMs),
      signingAlgorithm: algorithm,
      publicKey: await new x509.Pkcs10CertificateRequest(csr).publicKey.export(webcrypto),
      signingKey: this.#keys.privateKey,
    });
    return {
      certificate: certificate.toString('pem'),
      authorities: this.#root.toString('pem'),
      notAfterMs: Date.now() + lifeMs,
      renewAtMs: Date.now() + lifeMs / 2,
    };
  }

  async *#serve(messages: AsyncIterable<AgentMessage>, address: () => string): AsyncIterable<ManagerMessage> {
    const incoming = messages[Symbol.asyncIterator]();
    const { hello } = (await incoming.next()).value ?? {};
    if (this.leader !== address()) {
      throw new TsoError('UNAVAILABLE', 'this manager does not lead', { details: this.leader === '' ? {} : { leader: this.leader } });
    }
    if (this.admission !== undefined)
      throw new TsoError('RESOURCE_EXHAUSTED', 'come back later', { details: { retryAfterMs: this.admission } });
    const session = new TestSession(hello, address());
    this.sessions.push(session);
    // How a session ends is the agent's to notice here.
    this.#listen(session, incoming).catch(() => undefined);
    if (!this.isDeaf) {
      session.say({ welcome: { epoch: 'life-1', heartbeatMs: 1_000, clusterId, addressPool: '10.64.0.0/12', vxlanPort: 4789 } });
      session.say({ update: this.update(hello.nodeId) });
    }
    try {
      yield* session.queue;
    } finally {
      session.isOpen = false;
    }
  }

  /** What a node is told of itself. */
  update(nodeId: string): NonNullable<ManagerMessage['update']> {
    return { managers: this.managers, role: this.nodes.get(nodeId)?.role ?? NodeRole.WORKER, authorityEpoch: this.epoch };
  }

  async #listen(session: TestSession, incoming: AsyncIterator<AgentMessage>): Promise<void> {
    for (let next = await incoming.next(); next.done !== true; next = await incoming.next()) {
      if (next.value.identity !== undefined) session.identities.push(next.value.identity);
      if (next.value.heartbeat !== undefined) session.say({ heartbeatAck: { sequence: next.value.heartbeat.sequence, measure: [] } });
    }
    session.isOpen = false;
  }
}
