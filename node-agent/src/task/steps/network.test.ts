import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { emptyContainerSpec, emptyTaskSpec, type Task } from '@tso/proto';
import test from 'ava';
import { type AgentPaths, etcFilesDir } from '../../paths.ts';
import { taskNamed } from '../../testing/agent-world.ts';
import { FakeHost } from '../../testing/fake-host.ts';
import { Script } from '../../testing/script.ts';
import type { StepContext } from '../step.ts';
import { NetworkStep } from './network.ts';

const withMode = (name: string, networkMode: string, hostname = '', networkOf = ''): Task =>
  taskNamed(name, { networkOf, spec: { ...emptyTaskSpec, networkMode, container: { ...emptyContainerSpec, hostname } } });

const contextOf = (task: Task): StepContext => ({
  task,
  state: {},
  imageId: '',
  signal: new AbortController().signal,
  say: () => undefined,
});

const inFolder = async (body: (paths: AgentPaths, step: NetworkStep) => Promise<void>): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'tso-network-step-'));
  const paths = { dataDir: join(folder, 'data'), runDir: join(folder, 'run') };
  try {
    await body(paths, new NetworkStep({ paths, hostHostname: 'host' }, { networks: new FakeHost().networksFor(new Script()) }));
  } finally {
    await rm(folder, { recursive: true });
  }
};

test('who lives in the network of another has its name, its hosts and its resolver', (t) =>
  inFolder(async (paths, step) => {
    const owner = withMode('owner', '', 'shop-db');
    const guest = withMode('guest', 'service:owner', '', owner.id);
    await step.do(contextOf(owner));
    const context = contextOf(guest);
    await step.do(context);
    t.is(context.state.hostname, 'shop-db');
    for (const name of ['hosts', 'hostname', 'resolv.conf']) {
      const [own, other] = await Promise.all([guest, owner].map(({ id }) => readFile(join(etcFilesDir(paths, id), name), 'utf8')));
      t.is(own, other, name);
    }
  }));

test('with a network of its own a container says its own name', (t) =>
  inFolder(async (_paths, step) => {
    const context = contextOf(withMode('web', ''));
    await step.do(context);
    t.is(context.state.hostname, undefined);
  }));

test('without a task whose network it is to share it is not run in another', (t) =>
  inFolder(async (_paths, step) => {
    const error = await t.throwsAsync(step.do(contextOf(withMode('guest', 'service:db'))));
    t.regex(error.message, /share a network \(service:db\)/);
  }));
