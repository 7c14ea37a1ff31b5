import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TsoError } from '@tso/proto';
import test from 'ava';
import type { Membership } from '../membership/identity.ts';
import { Router } from './router.ts';
import { swarmRoutes } from './swarm.ts';

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>> | string;
}

const membership: Membership = {
  clusterId: 'c',
  role: 'worker',
  retired: false,
  founder: false,
  leaving: false,
  addressPool: '',
  firstVni: 1,
  vxlanPort: 1,
  subnetPrefix: 24,
  listenAddr: '',
  advertiseAddr: '',
};

type Post = (path: string, body?: unknown) => Promise<Answer>;

/** A node that notes what it was asked. */
const withNode = async (body: (post: Post, asked: unknown[]) => Promise<void>): Promise<void> => {
  const asked: unknown[] = [];
  const router = new Router(
    swarmRoutes({
      init: async (wish) => {
        asked.push(wish);
        return 'n';
      },
      join: async (wish) => {
        asked.push(wish);
        return { nodeId: 'n', membership };
      },
      leave: async (wish) => {
        asked.push(wish);
        if (!wish.force) throw new TsoError('FAILED_PRECONDITION', 'it is a manager', { hint: 'Demote it' });
      },
      unlock: async (key) => void asked.push(key),
      restore: async (stream, wish) => {
        const chunks: Uint8Array[] = [];
        for await (const chunk of stream) chunks.push(chunk);
        asked.push([Buffer.concat(chunks).toString(), wish]);
        return { nodeId: 'n', membership: { ...membership, role: 'manager' } };
      },
    }),
  );
  const server = createServer((incoming, response) => router.handle(incoming, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const post: Post = (path, sent) =>
    new Promise((resolve, reject) => {
      const outgoing = request({ port, host: '127.0.0.1', path, method: 'POST', agent: false }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => {
          text += chunk.toString();
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) as Answer['body'] }));
      });
      outgoing.on('error', reject);
      outgoing.end(typeof sent === 'string' ? sent : sent === undefined ? '' : JSON.stringify(sent));
    });
  try {
    await body(post, asked);
  } finally {
    server.close();
  }
};

test('a cluster is begun with what was said, and with nothing but defaults otherwise', (t) =>
  withNode(async (post, asked) => {
    t.deepEqual(await post('/swarm/init'), { status: 200, body: 'n' });
    const nothing = { listenAddr: '', advertiseAddr: '', addressPool: undefined, subnetSize: undefined, authority: undefined };
    t.deepEqual(asked.pop(), { ...nothing, forceNewCluster: false });
    const said = { AddressPool: '10.0.0.0/12', SubnetSize: 26, ListenAddr: 'l', AdvertiseAddr: 'a', CaCertificate: 'cert', CaKey: 'key' };
    await post('/swarm/init', { ...said, ForceNewCluster: true });
    t.deepEqual(asked.pop(), {
      listenAddr: 'l',
      advertiseAddr: 'a',
      addressPool: '10.0.0.0/12',
      subnetSize: 26,
      authority: { certificate: 'cert', key: 'key' },
      forceNewCluster: true,
    });
    t.like(await post('/swarm/init', { AdvertiseAddr: 7 }), { status: 400, body: { message: 'the field AdvertiseAddr must be a text' } });
    t.like(await post('/swarm/init', { SubnetSize: '24' }), { status: 400 });
  }));

test('a join needs token and address, and answers with who the node is', (t) =>
  withNode(async (post, asked) => {
    const answer = await post('/swarm/join', { Token: 'T', RemoteAddr: 'a:1', ListenAddr: 'l' });
    t.deepEqual(answer, { status: 200, body: { NodeID: 'n', Role: 'worker', ClusterID: 'c' } });
    t.deepEqual(asked, [{ token: 'T', remoteAddr: 'a:1', listenAddr: 'l', advertiseAddr: '' }]);
    t.like(await post('/swarm/join', { RemoteAddr: 'a:1' }), { status: 400, body: { message: 'the field Token is missing' } });
    t.like(await post('/swarm/join', { Token: 'T' }), { status: 400, body: { message: 'the field RemoteAddr is missing' } });
  }));

test('a node leaves by force only when that is said, and says what to do instead', (t) =>
  withNode(async (post, asked) => {
    t.deepEqual(await post('/swarm/leave'), {
      status: 412,
      body: { message: 'it is a manager', code: 'FAILED_PRECONDITION', hint: 'Demote it' },
    });
    t.is((await post('/swarm/leave', { Force: true })).status, 200);
    t.is((await post('/swarm/leave?force=true')).status, 200);
    t.deepEqual(asked, [{ force: false }, { force: true }, { force: true }]);
  }));

test('a key is passed on to be tried, a backup as it comes', (t) =>
  withNode(async (post, asked) => {
    t.is((await post('/swarm/unlock', { UnlockKey: 'K' })).status, 200);
    t.like(await post('/swarm/unlock', {}), { status: 400, body: { message: 'the field UnlockKey is missing' } });
    const answer = await post('/swarm/restore?force=1&listenAddr=0.0.0.0:9', 'not JSON at all');
    t.deepEqual(answer, { status: 200, body: { NodeID: 'n', Role: 'manager', ClusterID: 'c' } });
    t.deepEqual(asked, ['K', ['not JSON at all', { force: true, listenAddr: '0.0.0.0:9', advertiseAddr: '' }]]);
  }));

test('what is no JSON is refused without a word of it: it could be a secret', (t) =>
  withNode(async (post, asked) => {
    const answer = await post('/swarm/unlock', 'TSO-KEY-1-secret');
    t.is(answer.status, 400);
    t.notRegex(JSON.stringify(answer.body), /secret|TSO/);
    t.deepEqual(asked, []);
  }));
