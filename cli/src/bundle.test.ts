import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NodeRole } from '@tso/proto';
import test, { type ExecutionContext } from 'ava';
import { buildCli } from '../build.ts';
import { startFakeDaemon } from './testing/fake-daemon.ts';

const folder = (t: ExecutionContext): string => {
  const dir = mkdtempSync(join(tmpdir(), 'tso-cli-bundle-'));
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
};

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

const runBundle = (program: string, argv: readonly string[], env: Readonly<Record<string, string>>): Promise<Ended> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [program, ...argv], { env: { NODE_DISABLE_COMPILE_CACHE: '1', ...env }, timeout: 30_000 });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      err += chunk.toString();
    });
    child.once('close', (code) => resolve({ code, out, err }));
  });

const certificate = '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n';

test('the bundle does what the sources do, also where it loads what it seldom needs', async (t) => {
  const dir = folder(t);
  await buildCli(dir);
  const requests: string[] = [];
  const daemon = await startFakeDaemon({
    control: {
      backup: async function* () {
        yield { data: Buffer.from('state') };
      },
    },
    ca: {
      issueClient: async ({ csr }) => {
        requests.push(csr);
        return {
          certificate,
          authorities: certificate,
          authorityEpoch: 1,
          clusterId: 'c1',
          role: NodeRole.WORKER,
          notAfterMs: Date.UTC(2027, 0, 1),
          renewAtMs: 0,
          managers: [{ nodeId: 'a', address: '10.0.0.1:2478' }],
          addressPool: '',
          vxlanPort: 0,
          address: '',
        };
      },
    },
  });
  t.teardown(() => daemon.stop());
  const program = join(dir, 'tso.mjs');
  const env = { TSO_RUN_DIR: daemon.dir, HOME: dir };
  const file = join(dir, 'alice.tso');

  const issued = await runBundle(program, ['ca', 'issue', 'alice', '-o', file, '--format', 'json'], env);
  t.deepEqual([issued.code, issued.err], [0, '']);
  t.regex(requests[0] ?? '', /^-----BEGIN CERTIFICATE REQUEST-----/);
  t.is(statSync(file).mode & 0o777, 0o600);
  const created = await runBundle(program, ['context', 'create', 'lab', '--from', file], env);
  t.not(created.code, 0, 'what a fake daemon signs is no certificate');

  const backup = await runBundle(program, ['backup', '-o', '-'], env);
  t.deepEqual([backup.code, backup.out], [0, 'state']);
  const version = await runBundle(program, ['version', '--format', 'json'], { HOME: dir, TSO_RUN_DIR: '/nonexistent' });
  t.is(version.code, 0);
});
