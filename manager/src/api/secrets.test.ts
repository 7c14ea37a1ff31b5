import { FileKind, type PutSecretRequest } from '@tso/proto';
import type { CallContext } from '@tso/proto/rpc';
import test from 'ava';
import { auditLine } from '../audit/audit-line.ts';
import { limits } from '../limits.ts';
import { writingInTurn } from '../testing/in-turn.ts';
import { LaggingMember, SharedLog } from '../testing/shared-log.ts';
import { serviceSpec, stackSpec } from '../testing/specs.ts';
import { tells } from '../testing/tells.ts';
import { applyStackChanges } from './changes.ts';
import { configHandlers } from './configs.ts';
import { eventsOfChange } from './event-of-change.ts';
import { secretHandlers } from './secrets.ts';
import { inTurn } from './wish-order.ts';
import { Writes } from './writes.ts';

const contextOf = (key = ''): CallContext => ({
  peer: 'test',
  roles: ['client'],
  identity: undefined,
  signal: new AbortController().signal,
  header: (name) => (name === 'idempotency-key' ? key || undefined : undefined),
});
const clock = { now: () => 5_000, monotonic: () => 0, setTimer: () => () => undefined };
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

const managerAt = (log: SharedLog) => {
  const proposer = new LaggingMember(log);
  const writes = new Writes({ proposer, clock, nodeId: 'm1' });
  const ports = { proposer, writes, write: writingInTurn(writes, { proposer }) };
  const handlers = secretHandlers(ports);
  const configs = configHandlers(ports);
  const put = (name: string, text: string, more: Partial<PutSecretRequest> = {}, key = '') =>
    handlers.putSecret({ name, data: bytes(text), labels: {}, ...more }, contextOf(key));
  return {
    proposer,
    configs,
    put,
    get: (name: string) => handlers.getSecret({ name }, contextOf()),
    list: () => handlers.listSecrets({}, contextOf()),
    remove: (name: string, expectedVersion?: number) =>
      handlers.removeSecret({ name, ...(expectedVersion === undefined ? {} : { expectedVersion }) }, contextOf()),
  };
};

const cluster = { id: 'cluster', meta: { version: 0, createdAtMs: 0, updatedAtMs: 0 }, addressPool: '10.128.0.0/9', subnetPrefix: 24 };
const clusterLog = (): SharedLog => {
  const log = new SharedLog();
  log.append({ actions: [{ putCluster: { ...cluster, firstVni: 4096, vxlanPort: 4789 } }], expect: [], atMs: 1, origin: 'test' });
  return log;
};

/** Applies a stack whose service web uses that secret, or config. */
const applyStack = (log: SharedLog, stack: string, name: string, external: boolean, kind: FileKind = FileKind.SECRET_FILE): void => {
  const mount = { kind, name, target: `/run/secrets/${name}`, uid: 0, gid: 0, mode: 0o444 };
  const spec = stackSpec(stack, [serviceSpec('web', { task: { container: { files: [mount] } } })], {
    files: [{ kind, name, external, labels: {}, template: false }],
  });
  let seed = log.tables.index;
  const { actions } = applyStackChanges(log.tables, spec, {
    removeOrphans: false,
    services: [],
    contents: external ? [] : [{ kind, name, data: bytes('its own') }],
    changedBy: 'test',
    now: 5_000,
    random: (count) => Uint8Array.from({ length: count }, () => (seed = (seed * 31 + 7) % 251)),
  });
  log.append({ actions: inTurn(log.tables, actions), expect: [], atMs: 5_000, origin: 'test' });
};

