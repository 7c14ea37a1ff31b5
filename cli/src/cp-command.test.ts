import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type CopyInRequest, emptyPathStat, type PathStat, TsoError } from '@tso/proto';
import test, { type ExecutionContext } from 'ava';
import { extract, pack } from 'tar-stream';
import type { Input } from './io.ts';
import { run } from './program.ts';
import { type FakeDaemonOptions, startFakeDaemon } from './testing/fake-daemon.ts';
import { type FakeIo, fakeIo } from './testing/fake-io.ts';
import { runWith } from './testing/run-with.ts';

const folderOf = async (t: ExecutionContext): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'tso-cli-'));
  t.teardown(() => rm(folder, { recursive: true }));
  return folder;
};

const pathStat = (change: Partial<PathStat> = {}): PathStat => ({ ...emptyPathStat, taskId: 'task-of-web', ...change });

/** A container whose paths are these; what is copied in is kept. */
const container = (paths: Readonly<Record<string, Partial<PathStat>>>, entries: readonly { name: string; text?: string }[] = []) => {
  const asked: unknown[] = [];
  const received: { readonly start: unknown; readonly names: string[] }[] = [];
  const daemon: FakeDaemonOptions = {
    control: {
      copyOut: async function* (request) {
        asked.push(request);
        const found = paths[request.options.path];
        if (request.options.statOnly) {
          yield { path: pathStat(found ?? { missing: true }) };
          yield { end: true };
          return;
        }
        if (found === undefined) throw new TsoError('NOT_FOUND', `there is no ${request.options.path} in the container`);
        yield { path: pathStat(found) };
        const packing = pack();
        for (const { name, text } of entries) packing.entry({ name, type: name.endsWith('/') ? 'directory' : 'file' }, text ?? '');
        packing.finalize();
        for await (const archive of packing) yield { archive: archive as Uint8Array };
        yield { end: true };
      },
      copyIn: async function* (requests) {
        const archive = extract();
        const names: string[] = [];
        let start: unknown;
        const reading = (async () => {
          for await (const entry of archive) {
            names.push(entry.header.name);
            for await (const _ of entry);
          }
        })();
        for await (const request of requests as AsyncIterable<CopyInRequest>) {
          if (request.start !== undefined) start = request.start;
          if (request.frame?.archive !== undefined) archive.write(Buffer.from(request.frame.archive));
          if (request.frame?.stdinEnd === true) break;
        }
        archive.end(undefined);
        await reading;
        received.push({ start, names });
        yield { warning: 'a pipe was passed over' };
        yield { end: true };
      },
    },
  };
  return { daemon, asked, received };
};

test('cp brings a file under its new name, and asks for the stack’s service', async (t) => {
  const folder = await folderOf(t);
  const { daemon, asked } = container({ '/etc/f': { name: 'f' } }, [{ name: 'f', text: 'content' }]);
  const { code, err } = await runWith(t, daemon, ['cp', '-p', 'visits', '-L', '--index', '2', 'web:/etc/f', join(folder, 'new')]);
  t.is(err, '');
  t.is(code, 0);
  t.is(await readFile(join(folder, 'new'), 'utf8'), 'content');
  t.deepEqual(asked, [
    { target: { stack: 'visits', target: 'web', index: 2 }, options: { path: '/etc/f', followLinks: true, statOnly: false } },
  ]);
});

test('cp - hands the archive on as it is', async (t) => {
  const { daemon } = container({ '/d': { name: 'd', isDirectory: true } }, [{ name: 'd/' }, { name: 'd/f', text: 'x' }]);
  const { io } = await runWith(t, daemon, ['cp', '-p', 'visits', 'web:/d', '-']);
  const archive = extract();
  archive.write(Buffer.concat(io.stdout.chunks));
  archive.end(undefined);
  const names: string[] = [];
  for await (const entry of archive) {
    names.push(entry.header.name);
    for await (const _ of entry);
  }
  t.deepEqual(names, ['d/', 'd/f']);
});

test('a copy from a pipe in which nothing comes ends when it is refused, and at Ctrl-C', async (t) => {
  const { daemon } = container({ '/data': { isDirectory: true } });
  const refusing = await startFakeDaemon({
    control: {
      ...daemon.control,
      copyIn: async function* () {
        yield { warning: 'just a moment' };
        throw new TsoError('FAILED_PRECONDITION', '/data is read-only in the container');
      },
    },
  });
  const waiting = await startFakeDaemon({
    control: {
      ...daemon.control,
      copyIn: async function* (requests) {
        yield { warning: 'waits' };
        for await (const _ of requests);
      },
    },
  });
  t.teardown(() => Promise.all([refusing.stop(), waiting.stop()]));
  const idle = (dir: string): FakeIo => {
    const io = fakeIo({ env: { TSO_RUN_DIR: dir }, terminal: { columns: 80, rows: 24 } });
    return Object.assign(io, { stdin: new Readable({ read: () => undefined }) as unknown as Input });
  };
  const refused = idle(refusing.dir);
  t.is(await run(['cp', '-p', 'visits', '-', 'web:/data'], refused), 1);
  t.regex(refused.stderr.text, /read-only in the container/);
  const left = idle(waiting.dir);
  const copying = run(['cp', '-p', 'visits', '-', 'web:/data'], left);
  await new Promise<void>((resolve) => {
    left.stderr.on('written', () => left.stderr.text.includes('waits') && resolve());
  });
  left.raise('SIGINT');
  t.is(await copying, 130);
});

test('cp takes a folder to the task that was looked at, links at the destination followed', async (t) => {
  const folder = await folderOf(t);
  await mkdir(join(folder, 'site'));
  await writeFile(join(folder, 'site/index'), 'i');
  const { daemon, received } = container({
    '/www': { name: 'www', linkTarget: 'srv/www' },
    '//srv/www': { name: 'www', isDirectory: true },
  });
  const { code, err } = await runWith(t, daemon, ['cp', '-a', '-p', 'visits', 'site', 'web:/www'], { cwd: folder });
  t.is(code, 0);
  t.is(err, 'warning: a pipe was passed over\n');
  t.deepEqual(received, [
    {
      start: {
        target: { stack: '', target: 'task-of-web', index: 0 },
        options: { path: '//srv/www', keepOwner: true, noOverwriteDirNonDir: true },
      },
      names: ['site', 'site/index'],
    },
  ]);
});

test('cp says what is wrong before it copies', async (t) => {
  const folder = await folderOf(t);
  await writeFile(join(folder, 'f'), '');
  const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
    [['web:/a', 'app:/b'], 2, /both are paths of containers/],
    [['a', 'b'], 2, /neither is a path of a container/],
    [['web:', 'b'], 2, /a path is missing/],
    [['web:/nothing', '.'], 1, /there is no \/nothing/],
    [['nothing', 'web:/d'], 1, /there is no nothing/],
    [['f', 'web:/missing/'], 1, /there is no folder \/missing\//],
    [['web:/f', 'no/where'], 1, /there is no folder/],
  ];
  for (const [args, expected, said] of cases) {
    const { daemon } = container({ '/d': { isDirectory: true }, '/f': { name: 'f' } }, [{ name: 'f' }]);
    const { code, err } = await runWith(t, daemon, ['cp', '-p', 'visits', ...args], { cwd: folder });
    t.is(code, expected, args.join(' '));
    t.regex(err, said);
  }
});
