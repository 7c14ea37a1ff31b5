import { TsoError } from '@tso/proto';
import test from 'ava';
import { contextOf } from './context.ts';
import { UsageError } from './exit-codes.ts';

test('options win over the environment, that over the defaults', (t) => {
  t.is(contextOf({}, {}).socket, '/run/tso/tso.sock');
  t.is(contextOf({}, { TSO_RUN_DIR: '/run/a' }).socket, '/run/a/tso.sock');
  t.is(contextOf({ runDir: '/run/b' }, { TSO_RUN_DIR: '/run/a', TSO_HOST: 'unix:///c.sock' }).socket, '/run/b/tso.sock');
  t.is(contextOf({ dataDir: '/d' }, { TSO_DATA_DIR: '/e' }).dataDir, '/d');
  t.is(contextOf({}, { TSO_HOST: '' }).explicitHost, false);
});

test('a host is a unix socket in each of its spellings', (t) => {
  for (const host of ['unix:///x/tso.sock', 'unix:/x/tso.sock', '/x/tso.sock']) {
    const context = contextOf({ host }, {});
    t.is(context.socket, '/x/tso.sock');
    t.true(context.explicitHost);
  }
});

test('a host that cannot be reached today is refused', (t) => {
  t.is(t.throws(() => contextOf({ host: 'tcp://10.0.0.1:2478' }, {}), { instanceOf: TsoError })?.code, 'UNIMPLEMENTED');
  t.throws(() => contextOf({ host: 'unix:relative.sock' }, {}), { instanceOf: UsageError });
});
