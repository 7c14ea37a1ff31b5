import {
  type FileContent,
  FileKind,
  type FileSpec,
  type FileVersion,
  RestartCondition,
  ServiceMode,
  type StoreAction,
  type Task,
  TaskState,
  UpdateState,
} from '@tso/proto';
import test from 'ava';
import { applyStackChanges } from './api/changes.ts';
import { limits } from './limits.ts';
import { plan } from './planner.ts';
import { expectationsOf } from './replication/expectations.ts';
import { applyTransaction } from './store/apply.ts';
import { serviceSpec, stackSpec } from './testing/specs.ts';
import { tells } from './testing/tells.ts';
import { World } from './testing/world.ts';

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const secret = (name: string, change: Partial<FileSpec> = {}): FileSpec => ({
  kind: FileKind.SECRET_FILE,
  name,
  external: false,
  labels: {},
  template: false,
  ...change,
});
const holds = (name: string, text: string, kind: FileKind = FileKind.SECRET_FILE): FileContent => ({ kind, name, data: bytes(text) });
const at = (name: string, kind: FileKind = FileKind.SECRET_FILE) => ({
  kind,
  name,
  target: `/run/secrets/${name}`,
  uid: 0,
  gid: 0,
  mode: 0o444,
});

const web = (image = 'web:1', names: readonly string[] = ['shop_key'], replicas = 2) =>
  serviceSpec('web', { replicas, task: { container: { image, files: names.map((name) => at(name)) } } });
const shop = (files: readonly FileSpec[] = [secret('shop_key')], ...services: ReturnType<typeof serviceSpec>[]) =>
  stackSpec('shop', services.length === 0 ? [web()] : services, { files });

/** What a version holds, for reading. */
const textOf = ({ data }: FileVersion): string => Buffer.from(data).toString();
const kept = (world: World): readonly string[] =>
  world.tables
    .fileVersions()
    .map((version) => `${version.name}=${textOf(version)}`)
    .sort();
/** What each task that is not being taken away was made with. */
const made = (world: World): readonly string[] =>
  world.tables
    .tasks()
    .filter((task) => task.desiredState <= TaskState.RUNNING)
    .flatMap((task) => task.files.map(({ versionId }) => textOf(world.tables.fileVersion(versionId) ?? { ...missing, name: versionId })));
const missing: FileVersion = {
  id: '',
  meta: { version: 0, createdAtMs: 0, updatedAtMs: 0 },
  kind: 0,
  name: '',
  data: bytes('(gone)'),
  template: false,
};
const said = (changes: readonly { readonly kind: string; readonly name: string; readonly action: string }[]): readonly string[] =>
  changes.map(({ kind, name, action }) => `${action} ${kind} ${name}`);

test('tasks are made with what a secret held when their service took it', (t) => {
  const world = new World();
  t.deepEqual(said(world.up(shop(), { files: [holds('shop_key', 'one')] }).changes), ['create secret shop_key', 'create service web']);
  world.run();
  t.deepEqual(made(world), ['one', 'one']);
  t.like(world.tables.secretByName('shop_key'), { stack: 'shop', changedBy: 'test' });
  const again = world.up(shop(), { files: [holds('shop_key', 'one')] });
  t.deepEqual([again.actions, said(again.changes)], [[], ['none secret shop_key', 'none service web']]);
});

test('another content rolls the services that use it within their update, and says so without what it is', (t) => {
  const world = new World();
  const other = serviceSpec('other');
  world.up(shop([secret('shop_key')], web(), other), { files: [holds('shop_key', 'hunter-one')] });
  world.run();
  const otherTask = world.task('other.1').id;
  const { changes, actions } = world.up(shop([secret('shop_key')], web(), other), { files: [holds('shop_key', 'hunter-two')] });
  t.deepEqual(said(changes), ['update secret shop_key', 'update service web', 'none service other']);
  t.deepEqual(changes.find(({ kind, name }) => kind === 'service' && name === 'web')?.changes, [
    { path: 'secrets.shop_key', from: 'old content', to: 'new content' },
  ]);
  t.false(tells(changes, 'hunter'));
  t.true(
    actions.some(({ putStack }) => putStack !== undefined),
    'who expected the stack as it was is to hear of it',
  );
  t.is(world.tables.servicesOfStack('shop').find(({ spec }) => spec.name === 'web')?.update?.state, UpdateState.UPDATING);
  t.deepEqual(made(world), ['hunter-one', 'hunter-one', 'hunter-two'], 'one after the other');
  t.deepEqual(kept(world), ['shop_key=hunter-one', 'shop_key=hunter-two']);
  world.run();
  world.sleep();
  world.run();
  t.deepEqual(made(world), ['hunter-two', 'hunter-two']);
  t.is(world.task('other.1').id, otherTask);
});

