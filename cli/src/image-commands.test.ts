import test from 'ava';
import { runWith } from './testing/run-with.ts';

test('images are listed in the form of the contract', async (t) => {
  const images = [
    {
      Id: `sha256:${'a'.repeat(64)}`,
      RepoTags: ['visits-web:1'],
      RepoDigests: [`visits-web@sha256:${'b'.repeat(64)}`],
      Created: 1_700_000_000,
      Size: 1_300_000_000,
    },
  ];
  const engine = (method: string, path: string) => (method === 'GET' && path === '/images/json' ? { body: images } : undefined);
  const { code, out } = await runWith(t, { engine }, ['images', '--format', 'json']);
  t.is(code, 0);
  t.deepEqual(JSON.parse(out), [
    {
      id: `sha256:${'a'.repeat(64)}`,
      names: ['visits-web:1'],
      digest: `sha256:${'b'.repeat(64)}`,
      sizeBytes: 1_300_000_000,
      createdAt: '2023-11-14T22:13:20.000Z',
    },
  ]);
  t.regex((await runWith(t, { engine }, ['image', 'ls'])).out, /visits-web +1 +a{12} .* 1\.3 GB\n$/);
});

test('a pull shows one line per change and fails with what the daemon says', async (t) => {
  const layer = (status: string, current: number) => JSON.stringify({ id: 'abc', status, progressDetail: { current, total: 9 } });
  const lines = [layer('Downloading', 1), layer('Downloading', 5), layer('Pull complete', 9)];
  const good = await runWith(t, { engine: () => ({ body: `${lines.join('\n')}\n` }) }, ['pull', 'busybox']);
  t.is(good.code, 0);
  t.is(good.err, 'abc: Downloading\nabc: Pull complete\n');
  const error = JSON.stringify({
    error: 'x',
    errorDetail: { code: 'NOT_FOUND', message: 'there is no busybox:9', hint: 'Check the tag.' },
  });
  const bad = await runWith(t, { engine: () => ({ body: `${lines[0]}\n${error}\n` }) }, ['pull', 'busybox:9']);
  t.is(bad.code, 1);
  t.is(bad.err, 'abc: Downloading\nerror: there is no busybox:9. Check the tag.\n');
});

test('an import sends the archive and the changes', async (t) => {
  const seen: string[] = [];
  const engine = (method: string, path: string, body: string) => {
    seen.push(method, decodeURIComponent(path.replaceAll('+', ' ')), body);
    return { body: `${JSON.stringify({ status: 'sha256:abc' })}\n` };
  };
  const { code, out } = await runWith(t, { engine }, ['image', 'import', '-', 'mine:1', '-c', 'CMD ["/bin/sh"]'], { stdin: 'a tar' });
  t.is(code, 0);
  t.is(out, 'sha256:abc\n');
  t.deepEqual(seen, ['POST', '/images/create?fromSrc=-&repo=mine:1&changes=CMD ["/bin/sh"]', 'a tar']);
});

test('an archive that is not there is said to be missing, not the daemon', async (t) => {
  const { code, err } = await runWith(t, {}, ['image', 'load', '-i', '/nonexistent.tar']);
  t.is(code, 1);
  t.is(err, 'error: there is no file /nonexistent.tar.\n');
});
