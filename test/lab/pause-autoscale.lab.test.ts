import test from 'ava';
import { eventually } from './support/eventually.ts';
import type { TaskRow } from './support/lab-host.ts';
import { oneHost } from './support/one-host.ts';

const { host, inside } = await oneHost();
const running = async (stack: string): Promise<readonly TaskRow[]> =>
  (await host.ps('-p', stack)).filter(({ state }) => state === 'running');

/** A counter that a task raises ten times a second, as it stands. */
const count = async (stack: string): Promise<number> => Number(await inside(stack, 'app', 'cat', '/count'));
const counting = 'i=0; while :; do i=$$((i+1)); echo $$i > /count.new; mv /count.new /count; sleep 0.1; done';

test.serial('a task is paused, stays so through a killed agent, refuses commands, and goes on where it was', async (t) => {
  const health = 'healthcheck: {test: ["CMD", "true"], interval: 200ms, timeout: 200ms, retries: 1}';
  await host.upOk(
    'pausing',
    `services:\n  app: {image: "busybox:1", init: true, stop_grace_period: 10s, ${health}, command: ["sh", "-c", "trap 'echo told; exit 0' TERM; ${counting}"]}\n`,
  );
  const [task] = await running('pausing');
  await eventually('it counts', async () => (await count('pausing')) > 3);
  await host.tsoOk(['pause', '-p', 'pausing', 'app']);
  const refused = await host.tso(['exec', '-p', 'pausing', 'app', 'cat', '/count']);
  t.not(refused.code, 0);
  t.regex(refused.stderr, /is paused: nothing can begin in it/);

  const pathOf = async (): Promise<string> => {
    const pids = await host.run('sh', ['-c', 'cat /sys/fs/cgroup/freezer"$1"/*/freezer.state', 'sh', host.cgroupParent]);
    return pids;
  };
  t.regex(await pathOf(), /FROZEN/);
  await host.stopDaemon('SIGKILL');
  await host.startDaemon();
  await eventually('a leader answers', async () => (await running('pausing')).length === 1);
  t.regex(await pathOf(), /FROZEN/);
  t.is((await running('pausing'))[0]?.id, task?.id, 'health checks rest');

  await host.tsoOk(['unpause', '-p', 'pausing', 'app']);
  const before = await count('pausing');
  await eventually('it counts on', async () => (await count('pausing')) > before);
  t.is((await running('pausing'))[0]?.id, task?.id);

  await host.tsoOk(['pause', '-p', 'pausing', 'app']);
  await host.tsoOk(['stop', '-p', 'pausing']);
  t.regex(await host.tsoOk(['logs', '-p', 'pausing', '--no-prefix']), /told/, 'a paused task is let go on to be stopped by its signal');
  await host.tsoOk(['down', '-p', 'pausing']);
});

test.serial('nobody is sent to a paused task, by name or by published port, until it goes on', async (t) => {
  const serve = 'mkdir /www; hostname > /www/index.html; exec httpd -f -p 80 -h /www';
  await host.upOk(
    'calls',
    `services:
  web: {image: "busybox:1", stop_grace_period: 100ms, ports: ["8099:80"], command: ["sh", "-c", "${serve}"], deploy: {replicas: 2}}
  client: {image: "busybox:1", stop_grace_period: 100ms, command: ["sleep", "1000"]}
`,
  );
  const answer = async (): Promise<string> => (await host.run('curl', ['-sS', '-m', '2', 'http://127.0.0.1:8099/'])).trim();
  const names = async (): Promise<number> =>
    Number(await inside('calls', 'client', 'sh', '-c', `nslookup tasks.web | awk '/^Address/ && !/:53/' | wc -l`));
  const first = await eventually('it answers', answer);
  await eventually('both have a name', async () => (await names()) === 2);
  // Of one client a published port goes to one task, as long as that serves.
  const task = (await running('calls')).find(({ id }) => id.startsWith(first));
  await host.tsoOk(['pause', '-p', 'calls', `web.${task?.slot}`]);
  await eventually('one name is gone', async () => (await names()) === 1);
  for (let call = 0; call < 10; call += 1) t.not(await answer(), first);
  await host.tsoOk(['unpause', '-p', 'calls', `web.${task?.slot}`]);
  await eventually('both have a name', async () => (await names()) === 2);
  await eventually('it answers again', async () => (await answer()) === first);
  await host.tsoOk(['down', '-p', 'calls']);
});

