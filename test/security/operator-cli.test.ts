import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type Io, processIo, run } from '@tso/cli';
import test, { type ExecutionContext } from 'ava';
import { Site } from './site.ts';

/** What a command wrote, and how it ended. */
interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line as on a machine of its own: another home, no daemon. */
const typed = async (env: Io['env'], ...argv: readonly string[]): Promise<Ran> => {
  const parts = { out: '', err: '' };
  const output = (name: 'out' | 'err') => ({
    write: (text: string | Uint8Array) => {
      parts[name] += Buffer.from(text as string).toString();
      return true;
    },
    once: () => undefined,
    on: () => undefined,
    off: () => undefined,
  });
  const stdin = Readable.from([]) as unknown as Io['stdin'];
  const code = await run(argv, { ...processIo(), stdin, stdout: output('out'), stderr: output('err'), env, cwd: env.HOME ?? '/' });
  return { code, ...parts };
};

const home = async (t: ExecutionContext): Promise<string> => {
  const path = await mkdtemp(join(tmpdir(), 'tso-home-'));
  t.teardown(() => rm(path, { recursive: true }));
  return path;
};

test('an operator works from another machine, until the certificate is revoked', async (t) => {
  const site = await Site.start(t);
  const onManager = { HOME: await home(t), TSO_HOST: `unix://${site.config.socket}` };
  const laptop = { HOME: await home(t), TSO_RUN_DIR: '/nonexistent/tso' };
  const bundle = join(laptop.HOME, 'alice.tso');
  const issued = await typed(onManager, 'ca', 'issue', 'alice', '-o', bundle);
  t.is(issued.code, 0, issued.err);
  const made = await typed(laptop, 'context', 'create', 'prod', '--from', bundle);
  t.is(made.code, 0, made.err);
  t.deepEqual(await readdir(join(laptop.HOME, '.config/tso/contexts')), ['prod.json']);
  const nodes = await typed(laptop, '--context', 'prod', 'node', 'ls', '--format', 'json');
  t.is(nodes.code, 0, nodes.err);
  t.is((JSON.parse(nodes.out) as readonly object[]).length, 1);
  const alone = await typed(laptop, 'node', 'ls');
  t.is(alone.code, 4, 'without the context there is nobody here');
  const revoked = await typed(onManager, 'ca', 'revoke', 'alice');
  t.is(revoked.code, 0, revoked.err);
  const refused = await typed(laptop, '--context', 'prod', 'node', 'ls', '--format', 'json');
  t.is(refused.code, 5, refused.err);
  t.like(JSON.parse(refused.err), { error: { code: 'PERMISSION_DENIED', details: { reason: 'revoked' } } });
});