test('a secret that one manager took in is known to any other, and nothing that is answered has what it holds', async (t) => {
  const log = clusterLog();
  const [a, b] = [managerAt(log), managerAt(log)];
  t.deepEqual(await a.put('key', 'hunter2', { labels: { team: 'x' } }), { version: 2 });
  const meta = { version: 2, createdAtMs: 5_000, updatedAtMs: 5_000 };
  const view = { name: 'key', labels: { team: 'x' }, meta, stack: '', sizeBytes: 7, usedBy: [] };
  t.deepEqual(await b.get('key'), view);
  await a.put('another', '');
  t.deepEqual(
    (await b.list()).secrets.map(({ name, sizeBytes }) => [name, sizeBytes]),
    [
      ['another', 0],
      ['key', 7],
    ],
  );
  t.deepEqual(log.tables.secretByName('key')?.data, bytes('hunter2'));
});

test('putting what is there already changes nothing, and what is kept is changed only as expected', async (t) => {
  const log = clusterLog();
  const [a, b] = [managerAt(log), managerAt(log)];
  await a.put('key', 'one', { expectedVersion: 0 });
  await b.put('key', 'one');
  t.is(log.tables.secretByName('key')?.meta.version, 2);
  const error = await t.throwsAsync(b.put('key', 'hunter2', { expectedVersion: 0 }), {
    code: 'CONFLICT',
    message: 'secret key is at version 2: it was not to exist yet',
  });
  t.false(tells(error, 'hunter'));
  await t.throwsAsync(b.put('key', 'two', { expectedVersion: 9 }), { code: 'CONFLICT', message: /version 9 was expected/ });
  t.deepEqual(await b.put('key', 'two', { expectedVersion: 2 }), { version: 3 });
});

test('sent twice with a key it is done once, and the key is no way to another content', async (t) => {
  const log = clusterLog();
  const [a, b] = [managerAt(log), managerAt(log)];
  const key = '0123456789abcdef0123456789abcdef';
  const first = await a.put('key', 'one', {}, key);
  t.deepEqual(await b.put('key', 'one', {}, key), first);
  await t.throwsAsync(b.put('key', 'two', {}, key), { code: 'INVALID_ARGUMENT' });
  t.deepEqual(log.tables.secretByName('key')?.data, bytes('one'));
  t.false(tells(log.tables.requests(), 'one'));
});

test('names and sizes are bounded', async (t) => {
  const { put } = managerAt(clusterLog());
  await t.throwsAsync(put('no/name', ''), { code: 'INVALID_ARGUMENT', message: '"no/name" cannot be the name of a secret' });
  await t.throwsAsync(put('n'.repeat(256), ''), { code: 'INVALID_ARGUMENT', message: /^the name of a secret has 256 characters/ });
  const data = new Uint8Array(limits.files.secretBytes + 1);
  await t.throwsAsync(put('key', '', { data }), { code: 'RESOURCE_EXHAUSTED', message: 'secret key has 512001 bytes, it may have 512000' });
});

test('a secret that services use is not removed, and they are named', async (t) => {
  const log = clusterLog();
  const { put, remove, get } = managerAt(log);
  await put('key', 'one');
  applyStack(log, 'shop', 'key', true);
  applyStack(log, 'bank', 'key', true);
  t.deepEqual((await get('key')).usedBy, ['bank_web', 'shop_web']);
  await t.throwsAsync(remove('key'), {
    code: 'FAILED_PRECONDITION',
    message: 'secret key is in use by services bank_web, shop_web',
  });
  await put('other', '');
  await t.throwsAsync(remove('other', 1), { code: 'CONFLICT' });
  await t.throwsAsync(remove('other', 0), { code: 'INVALID_ARGUMENT' });
  await remove('other');
  await t.throwsAsync(remove('other'), { code: 'NOT_FOUND', message: 'there is no secret other' });
  await t.throwsAsync(get('other'), { code: 'NOT_FOUND' });
});

