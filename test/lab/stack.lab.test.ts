import test from 'ava';
import { importBusybox } from './support/busybox-image.ts';
import { eventually } from './support/eventually.ts';
import { LabHost } from './support/lab-host.ts';

// A stack as a user has it: a page server with two replicas on a published port, and a store it finds by its alias.
const stack = `
services:
  web:
    image: busybox:1
    command: ["/bin/sh", "-c", "mkdir -p /www && hostname > /www/index.html && exec httpd -f -p 80 -h /www"]
    ports: ["8080:80"]
    deploy: { replicas: 2 }
  store:
    image: busybox:1
    command: ["/bin/sh", "-c", "mkdir -p /www && echo stored > /www/index.html && exec httpd -f -p 7000 -h /www"]
    networks: { default: { aliases: [cache] } }
`;

const host = await LabHost.create();
test.before(async () => {
  await host.startDaemon();
  await host.tsoOk(['init']);
  await importBusybox(host);
});
test.after.always(() => host.destroy());

const running = async (service: string) =>
  (await host.ps('-p', 'shop')).filter((task) => task.service === service && task.state === 'running');
const page = (url: string) => host.run('/bin/busybox', ['wget', '-q', '-T', '2', '-O', '-', url]);

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
  t.truthy(await host.client('/bin/busybox', ['wget', '-q', '-T', '2', '-O', '-', `http://${host.address}:8080/`]));
});

test.serial('a service is reached by its name and by its alias from another container', async (t) => {
  for (const name of ['store', 'cache', 'tasks.store']) {
    t.is(await host.tsoOk(['exec', '-p', 'shop', 'web', 'wget', '-q', '-O', '-', `http://${name}:7000/`]), 'stored\n', name);
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
  const listener = host.client('/bin/busybox', ['timeout', '20', 'nc', '-l', '-p', '9000', '-s', host.clientAddress]);
  await eventually('the outside listener answers', async () => (await host.exec('/bin/sh', ['-c', 'exit 0'])).code === 0);
  const outcome = await eventually('a line goes out', async () => {
    const sent = await host.tso(['exec', '-p', 'shop', 'store', 'sh', '-c', `echo from-inside | nc -w 2 ${host.clientAddress} 9000`]);
    return sent.code === 0 && sent;
  });
  t.is(outcome.code, 0);
  t.is(await listener, 'from-inside\n');
});

test.serial('scale adds and removes replicas and waits for it', async (t) => {
  await host.tsoOk(['scale', '-p', 'shop', 'web=5']);
  t.is((await running('web')).length, 5);
  await host.tsoOk(['scale', '-p', 'shop', 'web=1']);
  t.is((await running('web')).length, 1);
});

test.serial('a killed container is replaced by its restart policy', async (t) => {
  const [before] = await running('store');
  await host.tso(['exec', '-p', 'shop', 'store', 'kill', '-9', '1']);
  await host.tso(['exec', '-p', 'shop', 'store', 'kill', '-15', '1']);
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
