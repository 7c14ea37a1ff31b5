import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
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

const runProgram = (program: string, argv: readonly string[], env: Readonly<Record<string, string>>, cwd?: string): Promise<Ended> =>
  new Promise((resolve) => {
    const child = spawn(program, argv, { cwd, env: { NODE_DISABLE_COMPILE_CACHE: '1', ...env }, timeout: 30_000 });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      err += chunk.toString();
    });
    child.once('close', (code) => resolve({ code, out, err }));
  });

const runBundle = (program: string, argv: readonly string[], env: Readonly<Record<string, string>>): Promise<Ended> =>
  runProgram(process.execPath, ['--', program, ...argv], env);

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

/** A clone whose programs are built, with an agent that only tells its arguments. */
const builtClone = async (t: ExecutionContext): Promise<string> => {
  const root = folder(t);
  const dist = join(root, 'cli/dist');
  const sources = [
    'proto/src',
    'compose/src',
    'manager/src',
    'node-agent/src',
    'cli/src',
    'cli/build.ts',
    'deploy/build.ts',
    'package-lock.json',
  ];
  for (const path of [...sources, 'node_modules/.bin']) mkdirSync(join(root, path), { recursive: true });
  copyFileSync(join(import.meta.dirname, '../../tso'), join(root, 'tso'));
  symlinkSync(process.execPath, join(root, 'node_modules/.bin/node'));
  await buildCli(dist);
  writeFileSync(join(dist, 'tsod.mjs'), 'console.log(JSON.stringify(process.argv.slice(2)));');
  writeFileSync(join(dist, '.built'), '');
  return root;
};

test('no word of the command line is taken by Node.js for itself, however the program is started', async (t) => {
  const root = await builtClone(t);
  const project = folder(t);
  writeFileSync(join(project, 'compose.yaml'), 'services: {web: {image: "web:${TAG}"}}');
  writeFileSync(join(project, 'hook.cjs'), "process.stdout.write('ran');");
  writeFileSync(join(project, 'n.env'), 'NODE_OPTIONS=--require ./hook.cjs\nTAG=7\n');
  const env = { HOME: project, PATH: `${dirname(process.execPath)}:/usr/bin:/bin` };
  for (const program of [join(root, 'tso'), join(root, 'cli/dist/tso.mjs')]) {
    const read = await runProgram(program, ['config', '--images', '--env-file', 'n.env'], env, project);
    t.deepEqual(read, { code: 0, out: 'web:7\n', err: '' }, program);
    const missing = await runProgram(program, ['config', '-q', '--env-file', 'nope'], env, project);
    t.is(missing.code, 1);
    t.regex(missing.err, /^error E101: .*nope/);
  }
  const daemon = await runProgram(join(root, 'tso'), ['daemon', '--manager-option', '--env-file=nope'], env, project);
  t.deepEqual([daemon.code, daemon.err], [0, '']);
  t.deepEqual(JSON.parse(daemon.out).slice(-2), ['--manager-option', '--env-file=nope']);
});

test('who hears no warnings any more, as when the terminal is gone, does not keep a command from its end', async (t) => {
  const cwd = folder(t);
  writeFileSync(join(cwd, 'compose.yaml'), 'services: {web: {image: x, isolation: hyperv}}');
  const program = join(import.meta.dirname, 'main.ts');
  const env = { HOME: cwd, NODE_DISABLE_COMPILE_CACHE: '1' };
  const child = spawn(process.execPath, ['--', program, 'config', '--images'], { cwd, env, timeout: 30_000 });
  child.stderr.destroy();
  const [out, code] = await Promise.all([text(child.stdout), new Promise((resolve) => child.once('close', resolve))]);
  t.deepEqual([code, out], [0, 'x\n']);
});
