import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { TsoError } from '@tso/proto';
import test, { type ExecutionContext } from 'ava';
import type { Input } from './io.ts';
import { run } from './program.ts';
import { type FakeDaemonOptions, startFakeDaemon } from './testing/fake-daemon.ts';
import { fakeIo } from './testing/fake-io.ts';
import { alone, runWith } from './testing/run-with.ts';

const folder = (t: ExecutionContext): string => {
  const dir = mkdtempSync(join(tmpdir(), 'tso-cli-'));
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
};

const parts = ['first ', 'second ', 'third'].map((text) => new TextEncoder().encode(text));
const whole: FakeDaemonOptions = {
  control: {
    backup: async function* () {
      for (const data of parts) yield { data };
    },
  },
};

test('backup writes a file for its owner only, whole, and warns that the keys are in it', async (t) => {
  const dir = folder(t);
  const { code, out, err } = await runWith(t, whole, ['backup', '-o', 'cluster.tso'], { cwd: dir });
  t.deepEqual([code, out], [0, '']);
  t.regex(err, /^cluster\.tso: 18 B\. It holds the keys of the cluster and all its secrets/);
  t.is(readFileSync(join(dir, 'cluster.tso'), 'utf8'), 'first second third');
  t.is(statSync(join(dir, 'cluster.tso')).mode & 0o777, 0o600);
  t.deepEqual(readdirSync(dir), ['cluster.tso']);
  const json = await runWith(t, whole, ['backup', '-o', 'other', '--format', 'json'], { cwd: dir });
  t.deepEqual(JSON.parse(json.out), { file: join(dir, 'other'), sizeBytes: 18, sealed: false });
});

test('a backup that breaks off leaves what was there before, and nothing else', async (t) => {
  const dir = folder(t);
  writeFileSync(join(dir, 'cluster.tso'), 'yesterday');
  const broken: FakeDaemonOptions = {
    control: {
      backup: async function* () {
        yield { data: new TextEncoder().encode('first ') };
        throw new TsoError('UNAVAILABLE', 'the manager stops');
      },
    },
  };
  const { code, err } = await runWith(t, broken, ['backup', '-o', 'cluster.tso'], { cwd: dir });
  t.is(code, 4);
  t.regex(err, /the manager stops/);
  t.is(readFileSync(join(dir, 'cluster.tso'), 'utf8'), 'yesterday');
  t.deepEqual(readdirSync(dir), ['cluster.tso']);
});

test('a backup that is given up with Ctrl-C leaves nothing behind that holds keys', async (t) => {
  const dir = folder(t);
  const half = Promise.withResolvers<void>();
  const daemon = await startFakeDaemon({
    control: {
      backup: async function* () {
        yield { data: new TextEncoder().encode('first ') };
        half.resolve();
        await new Promise(() => undefined);
      },
    },
  });
  t.teardown(() => daemon.stop());
  const io = fakeIo({ cwd: dir, env: { TSO_RUN_DIR: daemon.dir } });
  const done = run(['backup', '-o', 'cluster.tso'], io);
  await half.promise;
  t.true(io.raise('SIGINT'));
  t.is(await done, 130);
  t.deepEqual(readdirSync(dir), []);
  t.regex(io.stderr.text, /nothing was written/);
});

test('a backup that cannot be written says why', async (t) => {
  const dir = folder(t);
  const missing = await runWith(t, whole, ['backup', '-o', join(dir, 'no/where')]);
  t.is(missing.code, 1);
  t.regex(missing.err, /cannot write .*no\/where: there is no such folder\./);
  t.regex((await runWith(t, whole, ['backup', '-o', dir])).err, /it is a folder/);
  const terminal = await runWith(t, whole, ['backup', '-o', '-'], { terminal: { columns: 80, rows: 24 } });
  t.is(terminal.code, 2);
  t.is((await runWith(t, whole, ['backup', '-o', '-'])).out, 'first second third');
});

interface Restored {
  readonly dir: string;
  readonly bodies: readonly Buffer[];
  readonly urls: readonly string[];
}

/** A daemon that keeps what it was sent whole; what was broken off it never had. */
const restoreDaemon = async (t: ExecutionContext): Promise<Restored> => {
  const dir = folder(t);
  const bodies: Buffer[] = [];
  const urls: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      bodies.push(Buffer.concat(chunks));
      urls.push(request.url ?? '');
      response.end(JSON.stringify({ NodeID: 'n1', ClusterID: 'c1' }));
    });
    request.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(join(dir, 'tso.sock'), resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { dir, bodies, urls };
};

const restore = async (daemon: Restored, dir: string, argv: readonly string[]) => {
  const io = fakeIo({ env: { TSO_RUN_DIR: daemon.dir }, cwd: dir });
  const code = await run(['restore', ...argv], io);
  return { code, out: io.stdout.text, err: io.stderr.text };
};

