// Streams to tasks through a manager that does not lead, and over the loss of the one that does: terminals, and every line once.
import test from 'ava';
import { ClusterLab } from './hosts/cluster-lab.ts';
import { killAgent, killManager, pauseAgent } from './hosts/faults.ts';
import { eventually } from './support/eventually.ts';
import type { LabHost } from './support/lab-host.ts';
import { onTerminal, spawnTso } from './support/tso-process.ts';

const cluster = await ClusterLab.start({ managers: 3, workers: 2 });
const stack = `
services:
  far: { image: "busybox:1", stop_grace_period: 200ms, deploy: { replicas: 2, placement: { constraints: ["node.role==worker"] } } }
  tick:
    image: busybox:1
    stop_grace_period: 200ms
    command: ["/bin/sh", "-c", "i=0; while :; do i=$$((i+1)); echo tick $$i; usleep 50000; done"]
    deploy: { placement: { constraints: ["node.role==worker"] } }
`;
test.before(() => cluster.up('app', stack));
test.after.always(() => cluster.destroy());

const follower = async (): Promise<LabHost> => {
  const [first] = await cluster.followers();
  if (first === undefined) throw new Error('there is no follower');
  return first;
};

test.serial('a terminal through a follower: its size, a change of it, Ctrl-C, the exit code, the detach keys', async (t) => {
  const by = await follower();
  const script = 'trap "exit 42" INT; trap "stty size" WINCH; until stty size; do sleep 0.1; done; while :; do sleep 0.1; done';
  const session = onTerminal(by, ['exec', '-it', '-p', 'app', 'far', 'sh', '-c', script]);
  await eventually('the size came through', () => session.screen().includes('30 90'));
  session.terminal.resize(71, 23);
  await eventually('the new size came through', () => session.screen().includes('23 71'));
  session.terminal.write('\u0003');
  t.is(await session.ended, 42);

  const left = onTerminal(by, [
    'exec',
    '-it',
    '-p',
    'app',
    'far.1',
    'sh',
    '-c',
    'echo begun; while :; do echo x >> /tmp/alive; sleep 0.1; done',
  ]);
  await eventually('it runs', () => left.screen().includes('begun'));
  left.terminal.write('\u0010\u0011');
  t.is(await left.ended, 0);
  const size = async () => Number(await by.tsoOk(['exec', '-p', 'app', 'far.1', 'sh', '-c', 'wc -c < /tmp/alive']));
  const before = await size();
  await eventually('it still writes', async () => (await size()) > before);
});

const ticksOf = (text: string): readonly number[] => [...text.matchAll(/^tick (\d+)$/gm)].map((match) => Number(match[1]));

test.serial('a followed log has every line once, over the loss of the leader and of the agent', async (t) => {
  const by = await follower();
  const logs = spawnTso(by, ['logs', '-f', '-p', 'app', '--no-prefix', '-n', '3', 'tick']);
  const last = (): number => ticksOf(logs.text()).at(-1) ?? 0;
  await eventually('it is followed', () => last() > 20);
  await (await killManager(await cluster.leader())).undo();
  const afterLeader = last();
  await eventually('it goes on without that leader', () => last() > afterLeader + 20);
  const [task] = await cluster.running('app', 'tick');
  const host = task === undefined ? undefined : cluster.workers.find(({ name }) => name === task.host);
  if (host === undefined) return t.fail('the task runs on a worker');
  await (await killAgent(host)).undo();
  const afterAgent = last();
  await eventually('it goes on after that agent', () => last() > afterAgent + 20);
  logs.process.kill('SIGINT');
  await logs.ended;
  const seen = ticksOf(logs.text());
  const [first = 0] = seen;
  t.deepEqual(
    seen,
    seen.map((_, index) => first + index),
  );
  await cluster.settled();
});

test.serial('streams to a node whose agent hangs end once the node is down, and say so', async (t) => {
  const by = await follower();
  const [task] = await cluster.running('app', 'tick');
  const host = cluster.workers.find(({ name }) => name === task?.host);
  if (host === undefined || task === undefined) return t.fail('the task runs on a worker');
  const session = spawnTso(by, ['exec', '-p', 'app', 'tick', 'sh', '-c', 'echo begun; sleep 1000']);
  await eventually('it runs', () => session.text().includes('begun'));
  const fault = await pauseAgent(host);
  try {
    const ended = await eventually('the command line gives up', () => session.process.exitCode ?? undefined);
    t.not(ended, 0);
    const { code, stderr } = await by.tso(['stats', '--no-stream', '-p', 'app', task.taskId]);
    t.true(code !== 0 || stderr !== '');
  } finally {
    await fault.undo();
  }
  await cluster.settled();
});

test.serial('events are the same on every manager, and name who asked', async (t) => {
  await cluster.up('asked', 'services:\n  web: { image: "busybox:1", stop_grace_period: 200ms }\n');
  const events = async (host: LabHost) =>
    JSON.parse(
      await host.tsoOk([
        'events',
        '--since',
        '5m',
        '--until',
        '0s',
        '--filter',
        'stack=asked',
        '--filter',
        'kind=service',
        '--filter',
        'kind=stack',
        '--format',
        'json',
      ]),
    ) as readonly {
      readonly version: number;
      readonly kind: string;
      readonly action: string;
      readonly attributes: Readonly<Record<string, string>>;
    }[];
  const by = [await cluster.leader(), await follower()];
  const [one = [], other = []] = await Promise.all(by.map(events));
  t.true(one.some(({ kind, action }) => kind === 'service' && action === 'create'));
  t.deepEqual(one, other);
  t.true(
    one.every(({ attributes }) => attributes.actor !== undefined),
    JSON.stringify(one),
  );
});
