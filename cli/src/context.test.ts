import test from 'ava';
import { type ContextOptions, contextOf, type User } from './context.ts';
import { UsageError } from './exit-codes.ts';

type Env = Readonly<Record<string, string>>;

const userWith = (used?: string): User => ({ name: () => 'ana', home: () => '/home/ana', usedContext: () => used });

const of = (options: ContextOptions, env: Env = {}, used?: string) => contextOf(options, env, userWith(used));

test('options win over the environment, that over the defaults', (t) => {
  t.is(of({}).socket, '/run/tso/tso.sock');
  t.is(of({}, { TSO_RUN_DIR: '/run/a' }).socket, '/run/a/tso.sock');
  t.is(of({ runDir: '/run/b' }, { TSO_RUN_DIR: '/run/a', TSO_HOST: 'unix:///c.sock' }).socket, '/run/b/tso.sock');
  t.is(of({ dataDir: '/d' }, { TSO_DATA_DIR: '/e' }).dataDir, '/d');
  t.false(of({}, { TSO_HOST: '' }).explicitHost);
});

test('a host is a unix socket in each of its spellings', (t) => {
  for (const host of ['unix:///x/tso.sock', 'unix:/x/tso.sock', '/x/tso.sock']) {
    const context = of({ host });
    t.is(context.socket, '/x/tso.sock');
    t.true(context.explicitHost);
    t.is(context.remote, undefined);
  }
});

test('a host that is no address is wrong usage', (t) => {
  for (const host of ['unix:relative.sock', 'http://10.0.0.1', 'host:1']) t.throws(() => of({ host }), { instanceOf: UsageError });
});

test('managers elsewhere are shown the certificate of the nearest context', (t) => {
  const host = 'tcp://10.0.0.1:2478';
  t.deepEqual(of({ host }).remote, { hosts: host, name: undefined });
  t.deepEqual(of({ host }, {}, 'used').remote, { hosts: host, name: 'used' });
  t.deepEqual(of({ host }, { TSO_CONTEXT: 'env' }, 'used').remote, { hosts: host, name: 'env' });
  t.deepEqual(of({ host, context: 'option' }, { TSO_CONTEXT: 'env' }).remote, { hosts: host, name: 'option' });
  t.deepEqual(of({}, { TSO_HOST: host, TSO_CONTEXT: 'env' }).remote, { hosts: host, name: 'env' });
  t.true(of({ host }).explicitHost);
});

const everything: Env = { TSO_HOST: 'unix:///host.sock', TSO_CONTEXT: 'env', TSO_RUN_DIR: '/run/env' };

/** From the nearest to the farthest: each wins over all that come after it. */
const ranks: readonly [string, ContextOptions, Env, string][] = [
  ['--host', { host: '/option.sock', context: 'option', runDir: '/run/option' }, everything, '/option.sock'],
  ['--context', { context: 'option', runDir: '/run/option' }, everything, 'option'],
  ['--run-dir', { runDir: '/run/option' }, everything, '/run/option/tso.sock'],
  ['TSO_HOST', {}, everything, '/host.sock'],
  ['TSO_CONTEXT', {}, { TSO_CONTEXT: 'env', TSO_RUN_DIR: '/run/env' }, 'env'],
  ['TSO_RUN_DIR', {}, { TSO_RUN_DIR: '/run/env' }, '/run/env/tso.sock'],
  ['the used context', {}, {}, 'used'],
];
for (const [what, options, env, expected] of ranks) {
  test(`${what} wins over all that is farther`, (t) => {
    const { remote, socket } = of(options, env, 'used');
    t.is(remote?.name ?? socket, expected);
  });
}

test("default is this host's own daemon, whatever is used", (t) => {
  for (const context of [of({ context: 'default' }, {}, 'used'), of({}, { TSO_CONTEXT: 'default' }, 'used')]) {
    t.is(context.remote, undefined);
    t.is(context.socket, '/run/tso/tso.sock');
    t.false(context.explicitHost);
  }
});

test('contexts are kept where the user keeps such things', (t) => {
  t.is(of({}).configDir, '/home/ana/.config/tso');
  t.is(of({}, { HOME: '/home/bob' }).configDir, '/home/bob/.config/tso');
  t.is(of({}, { HOME: '/home/bob', XDG_CONFIG_HOME: '/x' }).configDir, '/x/tso');
  t.is(of({}, { XDG_CONFIG_HOME: '/x', TSO_CONFIG_DIR: '/y' }).configDir, '/y');
});

test('who became root for it is still who asks', (t) => {
  t.is(of({}).actor, 'ana');
  t.is(of({}, { SUDO_USER: 'bob' }).actor, 'bob');
  t.deepEqual([of({}).traceparent, of({}, { TRACEPARENT: '00-a-b-01' }).traceparent], ['', '00-a-b-01']);
});