test('what was sealed with a passphrase is restored with it, and only with it', async (t) => {
  const dir = folder(t);
  writeFileSync(join(dir, 'pass'), 'open sesame\n');
  writeFileSync(join(dir, 'wrong'), 'open barley\n');
  const made = await runWith(t, whole, ['backup', '-o', 'sealed', '--passphrase-file', 'pass'], { cwd: dir });
  t.is(made.code, 0);
  t.regex(made.err, /sealed\. Without its passphrase nobody can restore it\./);
  t.false(readFileSync(join(dir, 'sealed')).includes('second'));

  const daemon = await restoreDaemon(t);
  const right = await restore(daemon, dir, ['sealed', '--passphrase-file', 'pass']);
  t.deepEqual([right.code, right.out], [0, 'n1\n']);
  t.is(daemon.bodies[0]?.toString(), 'first second third');
  t.is(daemon.urls[0], '/swarm/restore');
  const wrong = await restore(daemon, dir, ['sealed', '--passphrase-file', 'wrong']);
  t.is(wrong.code, 5);
  t.regex(wrong.err, /the passphrase does not open the backup/);
  t.is((await restore(daemon, dir, ['sealed'])).code, 2);
  t.is(daemon.bodies.length, 1);
});

test('a plain backup is sent as it is, with force when told so', async (t) => {
  const dir = folder(t);
  writeFileSync(join(dir, 'plain'), 'state');
  writeFileSync(join(dir, 'pass'), 'x');
  writeFileSync(join(dir, 'empty'), '');
  const daemon = await restoreDaemon(t);
  const { code, out, err } = await restore(daemon, dir, ['--force', 'plain', '--format', 'json']);
  t.deepEqual([code, JSON.parse(out), err], [0, { nodeId: 'n1', clusterId: 'c1' }, '']);
  t.deepEqual([daemon.bodies[0]?.toString(), daemon.urls[0]], ['state', '/swarm/restore?force=1']);
  t.regex((await restore(daemon, dir, ['plain', '--passphrase-file', 'pass'])).err, /plain is not sealed/);
  t.is((await restore(daemon, dir, ['empty'])).code, 1);
  t.regex((await restore(daemon, dir, ['nowhere'])).err, /cannot read nowhere: there is no such file/);
  t.is(daemon.bodies.length, 1);
});

test('where the restored manager listens and is reached may be said', async (t) => {
  const dir = folder(t);
  writeFileSync(join(dir, 'plain'), 'state');
  const daemon = await restoreDaemon(t);
  await restore(daemon, dir, ['plain', '--advertise-addr', '10.0.0.1', '--listen-addr', '0.0.0.0:2500']);
  t.deepEqual(daemon.urls, ['/swarm/restore?advertiseAddr=10.0.0.1&listenAddr=0.0.0.0%3A2500']);
});

test('a sealed backup that is damaged behind its beginning never arrives as whole', async (t) => {
  const dir = folder(t);
  writeFileSync(join(dir, 'pass'), 'open sesame');
  const large: FakeDaemonOptions = {
    control: {
      backup: async function* () {
        for (let part = 0; part < 8; part += 1) yield { data: Buffer.alloc(50_000, part) };
      },
    },
  };
  t.is((await runWith(t, large, ['backup', '-q', '-o', 'sealed', '--passphrase-file', 'pass'], { cwd: dir })).code, 0);
  const bytes = readFileSync(join(dir, 'sealed'));
  writeFileSync(join(dir, 'cut'), bytes.subarray(0, bytes.length - 70_000));
  const daemon = await restoreDaemon(t);
  const { code, err } = await restore(daemon, dir, ['cut', '--passphrase-file', 'pass']);
  t.is(code, 1);
  t.regex(err, /^error: the sealed backup is .*cut off/);
  t.deepEqual(daemon.bodies, []);
});

test('a refusal that comes before the backup was read is told as it was said', async (t) => {
  const dir = folder(t);
  let answered = () => {};
  const closed = new Promise<void>((resolve) => {
    answered = resolve;
  });
  const server = createServer((_request, response) => {
    response.writeHead(409);
    response.end(JSON.stringify({ message: 'this node is already part of a cluster', code: 'CONFLICT', hint: '' }));
    response.once('close', () => setImmediate(answered));
  });
  await new Promise<void>((resolve) => server.listen(join(dir, 'tso.sock'), resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const slow = async function* () {
    yield Buffer.alloc(1_000, 1);
    await closed;
    yield Buffer.alloc(1_000, 2);
  };
  const io = { ...fakeIo({ env: { TSO_RUN_DIR: dir } }), stdin: Readable.from(slow()) as unknown as Input };
  t.is(await run(['restore', '-'], io), 5);
  t.is(io.stderr.text, 'error: this node is already part of a cluster.\n');
});

test('backup and restore need to be told where', async (t) => {
  t.is((await alone(['backup'])).code, 2);
  t.is((await alone(['restore'])).code, 2);
  t.is((await alone(['restore', '-', '--passphrase-file', '-'])).code, 2);
});
