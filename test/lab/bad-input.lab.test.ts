import test from 'ava';
import { eventually } from './support/eventually.ts';
import { oneHost } from './support/one-host.ts';

const { host } = await oneHost();

const stackNames = async (): Promise<readonly string[]> =>
  (JSON.parse(await host.tsoOk(['ls', '--format', 'json'])) as { readonly name: string }[]).map(({ name }) => name);

const refusedBeforeAnything: readonly (readonly [title: string, yaml: string, sentence: RegExp])[] = [
  ['what is not YAML', 'services:\n  web: {image: busybox:1\n', /2|3/],
  ['an unknown key, with what was meant', 'services:\n  web:\n    image: busybox:1\n    comand: ls\n', /comand[\s\S]*command/],
  ['a wrong type', 'services:\n  web:\n    image: busybox:1\n    ports: 80\n', /ports/],
  ['a service without an image', 'services:\n  web:\n    command: ls\n', /web[\s\S]*image/],
  ['a memory limit the host lacks', 'services:\n  web:\n    image: busybox:1\n    mem_limit: 900t\n', /web[\s\S]*memory/],
];
for (const [title, yaml, sentence] of refusedBeforeAnything) {
  test.serial(`${title} is refused before anything is made`, async (t) => {
    const outcome = await host.up('bad', yaml);
    t.is(outcome.code === 0, false);
    t.regex(outcome.stderr, sentence);
    t.false(/at .*\.(ts|mjs):\d+/.test(outcome.stderr), outcome.stderr);
    t.false((await stackNames()).includes('bad'));
  });
}

const failedTasks: readonly (readonly [title: string, yaml: string, sentence: RegExp])[] = [
  ['an image that no registry has', 'services:\n  web: {image: "127.0.0.1:9/no/such:1"}\n', /127\.0\.0\.1:9/],
  ['a command that is not in the image', 'services:\n  web: {stop_grace_period: 500ms, image: "busybox:1", command: [nosuch]}\n', /nosuch/],
  [
    'a bind source that does not exist',
    'services:\n  web:\n    image: busybox:1\n    volumes: [{type: bind, source: /no/such/path, target: /data, bind: {create_host_path: false}}]\n',
    /\/no\/such\/path/,
  ],
];
for (const [title, yaml, sentence] of failedTasks) {
  test.serial(`${title} makes up fail with the task's error and leaves nothing half-made`, async (t) => {
    const outcome = await host.up('bad', yaml);
    t.is(outcome.code, 1, outcome.stderr);
    t.regex(outcome.stderr, sentence);
    const rejected = (await host.ps('-p', 'bad', '-a')).find((task) => task.state === 'rejected' || task.state === 'failed');
    t.regex(rejected?.error ?? '', sentence);
    await host.tsoOk(['down', '-p', 'bad']);
    await eventually('nothing is left', async () => (await host.leftovers()).length === 0);
  });
}

test.serial('a port that another program holds is told with its name', async (t) => {
  const holder = host.spawn('/bin/busybox', ['httpd', '-f', '-p', '8090', '-h', host.folder]);
  try {
    await eventually(
      'the port is held',
      async () => (await host.exec('/bin/sh', ['-c', "grep -q ':1F9A ' /proc/net/tcp /proc/net/tcp6"])).code === 0,
    );
    const outcome = await host.up('bad', 'services:\n  web: {stop_grace_period: 500ms, image: "busybox:1", ports: ["8090:80"]}\n');
    t.is(outcome.code, 1, outcome.stderr);
    t.regex(outcome.stderr, /8090[\s\S]*busybox/);
  } finally {
    holder.kill('SIGKILL');
    await host.tsoOk(['down', '-p', 'bad']);
  }
});

test.serial('a port that another stack publishes is refused with the holder', async (t) => {
  const yaml = 'services:\n  web: {stop_grace_period: 500ms, image: "busybox:1", ports: ["8091:80"]}\n';
  await host.upOk('first', yaml);
  const outcome = await host.up('second', yaml);
  t.not(outcome.code, 0);
  t.regex(outcome.stderr, /8091[\s\S]*first/);
  t.false((await stackNames()).includes('second'));
  await host.tsoOk(['down', '-p', 'first']);
});