test('what was there before is kept for going back, and forgotten with the change after that', (t) => {
  const world = new World();
  const settle = (text: string): void => {
    world.up(shop(), { files: [holds('shop_key', text)] });
    for (let turn = 0; turn < 4; turn += 1) {
      world.run();
      world.sleep();
    }
  };
  settle('one');
  const first = world.tables.services()[0]?.files;
  settle('two');
  t.deepEqual(world.tables.services()[0]?.previousFiles, first);
  t.deepEqual(kept(world), ['shop_key=one', 'shop_key=two']);
  settle('one');
  t.deepEqual(world.tables.services()[0]?.files, first, 'the same content is the same version');
  settle('three');
  t.deepEqual(kept(world), ['shop_key=one', 'shop_key=three']);
});

/**
 * A cluster at rest that keeps what a secret held once though nobody goes by it any more, and what may be written next, in any order: that it
 * is forgotten, that it is taken up.
 */
const letGo = () => {
  const world = new World();
  const { tables } = world;
  const settle = (text: string): readonly FileVersion[] => {
    world.up(shop(), { files: [holds('shop_key', text)] });
    for (let turn = 0; turn < 4; turn += 1) {
      world.run();
      world.sleep();
    }
    return tables.fileVersions();
  };
  const [once = missing] = settle('one');
  for (const text of ['two', 'three']) settle(text);
  world.commit([{ putFileVersion: once }]);
  const random = (count: number): Uint8Array => new Uint8Array(count).fill(7);
  const write = (actions: readonly StoreAction[]) => {
    const expect = expectationsOf(tables, actions);
    return () => applyTransaction(tables, tables.index + 1, { actions, expect, atMs: world.now, origin: 'test' }).ok;
  };
  const options = { removeOrphans: false, services: [], contents: [holds('shop_key', 'one')], changedBy: 'test', now: world.now, random };
  const forgets = plan(tables, world.now, random).actions;
  return { world, once, forgets, forget: write(forgets), takeUp: write(applyStackChanges(tables, shop(), options).actions) };
};

test('a version that is forgotten and one that is taken up again at the same moment are never both', (t) => {
  const taken = letGo();
  t.deepEqual(taken.forgets, [{ remove: { kind: 'fileVersion', id: taken.once.id } }]);
  t.deepEqual([taken.takeUp(), taken.forget()], [true, false]);
  t.is(taken.world.tables.services()[0]?.files[0]?.versionId, taken.once.id);
  t.true(kept(taken.world).includes('shop_key=one'));
  const forgotten = letGo();
  t.deepEqual([forgotten.forget(), forgotten.takeUp()], [true, false]);
  t.false(kept(forgotten.world).includes('shop_key=one'));
});

test('a version stays for as long as a task that was made with it may still run', (t) => {
  const world = new World();
  world.up(shop(), { files: [holds('shop_key', 'one')] });
  world.run();
  world.down('shop');
  t.is(world.tables.secretByName('shop_key'), undefined);
  t.deepEqual(kept(world), ['shop_key=one'], 'its tasks are still stopping');
  world.run();
  t.deepEqual([kept(world), world.tables.services().length], [[], 0]);
});

test('an external secret is taken as it is when the stack is applied, and only then', (t) => {
  const world = new World();
  const external = shop([secret('shop_key', { external: true })]);
  t.throws(() => world.up(external), {
    code: 'NOT_FOUND',
    message: 'external secret shop_key does not exist',
  });
  t.notThrows(() => world.up(stackSpec('idle', [], { files: [secret('shop_key', { external: true })] })), 'nobody uses it');
  const put = (text: string): void =>
    world.commit([{ putSecret: { id: 'shop_key', meta: missing.meta, name: 'shop_key', labels: {}, data: bytes(text), stack: '' } }]);
  put('by hand');
  world.up(external);
  world.run();
  t.deepEqual(made(world), ['by hand', 'by hand']);
  put('changed');
  world.run();
  t.deepEqual(made(world), ['by hand', 'by hand']);
  t.deepEqual(said(world.up(external).changes), ['update service web']);
  world.down('shop');
  t.is(world.tables.secretByName('shop_key')?.stack, '', 'it is not taken down with the stack');
});

