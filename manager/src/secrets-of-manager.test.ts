import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type FileContent, FileKind, type ServiceSpec, type StackSpec, type Task } from '@tso/proto';
import test from 'ava';
import { FakeAgent, service, stack, type World, withManager } from './manager-fixture.ts';
import { eventually } from './testing/eventually.ts';
import { tells } from './testing/tells.ts';

const kind = FileKind.SECRET_FILE;
const named = { kind, name: 'shop_key' };
const withKey = (one: ServiceSpec): ServiceSpec => ({
  ...one,
  task: {
    ...one.task,
    container: { ...one.task.container, files: [{ ...named, target: '/run/secrets/key', uid: 0, gid: 0, mode: 0o444 }] },
  },
});
const shop = (): StackSpec => ({
  ...stack(withKey(service('web', 1)), service('plain', 1)),
  files: [{ ...named, external: false, labels: {}, template: false }],
});
const holding = (text: string): readonly FileContent[] => [{ ...named, data: Buffer.from(text) }];

const apply = (world: World, text: string, dryRun = false) =>
  world.control.applyStack({ spec: shop(), dryRun, removeOrphans: true, services: [], files: holding(text), declared: [] });

const connected = async (world: World): Promise<FakeAgent> => {
  const agent = new FakeAgent(world);
  await agent.welcomed;
  return agent;
};

/** What the agent was sent of files and not told to forget, as text. */
const held = (agent: FakeAgent): readonly string[] => {
  const files = new Map<string, string>();
  for (const { baseVersion, files: came, removedFiles } of agent.sets) {
    if (baseVersion === 0) files.clear();
    for (const id of removedFiles) files.delete(id);
    for (const { id, data } of came) files.set(id, Buffer.from(data).toString());
  }
  return [...files.values()];
};

/** Every file below the folder that the text stands in. */
const filesWith = async (directory: string, text: string): Promise<readonly string[]> => {
  const found: string[] = [];
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    if ((await readFile(path)).includes(text)) found.push(path);
  }
  return found;
};

test('a secret goes sealed into the log and plain to the node alone that has a task for it; a restart of the manager loses nothing', (t) =>
  withManager(async (world) => {
    const agent = await connected(world);
    const dry = await apply(world, 'hunter-one', true);
    t.deepEqual(
      dry.changes.filter(({ kind: what }) => what !== 'network').map(({ kind: what, name, action }) => `${action} ${what} ${name}`),
      ['create secret shop_key', 'create service web', 'create service plain'],
    );
    t.deepEqual((await world.control.listSecrets({})).secrets, [], 'a dry run makes nothing');
    const reply = await apply(world, 'hunter-one');
    await eventually('the secret at the agent', () => held(agent).length > 0);
    t.deepEqual(held(agent), ['hunter-one']);

    const answers = [
      dry,
      reply,
      await world.control.getSecret({ name: 'shop_key' }),
      await world.control.listSecrets({}),
      await world.control.getStack({ name: 'shop' }),
      await world.control.listTasks({ stack: 'shop', services: [], all: true, node: '' }),
    ];
    t.false(tells(answers, 'hunter'));
    t.deepEqual(await filesWith(world.directory, 'hunter'), [], 'neither log nor audit log has it in plain');

    agent.leave();
    await world.restart();
    const again = await connected(world);
    await eventually('the secret at the agent that came back', () => held(again).length > 0);
    t.deepEqual(held(again), ['hunter-one']);
    again.leave();
  }));

test('a changed secret replaces the tasks that have it, and the node forgets the old one with the last of them', (t) =>
  withManager(async (world) => {
    const agent = await connected(world);
    await apply(world, 'hunter-one');
    await eventually('the secret and both tasks at the agent', () => held(agent).length > 0 && agent.tasks.size === 2);
    const first = [...agent.tasks.values()];
    t.deepEqual(
      (await apply(world, 'hunter-two')).changes
        .filter(({ action }) => action === 'update')
        .map(({ kind: what, name }) => `${what} ${name}`),
      ['secret shop_key', 'service web'],
    );
    await eventually('the new secret alone', () => held(agent).join() === 'hunter-two');
    const isNew = ({ id }: Task): boolean => !first.some((task) => task.id === id);
    t.deepEqual(
      [...agent.tasks.values()].filter(isNew).map(({ serviceName }) => serviceName),
      ['web'],
    );
    agent.leave();
  }));

test('a secret goes through a backup with its content, and with the stack its last trace in the store', (t) =>
  withManager(async (world) => {
    const agent = await connected(world);
    await apply(world, 'hunter-one');
    const backup: Uint8Array[] = [];
    for await (const { data } of world.control.backup({})) backup.push(data);
    t.true(Buffer.concat(backup).includes('hunter-one'), 'a backup has all secrets: tso backup says so and can seal it');
    await world.control.removeStack({ name: 'shop', volumes: false });
    await eventually('the end of the stack', async () => !(await world.control.getStack({ name: 'shop' })).exists);
    const after: Uint8Array[] = [];
    for await (const { data } of world.control.backup({})) after.push(data);
    t.false(Buffer.concat(after).includes('hunter-one'));
    agent.leave();
  }));
