import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { rmSync, symlinkSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import type { Clock, Logger } from '@tso/proto';
import { type NewIdentity, writeIdentity } from '@tso/proto/pki';
import test, { type ExecutionContext } from 'ava';
import { issueFirst, makeBootstrap } from './ca/bootstrap.ts';
import { prepareFounding } from './identity/founding.ts';
import { limits } from './limits.ts';
import { makeManager, nodeId } from './manager-fixture.ts';
import { eventually } from './testing/eventually.ts';
import { realClock, realRandom, silentLogger } from './testing/ports.ts';

const ports = { clock: realClock, random: realRandom };

/** A loopback address that nobody else uses, for each test another. */
const addressOf = (test: number): { readonly host: string; readonly port: number } => ({
  host: `127.${1 + (process.pid % 250)}.${1 + (Math.floor(process.pid / 250) % 250)}.${80 + test}`,
  port: 2478,
});

/** What a manager begins with, and the certificate that takes the place of its first: generations 1 and 2. */
const withTwoCertificates = async (t: ExecutionContext, test: number) => {
  const directory = await mkdtemp(join(tmpdir(), 'tso-manager-tls-'));
  const identityDir = join(directory, 'identity');
  const bootstrap = await makeBootstrap({ clusterId: 'c1', nodeId, ...ports });
  await prepareFounding(join(directory, 'state'), {
    make: async () => bootstrap,
    issue: () => Promise.reject(new Error('it is there')),
    hasIdentity: async () => false,
    writeIdentity: (identity) => writeIdentity(identityDir, identity),
  });
  const renewed = await issueFirst(bootstrap.authority, { clusterId: 'c1', nodeId, ...ports });
  await writeIdentity(identityDir, renewed);
  const point = (generation: string): void => {
    rmSync(join(identityDir, 'current'));
    symlinkSync(generation, join(identityDir, 'current'));
  };
  point('1');
  const { host, port } = addressOf(test);
  const address = `${host}:${port}`;
  const make = (change: { readonly logger?: Logger; readonly clock?: Clock }) => {
    const manager = makeManager(directory, { identityDir, peerDoor: { listen: address, address } }, change);
    t.teardown(async () => {
      await manager.stop();
      await rm(directory, { recursive: true, force: true });
    });
    return manager;
  };
  const shown = async (): Promise<string> => {
    const { authorities: ca, certificate: cert, key } = renewed;
    const socket = connect({ host, port, ca, cert, key, ALPNProtocols: ['h2'], checkServerIdentity: () => undefined });
    try {
      await once(socket, 'secureConnect');
      return new X509Certificate(socket.getPeerCertificate().raw).fingerprint256;
    } finally {
      socket.destroy();
    }
  };
  return { make, point, shown, first: printOf(bootstrap.identity), second: printOf(renewed) };
};

const printOf = ({ certificate }: NewIdentity): string => new X509Certificate(certificate).fingerprint256;

test('a certificate that is renewed while a manager begins is the one that it shows', async (t) => {
  const { make, point, shown, second } = await withTwoCertificates(t, 1);
  const renewals: Promise<void>[] = [];
  const info: Logger['info'] = (_, message) => {
    if (message !== 'state restored') return;
    point('2');
    renewals.push(manager.renewTls());
  };
  const logger: Logger = { ...silentLogger, info, child: () => logger };
  const manager = make({ logger });
  await manager.start();
  t.is(renewals.length, 1);
  await t.notThrowsAsync(Promise.all(renewals));
  t.is(await shown(), second);
});

test('a renewal that fails is tried again until it is done', async (t) => {
  const { make, point, shown, first, second } = await withTwoCertificates(t, 2);
  const again: (() => void)[] = [];
  const clock: Clock = {
    ...realClock,
    setTimer: (delayMs, callback) => {
      if (delayMs !== limits.renewAgainMs || !isBroken) return realClock.setTimer(delayMs, callback);
      again.push(callback);
      return () => undefined;
    },
  };
  let isBroken = false;
  const manager = make({ clock });
  await manager.start();
  t.is(await shown(), first);
  isBroken = true;
  point('9');
  await manager.renewTls();
  t.deepEqual([again.length, await shown()], [1, first]);
  point('2');
  again[0]?.();
  await eventually('the second certificate is shown', async () => (await shown()) === second);
  t.is(again.length, 1);
});
