import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RpcChannel } from '@tso/proto/rpc';
import test from 'ava';
import { ClusterMember } from './cluster-member.ts';
import { IdentityFile, type Membership } from './identity.ts';
import { CollectedLog } from './testing/collected-log.ts';
import { ManualClock } from './testing/manual-clock.ts';

interface World {
  readonly member: ClusterMember;
  readonly identity: IdentityFile;
  readonly log: CollectedLog;
  readonly joined: Membership[];
  /** Orders to the manager to begin a new cluster. */
  readonly anew: string[];
  readonly networks: { failure: Error | undefined; readonly configured: string[] };
  /** Another life of the agent, on the same data directory. */
  readonly again: () => Promise<ClusterMember>;
}

const random = { number: () => 0.5, bytes: (count: number) => new Uint8Array(count).fill(7) };

const withMember = async (body: (world: World) => Promise<void>): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'tso-member-'));
  const paths = { dataDir: join(folder, 'data'), runDir: join(folder, 'run') };
  const clock = new ManualClock();
  const log = new CollectedLog();
  const joined: Membership[] = [];
  const anew: string[] = [];
  const networks: World['networks'] = { failure: undefined, configured: [] };
  const made: ClusterMember[] = [];
  const make = async (): Promise<{ readonly member: ClusterMember; readonly identity: IdentityFile }> => {
    const identity = new IdentityFile({ paths }, { random });
    await identity.start();
    const description = {
      hostname: 'host',
      platform: { os: 'linux', architecture: 'amd64', variant: '' },
      resources: { nanoCpus: 0, memoryBytes: 0, pids: 0 },
      engineVersion: '',
      engineLabels: {},
      kernel: '',
    };
    const member = new ClusterMember(
      { paths, description, advertiseAddr: '' },
      {
        clock,
        random,
        logger: log,
        identity,
        manager: {
          pid: 1,
          start: async () => undefined,
          stop: async () => undefined,
          join: async (membership) => void joined.push(membership),
          forceNewCluster: async () => void anew.push('anew'),
        },
        networks: {
          configure: async ({ addressPool }) => {
            if (networks.failure !== undefined) throw networks.failure;
            networks.configured.push(addressPool);
          },
        },
        containers: { exec: () => Promise.reject(new Error('not here')), logPath: () => '' },
        worker: {
          hostname: 'host',
          isAlive: () => false,
          onStatus: () => () => undefined,
          task: () => undefined,
          apply: async () => undefined,
          statuses: () => [],
        },
        connect: () => new RpcChannel(`unix:${join(folder, 'nobody.sock')}`),
        choosePool: async () => '10.32.0.0/12',
      },
    );
    made.push(member);
    await member.start();
    return { member, identity };
  };
  try {
    const { member, identity } = await make();
    await body({ member, identity, log, joined, anew, networks, again: async () => (await make()).member });
  } finally {
    for (const member of made) await member.stop();
    await rm(folder, { recursive: true });
  }
};

test('a node runs no manager before it is part of a cluster, and one from then on, after a restart too', (t) =>
  withMember(async ({ member, identity, joined, networks, again }) => {
    t.deepEqual(joined, []);
    t.is(await member.init({ addressPool: undefined }), identity.current.nodeId);
    t.is(joined[0]?.addressPool, '10.32.0.0/12');
    t.deepEqual(networks.configured, ['10.32.0.0/12']);
    await member.stop();
    await again();
    t.deepEqual(joined[1], joined[0]);
  }));

test('two wishes for a cluster at once make one; a later one is refused', (t) =>
  withMember(async ({ member, joined }) => {
    await Promise.all([member.init({ addressPool: undefined }), member.init({ addressPool: undefined })]);
    t.is(joined.length, 1);
    await t.throwsAsync(member.init({ addressPool: undefined }), { code: 'CONFLICT' });
  }));

test('an address pool that is none is refused before anything is written', (t) =>
  withMember(async ({ member, identity, joined }) => {
    for (const addressPool of ['nonsense', '10.0.0.0/33', '10.0.0.0/30', '0.0.0.0/0', '']) {
      await t.throwsAsync(member.init({ addressPool }), { code: 'INVALID_ARGUMENT', message: /address pool/ }, addressPool);
    }
    t.is(identity.current.membership, undefined);
    t.deepEqual(joined, []);
    await member.init({ addressPool: '10.64.0.0/16' });
    t.is(identity.current.membership?.addressPool, '10.64.0.0/16');
  }));

test('networks that cannot be configured do not keep the manager from running', (t) =>
  withMember(async ({ member, log, joined, networks }) => {
    networks.failure = new Error('nft failed');
    await member.init({ addressPool: undefined });
    t.is(joined.length, 1);
    t.deepEqual(log.at('error'), ['the networks of this host could not be configured']);
  }));

test('a new cluster is made of what the manager has, only where there is one, and with the address pool it had', (t) =>
  withMember(async ({ member, identity, anew }) => {
    const refused = { code: 'FAILED_PRECONDITION', message: /not part of a cluster/ };
    await t.throwsAsync(member.init({ addressPool: undefined, forceNewCluster: true }), refused);
    await member.init({ addressPool: undefined });
    await t.throwsAsync(member.init({ addressPool: '10.64.0.0/16', forceNewCluster: true }), { code: 'INVALID_ARGUMENT' });
    t.deepEqual(anew, []);
    t.is(await member.init({ addressPool: undefined, forceNewCluster: true }), identity.current.nodeId);
    t.deepEqual(anew, ['anew']);
  }));