test('a secret that a stack made is changed in its file alone', async (t) => {
  const log = clusterLog();
  const { put, remove } = managerAt(log);
  applyStack(log, 'shop', 'key', false);
  await t.throwsAsync(put('key', 'by hand'), { code: 'FAILED_PRECONDITION', message: 'secret key belongs to stack shop' });
  await t.throwsAsync(remove('key'), { code: 'FAILED_PRECONDITION', message: 'secret key is in use by service shop_web' });
  for (const service of log.tables.services())
    log.append({ actions: [{ putService: { ...service, removing: true } }], expect: [], atMs: 1, origin: 'test' });
  await t.throwsAsync(remove('key'), { code: 'FAILED_PRECONDITION', message: 'secret key belongs to stack shop' });
  const stack = log.tables.stackByName('shop');
  log.append({ actions: [{ remove: { kind: 'stack', id: stack?.id ?? '' } }], expect: [], atMs: 1, origin: 'test' });
  await t.notThrowsAsync(remove('key'), 'it was left by a stack that is gone');
});

test('a stack that is applied while the removal of its secret is on its way is seen, and the secret stays', async (t) => {
  const log = clusterLog();
  const [a, b] = [managerAt(log), managerAt(log)];
  await a.put('key', 'one');
  b.proposer.meanwhile = () => {
    b.proposer.meanwhile = () => undefined;
    applyStack(log, 'shop', 'key', true);
  };
  await t.throwsAsync(b.remove('key'), { code: 'FAILED_PRECONDITION', message: /in use by service shop_web/ });
  t.is(b.proposer.proposed.length, 1, 'it had found the secret free');
  t.not(log.tables.secretByName('key'), undefined);
});

test("a config of a stack that is written by hand stays the stack's, and is not removed while it is used", async (t) => {
  const log = clusterLog();
  const { configs } = managerAt(log);
  applyStack(log, 'shop', 'conf', false, FileKind.CONFIG_FILE);
  await configs.putConfig({ name: 'conf', data: bytes('b'), labels: {} }, contextOf());
  t.like(log.tables.configByName('conf'), { stack: 'shop', data: bytes('b') });
  const { uses } = await configs.listConfigs({}, contextOf());
  t.deepEqual(uses, [{ sizeBytes: 1, usedBy: ['shop_web'] }]);
  await t.throwsAsync(configs.removeConfig({ name: 'conf' }, contextOf()), {
    code: 'FAILED_PRECONDITION',
    message: 'config conf is in use by service shop_web',
  });
});

test('events and the audit log tell of secrets, and never what they hold', (t) => {
  const changes: string[] = [];
  const context = { index: 1, atMs: 1, audit: undefined, hostname: () => '' };
  const secret = { id: 'key', name: 'key', labels: {}, data: bytes('hunter2'), stack: 'shop', meta: cluster.meta };
  const version = { id: 'v', kind: FileKind.SECRET_FILE, name: 'key', data: bytes('hunter2'), template: false, meta: cluster.meta };
  const audit = { actor: 'root', role: 'client', source: 'socket', manager: 'm1', method: '/x', target: 'secret key', requestId: '' };
  const made = [
    { kind: 'secret', id: 'key', after: secret },
    { kind: 'secret', id: 'key', before: secret, after: { ...secret, data: bytes('hunter3') } },
    { kind: 'fileVersion', id: 'v', after: version },
    { kind: 'secret', id: 'key', before: secret },
  ] as const;
  for (const change of made) {
    const events = eventsOfChange(change, context);
    t.true(tells(change, 'hunter'));
    t.false(tells(events, 'hunter'));
    changes.push(...events.map(({ kind: what, action, name, attributes }) => `${what} ${action} ${name} of ${attributes.stack}`));
  }
  t.deepEqual(changes, ['secret create key of shop', 'secret update key of shop', 'secret remove key of shop']);
  const line = auditLine({ index: 1, atMs: 1, audit, changes: made }, 'now') ?? '';
  t.false(line.includes('hunter') || line.includes('data'));
  t.regex(line, /"kind":"secret","id":"key","name":"key","action":"update"/);
});
