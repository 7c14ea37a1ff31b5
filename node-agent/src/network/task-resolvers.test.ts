import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { TaskResolvers } from './task-resolvers.ts';
import type { TaskNetworkPlan } from './types.ts';

const folder = async (t: ExecutionContext): Promise<string> => {
  const dir = await mkdtemp(join(tmpdir(), 'task-resolvers-'));
  t.teardown(() => rm(dir, { recursive: true, force: true }));
  return dir;
};

const plan = (taskId: string): TaskNetworkPlan => ({
  taskId,
  ownNamespace: true,
  attachments: [],
  networkOf: '',
  links: [{ service: 'db', alias: 'database' }],
  stack: 'shop',
  serviceName: 'web',
  sysctls: {},
});

test('what names depend on outlives the agent, and goes with the task', async (t) => {
  const dir = await folder(t);
  const first = new TaskResolvers({ dir });
  await first.start();
  await first.set(plan('t1'), { servers: ['203.0.113.1'], search: [], options: ['ndots:1'] });
  await first.set(plan('t2'), undefined);
  const second = new TaskResolvers({ dir });
  await second.start();
  t.deepEqual(second.of('t1'), {
    stack: 'shop',
    links: [{ service: 'db', alias: 'database' }],
    servers: ['203.0.113.1'],
    completesNames: true,
  });
  t.deepEqual(second.of('t2').servers, []);
  t.false(second.of('t2').completesNames);
  await second.remove('t1');
  await second.remove('t2');
  t.deepEqual(await readdir(dir), []);
  t.deepEqual(second.of('t1').links, []);
});

test('files that are damaged or not ours are passed over', async (t) => {
  const dir = await folder(t);
  for (const [name, text] of [
    ['half.dns', '{"stack":"sh'],
    ['other.dns', '["203.0.113.1"]'],
    ['.dns', '{}'],
    ['t1.json', '{}'],
  ] as const)
    await writeFile(join(dir, name), text);
  const resolvers = new TaskResolvers({ dir });
  await resolvers.start();
  t.deepEqual(resolvers.of('half'), { stack: '', links: [], servers: [], completesNames: false });
  t.deepEqual(resolvers.of('other').servers, []);
});
