import test from 'ava';
import { CollectedLog } from '../testing/collected-log.ts';
import type { Balances } from './task-balance.ts';
import { lookMark } from './task-look.ts';
import { TaskMender } from './task-mender.ts';
import type { AttachedTask } from './task-plan.ts';
import { newTaskRules } from './task-rules.ts';
import { attachmentOn } from './testing/attachment.ts';

const mac = '02:42:0a:20:01:03';
const task: AttachedTask = {
  taskId: 'web',
  sysctls: {},
  attachments: [attachmentOn(1, { device: 'eth0' })],
};
const interfaces = [
  [{ ifname: 'eth0', flags: ['UP'], address: mac, addr_info: [{ local: '10.32.1.3', prefixlen: 24 }] }],
  [
    { dst: 'default', gateway: '10.32.1.1', dev: 'eth0' },
    { dst: 'default', dev: 'lo', table: '90' },
  ],
  [{ priority: 90 }],
].map((part) => JSON.stringify(part));
const nobody: Balances = new Map();

/** A namespace that may have its rules or not, and whether putting them there fails. */
const world = () => {
  const state = { rules: '', known: nobody as Balances | undefined, fails: false, restored: 0 };
  const log = new CollectedLog();
  const mender = new TaskMender({
    logger: log,
    namespaces: { look: async () => [...interfaces, '', '', state.rules].join(`${lookMark}\n`) },
    known: () => state.known,
    hasGuard: () => true,
    replaceRules: async () => {
      if (state.fails) throw new Error('nft: busy');
      state.restored += 1;
    },
  });
  return { state, log, mender, mend: () => mender.mend(task, '/namespace') };
};
const lacked = 'the network of task web lacked rules of packets';

test('what a container takes away again and again is left to it after three times, which is said once', async (t) => {
  const { state, log, mend } = world();
  for (let round = 0; round < 3; round += 1) t.is(await mend(), lacked);
  for (let round = 0; round < 3; round += 1) t.is(await mend(), '');
  t.is(state.restored, 3);
  t.deepEqual(log.at('warn'), ['the network of a task is changed again and again: it is left as its container wants it']);
  state.rules = newTaskRules(task.attachments, true);
  t.is(await mend(), '', 'it has what it is to have');
  state.rules = '';
  t.is(await mend(), lacked, 'and is mended again');
});

test('what could not be mended is tried for as long as it takes', async (t) => {
  const { state, log, mend } = world();
  state.fails = true;
  for (let round = 0; round < 5; round += 1) t.is(await mend(), '');
  t.is(log.at('error').length, 1, 'one reason is said once');
  state.fails = false;
  t.is(await mend(), lacked);
  t.is(state.restored, 1);
});

test('one whose rules are not known gets them however often that is', async (t) => {
  const { state, log, mend } = world();
  state.known = undefined;
  for (let round = 0; round < 5; round += 1) t.is(await mend(), lacked);
  t.is(state.restored, 5);
  t.deepEqual(log.at('warn'), []);
});
