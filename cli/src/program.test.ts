import { TsoError } from '@tso/proto';
import test from 'ava';
import { commandNames } from './program.ts';
import type { FakeDaemonOptions } from './testing/fake-daemon.ts';
import { alone, runWith } from './testing/run-with.ts';

const active = (method: string, path: string) =>
  method === 'GET' && path === '/info'
    ? { body: { ID: 'n', Name: 'host-a', ServerVersion: '0.1.0', Swarm: { NodeID: 'n', LocalNodeState: 'active' } } }
    : undefined;

test('wrong words end with 2 and say where help is', async (t) => {
  for (const argv of [
    ['nonsense'],
    ['ps', '--nonsense'],
    ['ps', '--format', 'xml'],
    ['scale', 'web=many'],
    ['exec', 'web'],
    ['logs', '--since', 'yesterday'],
  ]) {
    const { code, out, err } = await alone(argv);
    t.is(code, 2, argv.join(' '));
    t.is(out, '');
    t.regex(err, /^error: .+/);
  }
});

test('wrong words with --format json are told as JSON', async (t) => {
  const { code, err } = await alone(['ps', '--nonsense', '--format', 'json']);
  t.is(code, 2);
  t.like(JSON.parse(err), { error: { code: 'INVALID_ARGUMENT', message: "unknown option '--nonsense'" } });
});

test('every command has help with an example', async (t) => {
  const top = await alone(['--help']);
  t.is(top.code, 0);
  const names = [...top.out.matchAll(/^ {2}([a-z][a-z-]*)(?: |$)/gm)]
    .map(([, name]) => name ?? '')
    .filter((name) => name !== 'tso' && name !== 'help');
  t.deepEqual(names, commandNames);
  for (const name of names) {
    const { code, out } = await alone([name, '--help']);
    t.is(code, 0);
    t.regex(out, /\nExamples?:\n {2}\S/, name);
    const commands = out.slice(out.indexOf('\nCommands:'));
    for (const [, child] of out.includes('\nCommands:') ? commands.matchAll(/^ {2}([a-z][a-z-]*)(?: |$)/gm) : []) {
      if (child === undefined || child === 'help' || child === 'tso') continue;
      t.regex((await alone([name, child, '--help'])).out, /\nExamples?:\n {2}\S/, `${name} ${child}`);
    }
  }
});

test('without a daemon commands end with 4 and say how to start one', async (t) => {
  const { code, err } = await alone(['ps']);
  t.is(code, 4);
  t.is(
    err,
    'error: cannot reach the daemon at /nonexistent/tso/tso.sock: there is no such socket. Start it: sudo tso daemon --run-dir /nonexistent/tso\n',
  );
  const { code: json, err: text } = await alone(['images', '--format', 'json']);
  t.is(json, 4);
  t.like(JSON.parse(text), { error: { code: 'UNAVAILABLE', details: { errno: 'ENOENT' } } });
});

test('version needs no daemon', async (t) => {
  const { code, out } = await alone(['version', '--format', 'json']);
  t.is(code, 0);
  t.like(JSON.parse(out), { server: null });
});

test('a failure of the daemon keeps its code, its hint and its exit code', async (t) => {
  const refuse: FakeDaemonOptions = {
    control: {
      listTasks: async () => {
        throw new TsoError('CONFLICT', 'the stack is being removed', { hint: 'Try again in a moment.' });
      },
    },
  };
  const { code, err } = await runWith(t, refuse, ['ps']);
  t.is(code, 5);
  t.is(err, 'error: the stack is being removed. Try again in a moment.\n');
});

test('info joins the host and its cluster', async (t) => {
  const getInfo = async () => ({
    clusterId: 'c',
    version: 5,
    nodes: 1,
    nodesReady: 1,
    stacks: 1,
    services: 2,
    tasks: 3,
    tasksRunning: 3,
    engineVersion: '0.1.0',
    managers: 1,
    managersReachable: 1,
    leader: 'host-a',
    answeredBy: 'host-a',
    autolock: false,
  });
  const { code, out } = await runWith(t, { engine: active, control: { getInfo } }, ['info', '--format', 'json']);
  t.is(code, 0);
  t.like(JSON.parse(out), { node: { name: 'host-a', clusterState: 'active' }, cluster: { id: 'c', tasks: { total: 3, running: 3 } } });
});

test('completion covers every command', async (t) => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { code, out } = await alone(['completion', shell]);
    t.is(code, 0);
    for (const word of ['up', 'scale', 'import', 'timeout', 'promote', 'drain', 'manager', 'rebalance', 'context'])
      t.true(out.includes(word), `${shell} ${word}`);
  }
  t.is((await alone(['completion', 'tcsh'])).code, 2);
});