test.serial('a signal reaches the first process of a task, and SIGKILL ends a paused one', async (t) => {
  await host.upOk(
    'signals',
    `services:\n  app: {image: "busybox:1", stop_grace_period: 100ms, command: ["sh", "-c", "trap 'echo hung up' HUP; echo ready; while :; do sleep 0.1; done"]}\n`,
  );
  const said = () => host.tsoOk(['logs', '-p', 'signals', '--no-prefix']);
  await eventually('it is ready', async () => (await said()).includes('ready'));
  const [task] = await running('signals');
  await host.tsoOk(['kill', '-p', 'signals', '-s', 'HUP', 'app']);
  await eventually('it was told', async () => (await said()).includes('hung up'));
  await host.tsoOk(['kill', '-p', 'signals', 'app']);
  await eventually('another one runs', async () => (await running('signals')).some(({ id }) => id !== task?.id));
  const [frozen] = await eventually('it runs', async () => ((found) => (found.length === 1 ? found : undefined))(await running('signals')));
  await host.tsoOk(['pause', '-p', 'signals', 'app']);
  await host.tsoOk(['kill', '-p', 'signals', 'app']);
  await eventually('a paused one is ended too', async () => (await running('signals')).some(({ id }) => id !== frozen?.id));
  const nothing = await host.tso(['kill', '-p', 'signals', '-s', 'NOSUCH', 'app']);
  t.not(nothing.code, 0);
  t.regex(nothing.stderr, /there is no signal NOSUCH/);
  await host.tsoOk(['down', '-p', 'signals']);
});

test.serial('a service under load gets tasks, and loses them again when the load has gone', async (t) => {
  const busy = 'while :; do if [ -e /shared/load ]; then i=0; while [ $$i -lt 20000 ]; do i=$$((i+1)); done; else sleep 0.1; fi; done';
  const file = (max: number): string => `services:
  app:
    image: busybox:1
    stop_grace_period: 100ms
    volumes: ["shared:/shared"]
    command: ["sh", "-c", "${busy}"]
    deploy:
      resources: {limits: {cpus: "0.2"}}
      x-tso-autoscale: {min: 1, max: ${max}, cpu: 50%, cool_down: 10s}
volumes: {shared: {}}
`;
  await host.upOk('load', file(3));
  t.is((await running('load')).length, 1);
  await inside('load', 'app', 'touch', '/shared/load');
  await eventually('there are three', async () => (await running('load')).length === 3, 120_000);
  const inspected = await host.tsoOk(['service', 'inspect', '-p', 'load', 'app', '--format', 'json']);
  t.regex(inspected, /went from \d to 3: mean CPU \d+ % \(50 % wished\)/);
  await inside('load', 'app', 'rm', '/shared/load');
  await eventually('there is one', async () => (await running('load')).length === 1, 120_000);
  await host.tsoOk(['down', '-v', '-p', 'load']);
});

test.serial('a task is told what it was given of its node, and one that nothing is left for waits', async (t) => {
  await host.stopDaemon('SIGTERM');
  await host.startDaemon(['--generic-resource', 'gpu=left,right', '--generic-resource', 'slots=3']);
  const gpu = '{discrete_resource_spec: {kind: gpu, value: 1}}';
  const slots = '{discrete_resource_spec: {kind: slots, value: 2}}';
  const file = `services:
  app:
    image: busybox:1
    stop_grace_period: 100ms
    command: ["sleep", "1000"]
    deploy: {resources: {reservations: {generic_resources: [${gpu}, ${slots}]}}}
  more:
    image: busybox:1
    stop_grace_period: 100ms
    command: ["sleep", "1000"]
    depends_on: [app]
    deploy: {resources: {reservations: {generic_resources: [${slots}]}}}
`;
  await host.up('given', file, ['-d']);
  await eventually('the first runs', async () => (await running('given')).length === 1);
  t.regex(await inside('given', 'app', 'env'), /^DOCKER_RESOURCE_GPU=(left|right)$/m);
  t.regex(await inside('given', 'app', 'env'), /^DOCKER_RESOURCE_SLOTS=2$/m);
  const waiting = await host.tsoOk(['ps', '-p', 'given', '-a']);
  t.regex(waiting, /slots/, 'why the other waits');
  await host.tsoOk(['down', '-p', 'given']);
});