test('a secret that other stacks use outlives its own, and is taken up again by it', (t) => {
  const world = new World();
  world.up(shop(), { files: [holds('shop_key', 'one')] });
  const borrower = stackSpec('bank', [serviceSpec('till', { task: { container: { files: [at('shop_key')] } } })], {
    files: [secret('shop_key', { external: true })],
  });
  world.up(borrower);
  const { changes } = world.down('shop');
  t.deepEqual(
    changes.find(({ kind }) => kind === 'secret'),
    {
      kind: 'secret',
      name: 'shop_key',
      action: 'none',
      changes: [{ path: 'users', from: '', to: 'service bank_till' }],
    },
  );
  t.is(world.tables.secretByName('shop_key')?.stack, 'shop');
  world.run();
  t.deepEqual(said(world.up(shop(), { files: [holds('shop_key', 'one')] }).changes).slice(0, 1), ['none secret shop_key']);
  world.down('bank');
  world.down('shop');
  t.is(world.tables.secretByName('shop_key'), undefined);
});

test('what the file no longer names is removed with it, unless a service that stays uses it', (t) => {
  const world = new World();
  const both = [secret('shop_key'), secret('shop_old')];
  const old = serviceSpec('old', { task: { container: { files: [at('shop_old')] } } });
  world.up(shop(both, web(), old), { files: [holds('shop_key', '1'), holds('shop_old', '2')] });
  const less = shop([secret('shop_key')], web());
  t.deepEqual(said(world.up(less, { files: [holds('shop_key', '1')] }).changes), ['none secret shop_key', 'none service web']);
  t.not(world.tables.secretByName('shop_old'), undefined);
  const { changes } = world.up(less, { files: [holds('shop_key', '1')], removeOrphans: true });
  t.deepEqual(said(changes), ['none secret shop_key', 'remove secret shop_old', 'none service web', 'remove service old']);
});

test('a template is another version than the same text without', (t) => {
  const world = new World();
  world.up(shop(), { files: [holds('shop_key', '{{.Node.ID}}')] });
  world.run();
  const { changes } = world.up(shop([secret('shop_key', { template: true })]), { files: [holds('shop_key', '{{.Node.ID}}')] });
  t.deepEqual(said(changes), ['none secret shop_key', 'update service web']);
  t.deepEqual(
    world.tables.fileVersions().map(({ template }) => template),
    [false, true],
  );
});

test('a secret and a config may have the same name', (t) => {
  const world = new World();
  const config = { ...secret('shop_key'), kind: FileKind.CONFIG_FILE };
  const both = serviceSpec('web', {
    task: { container: { files: [at('shop_key'), { ...at('shop_key', FileKind.CONFIG_FILE), target: '/conf' }] } },
  });
  world.up(shop([config, secret('shop_key')], both), {
    files: [holds('shop_key', 'shown', FileKind.CONFIG_FILE), holds('shop_key', 'hidden')],
  });
  t.deepEqual(made(world), ['shown', 'hidden']);
  t.deepEqual(said(world.down('shop').changes), ['remove service web', 'remove config shop_key', 'remove secret shop_key']);
});

test('what is wrong with files is refused by name, never with what they hold', (t) => {
  const world = new World();
  const refused = (
    spec: ReturnType<typeof shop>,
    files: readonly FileContent[],
    expected: { readonly code: string; readonly message: RegExp },
  ): void => {
    const error = t.throws(() => world.up(spec, { files }), expected);
    t.false(tells(error, 'hunter'));
  };
  const hunter = [holds('shop_key', 'hunter')];
  refused(shop(), [], { code: 'INVALID_ARGUMENT', message: /^secret shop_key: the request does not say what it holds/ });
  refused(shop(), [...hunter, ...hunter], { code: 'INVALID_ARGUMENT', message: /says twice what secret shop_key holds/ });
  refused(shop([], serviceSpec('web')), hunter, {
    code: 'INVALID_ARGUMENT',
    message: /secret shop_key holds, which the stack does not have/,
  });
  refused(shop([]), [], { code: 'INVALID_ARGUMENT', message: /service web uses secret shop_key, which the stack does not have/ });
  refused(shop([secret('shop_key', { external: true })], serviceSpec('web')), hunter, { code: 'INVALID_ARGUMENT', message: /is external/ });
  refused(shop([secret('shop_key'), secret('shop_key')]), hunter, {
    code: 'INVALID_ARGUMENT',
    message: /^secret shop_key is declared twice/,
  });
  refused(shop([secret('no/name')], serviceSpec('web')), [holds('no/name', '')], {
    code: 'INVALID_ARGUMENT',
    message: /cannot be the name of a secret/,
  });
  const large = { kind: FileKind.SECRET_FILE, name: 'shop_key', data: new Uint8Array(limits.files.secretBytes + 1) };
  refused(shop(), [large], { code: 'RESOURCE_EXHAUSTED', message: /^secret shop_key has 512001 bytes, it may have 512000/ });
  const labels = { a: 'x'.repeat(limits.files.labelBytes) };
  refused(shop([secret('shop_key', { labels })]), hunter, { code: 'RESOURCE_EXHAUSTED', message: /labels of secret shop_key/ });
  world.up(shop(), { files: hunter });
  refused(stackSpec('bank', [], { files: [secret('shop_key')] }), hunter, {
    code: 'CONFLICT',
    message: /secret shop_key belongs to stack shop already/,
  });
  t.notThrows(() => world.up(shop()), 'what is there and not brought again stays as it is');
});

