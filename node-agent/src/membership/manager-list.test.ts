import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { CollectedLog } from '../testing/collected-log.ts';
import { ManagerList } from './manager-list.ts';

const managers = ['a', 'b', 'c'].map((nodeId) => ({ nodeId, address: `${nodeId}:1` }));

const withFolder = async (body: (make: () => Promise<ManagerList>, folder: string, log: CollectedLog) => Promise<void>): Promise<void> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'tso-managers-'));
  const log = new CollectedLog();
  const make = async (): Promise<ManagerList> => {
    const list = new ManagerList({ paths: { dataDir, runDir: dataDir } }, { logger: log });
    await list.start();
    return list;
  };
  try {
    await body(make, dataDir, log);
  } finally {
    await rm(dataDir, { recursive: true });
  }
};

test('the list outlives the agent, and an empty one does not replace it', (t) =>
  withFolder(async (make) => {
    const list = await make();
    t.deepEqual(list.all, []);
    await list.set(managers);
    await list.set([]);
    const next = await make();
    t.deepEqual(next.all, managers);
    await next.set([...managers, { nodeId: 'd', address: '' }, { nodeId: 'e', address: 'a:1' }]);
    t.deepEqual(next.addresses, ['a:1', 'b:1', 'c:1']);
    await next.forget();
    t.deepEqual((await make()).all, []);
  }));

test('lists that are told at one time do not get in each other’s way: the last one counts', (t) =>
  withFolder(async (make) => {
    const list = await make();
    const ever = Array.from({ length: 20 }, (_, index) => [{ nodeId: 'a', address: `a:${index + 1}` }]);
    await Promise.all(ever.map((managers) => list.set(managers)));
    t.deepEqual((await make()).addresses, ['a:20']);
    await Promise.all([list.set(managers), list.forget()]);
    t.deepEqual((await make()).all, []);
  }));

test('a damaged list counts as empty and is said', (t) =>
  withFolder(async (make, folder, log) => {
    for (const text of ['[{"nodeId":', '{}', '[7]', '[{"nodeId":"a"}]']) {
      await writeFile(join(folder, 'managers.json'), text);
      t.deepEqual((await make()).all, [], text);
    }
    t.is(log.at('error').length, 1);
  }));

test('who is to be joined is the manager that answered last, another one when that was of no help, and never this node', (t) =>
  withFolder(async (make) => {
    const list = await make();
    t.is(list.another('a', 0), undefined);
    await list.set(managers);
    list.heard('c:1');
    t.is(list.lastHeard, 'c:1');
    t.is(list.another('a', 0), 'c:1');
    t.is(list.another('a', 0), 'b:1');
    list.heard('a:1');
    for (const chance of [0, 0.5, 0.99]) t.not(list.another('a', chance), 'a:1');
  }));
