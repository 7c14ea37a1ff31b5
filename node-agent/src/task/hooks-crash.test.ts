import { readdir } from 'node:fs/promises';
import {
  emptyContainerSpec,
  emptyHook,
  emptyMeta,
  emptyTaskSpec,
  FileKind,
  type FileVersion,
  type Hook,
  type Task,
  TaskState,
} from '@tso/proto';
import test from 'ava';
import { memoryDir } from '../paths.ts';
import { AgentWorld, taskNamed } from '../testing/agent-world.ts';
import { eventually } from '../testing/eventually.ts';
import { FakeProcess } from '../testing/fake-process.ts';
import { Script } from '../testing/script.ts';
import { preStartId } from './hook-ids.ts';

const hook = (command: string): Hook => ({ ...emptyHook, command: [command] });
const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
const key: FileVersion = {
  id: 'v1',
  meta: emptyMeta,
  kind: FileKind.SECRET_FILE,
  name: 'key',
  data: Buffer.from('sesame'),
  template: false,
};
const task = taskNamed('web', {
  files: [{ kind: FileKind.SECRET_FILE, name: 'key', versionId: 'v1' }],
  spec: {
    ...emptyTaskSpec,
    container: {
      ...emptyContainerSpec,
      image: 'app:1',
      files: [{ kind: FileKind.SECRET_FILE, name: 'key', target: '/run/secrets/key', uid, gid, mode: 0o400 }],
      preStart: [hook('one'), hook('two')],
      postStart: [hook('warm')],
      preStop: [hook('leave')],
    },
  },
});
const hooks = [0, 1].map((index) => preStartId(task.id, index));

const life: readonly { readonly change: Partial<Task> | undefined; readonly came: (world: AgentWorld) => boolean }[] = [
  { change: {}, came: (world) => world.isIn(task, TaskState.RUNNING) },
  { change: { desiredState: TaskState.SHUTDOWN }, came: (world) => world.isIn(task, TaskState.SHUTDOWN) },
  { change: undefined, came: (world) => world.records().length === 0 },
];

/** Lives it through, with one crash at the given point; its hooks succeed as soon as they run. Returns how many points there were. */
const live = async (world: AgentWorld, crashAt: number): Promise<number> => {
  world.host.exec = () => {
    const process = new FakeProcess();
    process.exit(0);
    return process;
  };
  const script = new Script();
  script.crashAt(crashAt);
  await world.start(script);
  for (const { change, came } of life) {
    for (let whole = false; !whole; ) {
      if (world.script.isDead) await world.start();
      const tasks = change === undefined ? [] : [{ ...task, status: world.last(task) ?? task.status, ...change }];
      await world.apply({ tasks, files: change === undefined ? [] : [key], baseVersion: 0 });
      await eventually('this part of its life', () => {
        for (const id of hooks) if (world.host.containers.get(id)?.state === 'running') world.host.exit(id, 0);
        return world.script.isDead || came(world);
      });
      whole = !world.script.isDead;
    }
  }
  return script.points;
};

/** Told apart so that each is over soon, also on a host that has much else to do. */
const parts = 4;

for (let part = 0; part < parts; part += 1)
  test.serial(
    `wherever an agent ends, hooks before the start run once and nothing of hooks and secrets is left (${part + 1})`,
    async (t) => {
      let points = 0;
      await AgentWorld.run(async (world) => {
        points = await live(world, Number.POSITIVE_INFINITY);
      });
      t.true(points > 60, `${points} points`);
      const crash = (point: number): Promise<void> =>
        AgentWorld.run(async (world) => {
          await live(world, point);
          const what = `a crash at point ${point} of ${points}`;
          t.deepEqual(world.backwards, [], what);
          t.deepEqual(
            [...hooks, task.id].map((id) => world.host.starts.get(id)),
            [1, 1, 1],
            what,
          );
          t.deepEqual(world.host.leftovers(), [], what);
          await t.throwsAsync(readdir(memoryDir(world.paths)), { code: 'ENOENT' }, what);
        });
      const mine = Array.from({ length: points }, (_, index) => index + 1).filter((point) => point % parts === part);
      const width = 8;
      for (let from = 0; from < mine.length; from += width) await Promise.all(mine.slice(from, from + width).map(crash));
    },
  );
