import type { PutConfigRequest } from '@tso/proto';
import type { CallContext } from '@tso/proto/rpc';
import test from 'ava';
import { limits } from '../limits.ts';
import { failure } from '../raft/io/outcome.ts';
import type { Proposer } from '../replication/proposer.ts';
import { writingInTurn } from '../testing/in-turn.ts';
import { LaggingMember, SharedLog } from '../testing/shared-log.ts';
import { configHandlers } from './configs.ts';
import { Writes } from './writes.ts';

const context: CallContext = {
  peer: 'test',
  roles: ['client'],
  identity: undefined,
  signal: new AbortController().signal,
  header: () => undefined,
};
const clock = { now: () => 5_000, monotonic: () => 0, setTimer: () => () => undefined };
const bytes = (text: string): Uint8Array => Buffer.from(text);

const portsAt = (proposer: Proposer) => {
  const writes = new Writes({ proposer, clock, nodeId: 'm1' });
  return { proposer, writes, write: writingInTurn(writes, { proposer }) };
};

/** A manager at the log, with its configs as a client would use them. */
const managerAt = (log: SharedLog) => {
  const proposer = new LaggingMember(log);
  const handlers = configHandlers(portsAt(proposer));
  const put = (name: string, text: string, more: Partial<PutConfigRequest> = {}) =>
    handlers.putConfig({ name, data: bytes(text), labels: {}, ...more }, context);
  return {
    proposer,
    put,
    get: (name: string) => handlers.getConfig({ name }, context),
    list: () => handlers.listConfigs({}, context),
    remove: (name: string, expectedVersion?: number) =>
      handlers.removeConfig({ name, ...(expectedVersion === undefined ? {} : { expectedVersion }) }, context),
  };
};

test('what one manager acknowledged is read from any other, by the index it was acknowledged with', async (t) => {
  const log = new SharedLog();
  const [a, b] = [managerAt(log), managerAt(log)];
  t.deepEqual(await a.put('key', 'one', { labels: { team: 'x' } }), { version: 1 });
  t.like(await b.get('key'), { id: 'key', name: 'key', labels: { team: 'x' }, data: new Uint8Array(bytes('one')), meta: { version: 1 } });
  t.deepEqual(await b.put('key', 'two'), { version: 2 });
  t.like(await a.get('key'), { labels: {}, data: new Uint8Array(bytes('two')), meta: { version: 2, createdAtMs: 5_000 } });
});

test('writes without a condition all succeed, however many race', async (t) => {
  const log = new SharedLog();
  const [a, b] = [managerAt(log), managerAt(log)];
  const replies = await Promise.all(Array.from({ length: 50 }, (_, at) => (at % 2 === 0 ? a : b).put('key', `${at}`)));
  t.is(new Set(replies.map(({ version }) => version)).size, 50);
  t.is((await a.get('key')).meta.version, 50);
  t.is(log.tables.configs().length, 1);
});

test('a write that expects another version is refused with the version that is there', async (t) => {
  const log = new SharedLog();
  const [a, b] = [managerAt(log), managerAt(log)];
  t.deepEqual(await a.put('key', 'one', { expectedVersion: 0 }), { version: 1 });
  await t.throwsAsync(b.put('key', 'two', { expectedVersion: 0 }), {
    code: 'CONFLICT',
    message: 'config key is at version 1: it was not to exist yet',
  });
  t.deepEqual(await b.put('key', 'two', { expectedVersion: 1 }), { version: 3 });
  const late = await t.throwsAsync(a.put('key', 'three', { expectedVersion: 1 }), {
    code: 'CONFLICT',
    message: 'config key is at version 3: version 1 was expected',
  });
  t.like(late, {
    details: {
      name: 'key',
      expected: 1,
      actual: 3,
      changedBy: 'root',
      changedAtMs: 5_000,
      changes: [{ path: 'data', from: '', to: '3 bytes' }],
    },
  });
  await t.throwsAsync(a.put('other', 'x', { expectedVersion: 1 }), { message: 'config other does not exist: version 1 was expected' });
  t.deepEqual((await a.get('key')).data, new Uint8Array(bytes('two')));
});

test('a conditional write whose fate is not known says so, though the manager cannot read any more either', async (t) => {
  const log = new SharedLog();
  await managerAt(log).put('key', 'one');
  const unknown = failure('unknown', 'UNAVAILABLE', 'writing the log failed');
  const broken = failure('refused', 'UNAVAILABLE', 'the log is broken');
  const proposer: Proposer = {
    view: log.tables,
    subscribe: () => (async function* () {})(),
    propose: () => Promise.reject(unknown),
    fresh: () => {
      throw broken;
    },
  };
  const handlers = configHandlers(portsAt(proposer));
  const request = { name: 'key', data: bytes('two'), labels: {} };
  for (const full of [request, { ...request, expectedVersion: 1 }]) t.is(await t.throwsAsync(handlers.putConfig(full, context)), unknown);
});

