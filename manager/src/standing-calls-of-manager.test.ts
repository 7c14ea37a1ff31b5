import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TsoError } from '@tso/proto';
import { makeKeyAndCsr } from '@tso/proto/pki';
import { Ca, Control, RpcChannel, tlsFromPem } from '@tso/proto/rpc';
import test from 'ava';
import { startManager } from './manager-fixture.ts';

/** A loopback address that nobody else uses. */
const address = `127.${1 + (process.pid % 250)}.${1 + (Math.floor(process.pid / 250) % 250)}.77:2478`;

test('an operator whose certificate is revoked loses what it follows at once, and hears why', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'tso-revoked-'));
  const manager = await startManager(directory, { identityDir: join(directory, 'identity'), peerDoor: { listen: address, address } });
  const local = new RpcChannel(`unix:${join(directory, 'manager.sock')}`);
  t.teardown(async () => {
    local.close();
    await manager.stop();
    await rm(directory, { recursive: true, force: true });
  });
  const ca = local.client(Ca);
  const { key, csr } = await makeKeyAndCsr();
  const issued = await ca.issueClient({ name: 'ann', csr, lifeMs: 0 });
  const pem = { ca: Buffer.from(issued.authorities), cert: Buffer.from(issued.certificate), key: Buffer.from(key) };
  const tls = tlsFromPem(pem, { ca: 'ca', cert: 'cert', key: 'key' }, Date.now());
  const channel = new RpcChannel(address, { tls });
  t.teardown(() => channel.destroy());
  const events = channel
    .client(Control)
    .events({ filters: [{ key: 'kind', value: 'config' }] })
    [Symbol.asyncIterator]();
  const first = events.next();
  // Whatever the stream has not begun to follow yet would be missed: something happens until it is heard.
  let isHeard = false;
  void first.then(
    () => {
      isHeard = true;
    },
    () => undefined,
  );
  for (let at = 0; !isHeard && at < 1_000; at += 1) {
    await local.client(Control).putConfig({ name: 'a', data: Buffer.from(String(at)), labels: {} });
  }
  t.is((await first).value?.name, 'a');
  const heard = (async () => {
    for (;;) if ((await events.next()).done === true) return;
  })();
  await ca.revokeClient({ name: 'ann' });
  const error = await t.throwsAsync(heard, { instanceOf: TsoError, code: 'PERMISSION_DENIED' });
  t.is(error.details.reason, 'revoked');
});
