// Who wants to become a member, and should not.

import { webcrypto, X509Certificate } from 'node:crypto';
import { createServer as createTcpServer } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import * as x509 from '@peculiar/x509';
import { NodeRole, parseToken } from '@tso/proto';
import { makeKeyAndCsr } from '@tso/proto/pki';
import { Ca } from '@tso/proto/rpc';
import test from 'ava';
import { freePort } from '../consensus/loopback-site.ts';
import { anyRoot, certificateOf } from './forged.ts';
import { anyId, Site, verdict } from './site.ts';

const asking = async (token: string, nodeId = anyId()) => ({
  secret: parseToken(token).secret,
  csr: (await makeKeyAndCsr()).csr,
  nodeId,
  hostname: 'joiner',
  address: '',
});

test('a token that was replaced is refused from that moment on, over a connection that stood before too', async (t) => {
  const site = await Site.start(t);
  for (const role of [NodeRole.WORKER, NodeRole.MANAGER]) {
    const name = role === NodeRole.MANAGER ? 'manager' : 'worker';
    const old = (await site.ca.getJoinTokens({}))[name];
    const standing = site.joiner(old).client(Ca);
    t.is(await verdict(standing.join(await asking(old))), 'answered');
    const fresh = (await site.ca.rotateJoinToken({ role }))[name];
    const before = await site.version();
    t.is(await verdict(standing.join(await asking(old))), 'PERMISSION_DENIED token');
    t.is(
      await verdict(
        site
          .joiner(old)
          .client(Ca)
          .join(await asking(old)),
      ),
      'PERMISSION_DENIED token',
    );
    t.is(await site.version(), before);
    t.is(await verdict(standing.join(await asking(fresh))), 'answered');
  }
});

test('a join that was overheard cannot be played again for another key', async (t) => {
  const site = await Site.start(t);
  const { worker } = await site.ca.getJoinTokens({});
  const request = await asking(worker);
  const joiner = site.joiner(worker).client(Ca);
  await joiner.join(request);
  const again = await joiner.join(request);
  t.is(new X509Certificate(again.certificate).toLegacyObject().subject.CN, request.nodeId, 'for the same key it is the same node');
  t.is(await verdict(joiner.join({ ...request, csr: (await makeKeyAndCsr()).csr })), 'ALREADY_EXISTS other-key');
});

test('who claims the id of a node that there is, be it a manager, gets nothing', async (t) => {
  const site = await Site.start(t);
  const { worker, manager } = await site.ca.getJoinTokens({});
  const victim = await site.join('worker');
  for (const token of [worker, manager]) {
    for (const nodeId of [victim.nodeId, site.config.nodeId]) {
      t.is(
        await verdict(
          site
            .joiner(token)
            .client(Ca)
            .join(await asking(token, nodeId)),
        ),
        'ALREADY_EXISTS other-key',
      );
    }
  }
});

test('a token of another cluster: its owner finds out before anything is said', async (t) => {
  const [site, other] = [await Site.start(t), await Site.start(t)];
  const { worker } = await other.ca.getJoinTokens({});
  const before = await site.version();
  t.is(
    await verdict(
      site
        .joiner(worker)
        .client(Ca)
        .join(await asking(worker)),
    ),
    'PERMISSION_DENIED digest',
  );
  t.is(await site.version(), before);
});

test('somebody who only answers at the address of a manager hears no secret', async (t) => {
  const site = await Site.start(t);
  const { worker } = await site.ca.getJoinTokens({});
  const { clusterId } = await site.control.getInfo({});
  const forger = await anyRoot(clusterId);
  const { certificate, key, authorities } = await certificateOf(forger, { name: site.config.nodeId, role: 'manager', clusterId });
  const heard: Buffer[] = [];
  const port = await freePort();
  const impostor = createServer(
    { cert: certificate + authorities, key, minVersion: 'TLSv1.3', ALPNProtocols: ['h2'] },
    (socket: TLSSocket) => {
      socket.on('error', () => undefined);
      socket.on('data', (data) => heard.push(data));
    },
  );
  // A joiner's first word is in the clear and says only that it is one.
  const words: string[] = [];
  const door = createTcpServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('readable', () => {
      words.push(String(socket.read(4)));
      impostor.emit('connection', socket);
    });
  });
  await new Promise<void>((resolve) => door.listen(port, '127.0.0.1', resolve));
  t.teardown(() => door.close());
  const call = site.joiner(worker, `127.0.0.1:${port}`).client(Ca);
  t.is(await verdict(call.join(await asking(worker))), 'PERMISSION_DENIED digest');
  t.deepEqual([words[0], heard], ['TSOJ', []]);
});

const requestFor = async (name: string): Promise<{ readonly csr: string; readonly der: Buffer }> => {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const extensions = [new x509.BasicConstraintsExtension(true, 2, true)];
  const request = await x509.Pkcs10CertificateRequestGenerator.create({ name, keys, signingAlgorithm: algorithm, extensions }, webcrypto);
  return { csr: request.toString('pem'), der: Buffer.from(request.rawData) };
};

test('a request that asks to be a manager, another node and an authority gets what its token is for', async (t) => {
  const site = await Site.start(t);
  const { worker } = await site.ca.getJoinTokens({});
  const { clusterId } = await site.control.getInfo({});
  const { csr } = await requestFor(`CN=${site.config.nodeId}, OU=manager, O=${clusterId}`);
  const request = { ...(await asking(worker)), csr };
  const reply = await site.joiner(worker).client(Ca).join(request);
  const certificate = new X509Certificate(reply.certificate);
  t.deepEqual({ ...certificate.toLegacyObject().subject }, { O: clusterId, OU: 'worker', CN: request.nodeId });
  t.false(certificate.ca);
});

test('a request that its key did not sign is refused, whose secret ever comes with it', async (t) => {
  const site = await Site.start(t);
  const { manager } = await site.ca.getJoinTokens({});
  const before = await site.version();
  const { der } = await requestFor('CN=x');
  const last = der.length - 1;
  der[last] = (der[last] ?? 0) ^ 1;
  const csr = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;
  t.is(
    await verdict(
      site
        .joiner(manager)
        .client(Ca)
        .join({ ...(await asking(manager)), csr }),
    ),
    'INVALID_ARGUMENT csr-signature',
  );
  t.is(await site.version(), before);
});

test('guesses at the secret are refused before anything else of the request is looked at', async (t) => {
  const site = await Site.start(t);
  const { worker } = await site.ca.getJoinTokens({});
  const before = await site.version();
  const joiner = site.joiner(worker).client(Ca);
  const request = await asking(worker);
  for (const secret of ['', 'x', 'x'.repeat(25), request.secret.toUpperCase(), `${request.secret}0`]) {
    t.is(await verdict(joiner.join({ ...request, secret, csr: 'nonsense' })), 'PERMISSION_DENIED token');
  }
  t.is(await site.version(), before);
});
