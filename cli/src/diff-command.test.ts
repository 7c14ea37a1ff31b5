import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApplyStackReply, ApplyStackRequest } from '@tso/proto';
import test, { type ExecutionContext } from 'ava';
import type { FakeDaemonOptions } from './testing/fake-daemon.ts';
import { runWith } from './testing/run-with.ts';
import { aView } from './testing/views.ts';

const engine: FakeDaemonOptions['engine'] = (method, path) =>
  method === 'GET' && path === '/info'
    ? { body: { ID: 'n', Name: 'a', ServerVersion: '0.1.0', Swarm: { NodeID: 'n', LocalNodeState: 'active' } } }
    : undefined;

const reply: ApplyStackReply = {
  version: 7,
  changes: [
    {
      kind: 'service',
      name: 'web',
      action: 'update',
      changes: [{ path: 'task.container.image', from: 'web:1', to: 'web:2' }],
      effect: '2 tasks replaced, 1 at a time, the new one first',
    },
    { kind: 'network', name: 'visits_default', action: 'none', changes: [] },
  ],
  warnings: ['limits of cpu are not kept on this node'],
  preview: {
    tasks: [
      { service: 'web', slot: 1, action: 'replace', node: 'host-b', reason: 'fewest tasks of web (0)' },
      { service: 'web', slot: 2, action: 'start', node: '', reason: 'no node fits (1 drained)' },
      { service: 'worker', slot: 1, action: 'stop', node: 'host-a', reason: 'depends on web' },
    ],
  },
};

const folder = (t: ExecutionContext): string => {
  const dir = mkdtempSync(join(tmpdir(), 'tso-cli-diff-'));
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  writeFileSync(join(dir, 'compose.yaml'), 'name: visits\nservices:\n  web:\n    image: web:2\n');
  return dir;
};

const answering = (answer: ApplyStackReply, asked: unknown[] = []): FakeDaemonOptions => ({
  engine,
  control: {
    applyStack: async ({ dryRun, removeOrphans, services, spec }) => {
      asked.push({ dryRun, removeOrphans, services, replicas: spec.services[0]?.replicas });
      return answer;
    },
  },
});

test('diff prints fields, what they mean, and what would happen where and why; it ends with 1', async (t) => {
  const asked: unknown[] = [];
  const { code, out, err } = await runWith(t, answering(reply, asked), ['diff', '--scale', 'web=4'], { cwd: folder(t) });
  t.is(code, 1);
  t.is(
    out,
    `~ update service web (2 tasks replaced, 1 at a time, the new one first)
    task.container.image: web:1 -> web:2

TASK       WOULD     NODE     WHY
web.1      replace   host-b   fewest tasks of web (0)
web.2      wait               no node fits (1 drained)
worker.1   stop      host-a   depends on web
`,
  );
  t.is(err, 'warning: limits of cpu are not kept on this node\n');
  t.deepEqual(asked, [{ dryRun: true, removeOrphans: false, services: [], replicas: 4 }]);
});

test('what is asked names all services of the file, also where only some are looked at or a profile is not active', async (t) => {
  const cwd = folder(t);
  writeFileSync(
    join(cwd, 'compose.yaml'),
    'name: visits\nservices:\n  web: {image: "web:2"}\n  db: {image: "db:1"}\n  debug: {image: d, profiles: [debug]}\n',
  );
  const asked: ApplyStackRequest[] = [];
  const daemon: FakeDaemonOptions = {
    engine,
    control: {
      applyStack: async (request) => {
        asked.push(request);
        return reply;
      },
      getStack: async () => aView([]),
    },
  };
  for (const argv of [['diff', 'web'], ['up', '--dry-run', '--remove-orphans', 'web'], ['up', '-d', '--remove-orphans', 'web'], ['diff']])
    await runWith(t, daemon, argv, { cwd });
  t.deepEqual(
    asked.map(({ spec, declared }) => [spec.services.map(({ name }) => name), declared]),
    [
      [['web'], ['db', 'debug', 'web']],
      [['web'], ['db', 'debug', 'web']],
      [['web'], ['db', 'debug', 'web']],
      [
        ['db', 'web'],
        ['db', 'debug', 'web'],
      ],
    ],
  );
});

test('up --dry-run prints the same as diff, and ends with 0', async (t) => {
  const cwd = folder(t);
  const diff = await runWith(t, answering(reply), ['diff', '--format', 'json'], { cwd });
  const up = await runWith(t, answering(reply), ['up', '--dry-run', '--format', 'json'], { cwd });
  t.deepEqual([diff.code, up.code], [1, 0]);
  t.is(diff.out, up.out);
  const entries = JSON.parse(diff.out);
  t.deepEqual(
    entries.map(({ kind, name, action }: Record<string, string>) => [kind, name, action]),
    [
      ['service', 'web', 'update'],
      ['network', 'visits_default', 'none'],
      ['service', 'worker', 'none'],
    ],
  );
  t.like(entries[0], {
    effect: '2 tasks replaced, 1 at a time, the new one first',
    tasks: [
      { slot: 1, action: 'replace', node: 'host-b' },
      { slot: 2, action: 'start', node: '' },
    ],
  });
});

test('diff ends with 0 when nothing would change, and with 1 and a place when the file is wrong', async (t) => {
  const same: ApplyStackReply = { version: 7, changes: [{ kind: 'service', name: 'web', action: 'none', changes: [] }], warnings: [] };
  const none = await runWith(t, answering(same), ['diff'], { cwd: folder(t) });
  t.deepEqual([none.code, none.out], [0, 'Nothing would change.\n']);
  const cwd = folder(t);
  writeFileSync(join(cwd, 'compose.yaml'), 'services:\n  web:\n    imag: x\n');
  const wrong = await runWith(t, answering(same), ['diff'], { cwd });
  t.is(wrong.code, 1);
  t.regex(wrong.err, /compose\.yaml:3:5: error E200/);
});

test('on a terminal what comes is green, what changes yellow and what goes red, unless NO_COLOR is set', async (t) => {
  const change = (action: string) => ({ kind: 'service', name: action, action, changes: [] });
  const answer = { version: 7, changes: ['create', 'update', 'remove'].map(change), warnings: [] };
  const options = { cwd: folder(t), terminal: { columns: 80, rows: 24 } };
  const { out } = await runWith(t, answering(answer), ['diff'], options);
  t.is(
    out,
    '\u001b[32m+ create service create\u001b[39m\n\u001b[33m~ update service update\u001b[39m\n\u001b[31m- remove service remove\u001b[39m\n',
  );
  t.false((await runWith(t, answering(answer), ['diff'], { ...options, env: { NO_COLOR: '1' } })).out.includes('\u001b'));
});
