// What somebody gets who shows a certificate at the network door of a manager: `node stranger.ts ADDRESS FOLDER CALL…` prints what
// becomes of each call, as JSON: the code of its refusal with its reason, or `ok`. FOLDER holds ca.pem, cert.pem and key.pem, which are
// used as they are, valid or not.
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TsoError } from '@tso/proto';
import { makeKeyAndCsr } from '@tso/proto/pki';
import { Ca, Control, Managers, RpcChannel } from '@tso/proto/rpc';

const [address = '', folder = '', ...names] = process.argv.slice(2);
/** The cluster that it takes the managers for; its own when nothing is said. */
const expected = process.env.EXPECTED_CLUSTER;
const options = { deadlineMs: 15_000 };

const read = (name: string): Buffer => readFileSync(join(folder, name));
const subject = new X509Certificate(read('cert.pem')).subject;
const cluster = /^O=(.*)$/m.exec(subject)?.[1] ?? '';
const channel = new RpcChannel(address, {
  tls: {
    ca: read('ca.pem'),
    cert: read('cert.pem'),
    key: read('key.pem'),
    identity: { nodeId: 'stranger', role: 'worker', cluster: expected ?? cluster },
    notAfterMs: Number.MAX_SAFE_INTEGER,
  },
});

const calls: Readonly<Record<string, () => Promise<unknown>>> = {
  listNodes: () => channel.client(Control).listNodes({}, options),
  putConfig: () => channel.client(Control).putConfig({ name: 'stolen', data: Buffer.from('x'), labels: {} }, options),
  getJoinTokens: () => channel.client(Ca).getJoinTokens({}, options),
  renew: async () => channel.client(Ca).renew({ csr: (await makeKeyAndCsr()).csr }, options),
  listManagers: () => channel.client(Managers).listManagers({}, options),
};

const outcomes: Record<string, string> = {};
for (const name of names) {
  outcomes[name] = await (calls[name]?.() ?? Promise.reject(new Error(`there is no call ${name}`))).then(
    () => 'ok',
    (error: unknown) =>
      error instanceof TsoError ? [error.code, error.details.reason].filter((word) => typeof word === 'string').join(' ') : String(error),
  );
}
console.log(JSON.stringify(outcomes));
channel.close();