test('what one stack brings, and what all services use, is bounded', (t) => {
  const world = new World();
  const config = (name: string): FileSpec => ({ ...secret(name), kind: FileKind.CONFIG_FILE });
  const stack = (at: number, count: number) => {
    const names = Array.from({ length: count }, (_, index) => `s${at}_${index}`);
    const service = serviceSpec('web', {
      replicas: 0,
      task: {
        container: { files: names.map((name) => ({ kind: FileKind.CONFIG_FILE, name, target: `/${name}`, uid: 0, gid: 0, mode: 0o444 })) },
      },
    });
    const files = names.map((name) => ({ kind: FileKind.CONFIG_FILE, name, data: new Uint8Array(limits.files.configBytes) }));
    return { spec: stackSpec(`s${at}`, [service], { files: names.map(config) }), files };
  };
  const up = ({ spec, files }: ReturnType<typeof stack>) => world.up(spec, { files });
  t.throws(() => up(stack(0, 9)), { code: 'RESOURCE_EXHAUSTED', message: /have 9 MiB together, a stack may bring 8 MiB/ });
  for (let at = 0; at < 4; at += 1) up(stack(at, 8));
  t.throws(() => up(stack(4, 1)), { code: 'RESOURCE_EXHAUSTED', message: /would take 33 MiB in the cluster, they may take 32 MiB/ });
  t.notThrows(() => up(stack(3, 8)), 'what is used already goes on');
  world.down('s0');
  world.run();
  t.notThrows(() => up(stack(4, 1)));
});

test('of services only some of which are applied the others go on with what they had', (t) => {
  const world = new World();
  const spec = shop([secret('shop_key')], web(), serviceSpec('other'));
  world.up(spec, { files: [holds('shop_key', 'one')] });
  world.run();
  const partly = world.up(spec, { files: [holds('shop_key', 'two')], services: ['other'] });
  t.deepEqual(said(partly.changes), ['update secret shop_key', 'none service other']);
  world.run();
  t.deepEqual(made(world), ['one', 'one']);
  t.deepEqual(said(world.up(spec, { files: [holds('shop_key', 'two')] }).changes), [
    'none secret shop_key',
    'update service web',
    'none service other',
  ]);
});

test('a job whose secret is another runs anew with it', (t) => {
  const world = new World();
  const job = serviceSpec('once', {
    mode: ServiceMode.REPLICATED_JOB,
    job: { totalCompletions: 1, maxConcurrent: 1 },
    task: {
      container: { files: [at('shop_key')] },
      restart: { condition: RestartCondition.RESTART_NONE, delayMs: 0, maxAttempts: 0, windowMs: 0 },
    },
  });
  const apply = (text: string) => world.up(shop([secret('shop_key')], job), { files: [holds('shop_key', text)] });
  const live = (): readonly string[] =>
    world.tables
      .tasks()
      .filter((task) => task.status.state < TaskState.COMPLETE)
      .map(fileOf);
  const fileOf = ({ files }: Task): string => files.map(({ versionId }) => textOf(world.tables.fileVersion(versionId) ?? missing)).join();
  apply('one');
  t.deepEqual(live(), ['one']);
  for (const task of world.tables.tasks()) world.report(task, { state: TaskState.COMPLETE, exitCode: 0 });
  t.deepEqual(live(), []);
  t.deepEqual(apply('one').actions, []);
  apply('two');
  t.deepEqual(live(), ['two']);
});
