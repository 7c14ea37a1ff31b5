import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { succeed } from './support/command.ts';
import { eventually } from './support/eventually.ts';
import { answersAt } from './support/healthcheck.ts';
import { oneHost } from './support/one-host.ts';

// A stack as a user has it: a page server with two replicas on a published port, and a store it finds by its alias.
const stack = `
services:
  web:
    image: busybox:1
    command: ["/bin/sh", "-c", "mkdir -p /www && hostname > /www/index.html && exec httpd -f -p 80 -h /www"]
    ${answersAt()}
    ports: ["8080:80"]
    stop_grace_period: 500ms
    deploy: { replicas: 2 }
  store:
    image: busybox:1
    command: ["/bin/sh", "-c", "mkdir -p /www && echo stored > /www/index.html && exec httpd -f -p 7000 -h /www"]
    ${answersAt(7000)}
    stop_grace_period: 500ms
    networks: { default: { aliases: [cache] } }
`;

const { host } = await oneHost();

const running = async (service: string) =>
  (await host.ps('-p', 'shop')).filter((task) => task.service === service && task.state === 'running');
const page = (url: string) => host.run('/usr/bin/curl', ['-sS', '--max-time', '30', url]);

test.serial('up waits until every task runs and says so line by line', async (t) => {
  const outcome = await host.up('shop', stack);
  t.is(outcome.code, 0, outcome.stderr);
  t.is((await running('web')).length, 2);
  t.is((await running('store')).length, 1);
});

test.serial('the same file again changes nothing', async (t) => {
  const before = (await host.ps('-p', 'shop')).map((task) => task.id).sort();
  t.is((await host.up('shop', stack)).code, 0);
  t.deepEqual((await host.ps('-p', 'shop')).map((task) => task.id).sort(), before);
});

test.serial('a published port answers from localhost, the own address and outside, over all replicas', async (t) => {
  const names = new Set<string>();
  for (let count = 0; count < 30; count += 1) names.add(await page('http://127.0.0.1:8080/'));
  t.is(names.size, 2);
  t.truthy(await page(`http://${host.address}:8080/`));
  t.truthy(await host.client('/usr/bin/curl', ['-sS', '--max-time', '30', `http://${host.address}:8080/`]));
});

test.serial('a service is reached by its name and by its alias from another container', async (t) => {
  for (const name of ['store', 'cache', 'tasks.store']) {
    t.is(await host.tsoOk(['exec', '-p', 'shop', 'web', 'curl', '-sS', '--max-time', '30', `http://${name}:7000/`]), 'stored\n', name);
  }
});

test.serial('each container has its own namespaces and its own small world', async (t) => {
  const inside = async (...command: string[]) => host.tsoOk(['exec', '-p', 'shop', 'store', ...command]);
  const outside = async (name: string) => host.run('readlink', [`/proc/self/ns/${name}`]);
  for (const name of ['pid', 'net', 'mnt', 'uts', 'ipc', 'cgroup'])
    t.not(await inside('readlink', `/proc/self/ns/${name}`), await outside(name), name);
  t.regex(await inside('cat', '/proc/1/cmdline'), /^httpd/);
  t.is((await inside('ls', '/sys/class/net')).trim().split('\n').sort().join(), 'eth0,lo');
});

test.serial('a container reaches the outside world with the address of the host', async (t) => {
  await writeFile(join(host.folder, 'hello'), 'from outside\n');
  const server = host.clientSpawn('/bin/busybox', ['httpd', '-f', '-vv', '-p', '9000', '-h', host.folder]);
  let log = '';
  server.stderr?.on('data', (chunk) => {
    log += chunk;
  });
  try {
    const url = `http://${host.clientAddress}:9000/hello`;
    await eventually('the outside server answers', async () => (await host.exec('/usr/bin/curl', ['-sf', url])).code === 0);
    log = '';
    t.is(await host.tsoOk(['exec', '-p', 'shop', 'store', 'curl', '-sS', '--max-time', '30', url]), 'from outside\n');
    t.true(await eventually('the server says who came', () => log.includes(host.address)));
  } finally {
    server.kill('SIGKILL');
  }
});

test.serial('scale adds and removes replicas and waits for it', async (t) => {
  await host.tsoOk(['scale', '-p', 'shop', 'web=5']);
  t.is((await running('web')).length, 5);
  await host.tsoOk(['scale', '-p', 'shop', 'web=1']);
  t.is((await running('web')).length, 1);
});

test.serial('a killed container is replaced by its restart policy', async (t) => {
  const [before] = await running('store');
  await succeed('kill', ['-9', String((await host.mainPids()).get(before?.id ?? ''))]);
  const after = await eventually('a new task runs', async () => (await running('store')).find((task) => task.id !== before?.id));
  t.is(before?.slot, after.slot);
});

test.serial('exec passes streams and the exit code on', async (t) => {
  const outcome = await host.tso(['exec', '-i', '-p', 'shop', 'store', 'sh', '-c', 'cat; echo oops >&2; exit 7'], { input: 'through\n' });
  t.deepEqual([outcome.code, outcome.stdout, outcome.stderr], [7, 'through\n', 'oops\n']);
});

test.serial('down removes the stack and leaves nothing in the kernel', async (t) => {
  await host.tsoOk(['down', '-p', 'shop', '-v']);
  t.deepEqual(await host.ps('-p', 'shop', '-a'), []);
  await eventually('nothing is left', async () => (await host.leftovers()).length === 0).catch(async () =>
    t.deepEqual(await host.leftovers(), []),
  );
  t.pass();
});