test('of many that make the same config at once, one makes it', async (t) => {
  const log = new SharedLog();
  const managers = [managerAt(log), managerAt(log), managerAt(log)];
  const results = await Promise.allSettled(managers.map((manager, at) => manager.put('key', `${at}`, { expectedVersion: 0 })));
  t.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected', 'rejected']);
  t.is(log.tables.configs().length, 1);
});

test('they are listed by name, without their data', async (t) => {
  const log = new SharedLog();
  const [a, b] = [managerAt(log), managerAt(log)];
  for (const name of ['b', 'c', 'a']) await a.put(name, name, { labels: { is: name } });
  const { configs, version } = await b.list();
  t.deepEqual(
    configs.map(({ name, labels, data, meta }) => [name, labels.is, data.length, meta.version]),
    [
      ['a', 'a', 0, 3],
      ['b', 'b', 0, 1],
      ['c', 'c', 0, 2],
    ],
  );
  t.is(version, 3);
});

test('what is not there cannot be read or removed, and says so by its name', async (t) => {
  const log = new SharedLog();
  const [a, b] = [managerAt(log), managerAt(log)];
  await t.throwsAsync(a.get('key'), { code: 'NOT_FOUND', message: 'there is no config key' });
  await t.throwsAsync(a.remove('key'), { code: 'NOT_FOUND', message: 'there is no config key' });
  await t.throwsAsync(a.remove('key', 4), { code: 'NOT_FOUND', message: 'there is no config key' });
  await a.put('key', 'one');
  t.deepEqual(await b.remove('key'), { version: 2 });
  await t.throwsAsync(a.get('key'), { code: 'NOT_FOUND' });
});

test('a removal that expects a version leaves every other alone', async (t) => {
  const log = new SharedLog();
  const a = managerAt(log);
  await a.put('key', 'one');
  await t.throwsAsync(a.remove('key', 7), { code: 'CONFLICT', message: 'config key is at version 1: version 7 was expected' });
  await t.throwsAsync(a.remove('key', 0), { code: 'INVALID_ARGUMENT' });
  t.deepEqual(await a.remove('key', 1), { version: 2 });
});

test('a removal goes on when someone writes meanwhile, and of two at once only one has removed it', async (t) => {
  const log = new SharedLog();
  const [a, b] = [managerAt(log), managerAt(log)];
  await a.put('key', 'one');
  const config = await a.get('key');
  let writes = 3;
  b.proposer.meanwhile = () => {
    if (writes-- > 0) log.append({ actions: [{ putConfig: config }], expect: [], atMs: 1, origin: 'test' });
  };
  await b.remove('key');
  t.is(log.tables.configByName('key'), undefined);
  await a.put('key', 'again');
  const results = await Promise.allSettled([a.remove('key'), b.remove('key')]);
  t.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  for (const result of results) if (result.status === 'rejected') t.like(result.reason, { code: 'NOT_FOUND' });
});

test('names and sizes are bounded, each refusal says what is allowed', async (t) => {
  const log = new SharedLog();
  const a = managerAt(log);
  for (const name of ['', '-a', 'a b', 'a/b', 'ü']) {
    await t.throwsAsync(a.put(name, ''), { code: 'INVALID_ARGUMENT', message: `"${name}" cannot be the name of a config` });
  }
  await t.throwsAsync(a.put('n'.repeat(limits.files.nameLength + 1), ''), {
    code: 'INVALID_ARGUMENT',
    message: /256 characters, it may have 255/,
  });
  await t.throwsAsync(a.put('key', '', { data: new Uint8Array(limits.files.configBytes + 1) }), {
    code: 'RESOURCE_EXHAUSTED',
    message: 'config key has 1048577 bytes, it may have 1048576',
  });
  await t.throwsAsync(a.put('key', '', { labels: { a: 'x'.repeat(limits.files.labelBytes) } }), { code: 'RESOURCE_EXHAUSTED' });
  t.is(log.entries.length, 0, 'nothing of it came into the log');
  await a.put('n'.repeat(limits.files.nameLength), '', { data: new Uint8Array(limits.files.configBytes) });
});

test('each write is one entry with one action, and reads nothing', async (t) => {
  const log = new SharedLog();
  const a = managerAt(log);
  const sealed = new Proxy(a.proposer, {
    get: (target, key) => {
      if (key === 'view' || key === 'fresh') throw new Error('a write must not read');
      return target[key as 'propose'].bind(target);
    },
  });
  const { putConfig } = configHandlers(portsAt(sealed));
  await putConfig({ name: 'key', data: bytes('x'), labels: {} }, context);
  t.is(log.entries.length, 1);
  t.deepEqual(
    log.entries.map(({ actions, expect }) => [actions.length, expect.length]),
    [[1, 0]],
  );
});
