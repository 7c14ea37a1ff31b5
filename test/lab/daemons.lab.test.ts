import test from 'ava';
import { importBusybox } from './support/busybox-image.ts';
import { eventually } from './support/eventually.ts';
import { answersAt } from './support/healthcheck.ts';
import { LabHost } from './support/lab-host.ts';

const yaml = (port: number) =>
  `services:\n  app: {stop_grace_period: 500ms, image: "busybox:1", ports: ["${port}:80"], ${answersAt()}, command: ["/bin/sh", "-c", "mkdir /www; echo on ${port} > /www/index.html; exec httpd -f -p 80 -h /www"]}\n`;

test.serial('two daemons on one machine do not disturb one another', async (t) => {
  const first = await LabHost.create();
  const second = await LabHost.create({ sharing: first });
  try {
    for (const host of [first, second]) {
      await host.startDaemon();
      await host.tsoOk(['init']);
      await importBusybox(host);
    }
    await first.upOk('one', yaml(8101));
    await second.upOk('two', yaml(8102));
    const page = (port: number) => first.run('/usr/bin/curl', ['-sS', '--max-time', '30', `http://127.0.0.1:${port}/`]);
    t.is(await page(8101), 'on 8101\n');
    t.is(await page(8102), 'on 8102\n');
    await second.stopDaemon('SIGKILL');
    await second.startDaemon();
    await eventually('the second sees its task', async () => (await second.ps('-p', 'two')).some((task) => task.state === 'running'));
    t.is((await first.ps()).length, 1);
    t.is((await second.ps()).length, 1);
    await second.tsoOk(['down', '-p', 'two']);
    t.is(await page(8101), 'on 8101\n');
    await first.tsoOk(['down', '-p', 'one']);
  } finally {
    await second.destroy();
    await first.destroy();
  }
});

test.serial('runc runs a stack as crun does, and a remapped user namespace makes root inside nobody outside', async (t) => {
  const host = await LabHost.create();
  try {
    await host.startDaemon(['--runtime', 'runc', '--userns-remap', '200000:65536']);
    await host.tsoOk(['init']);
    await importBusybox(host);
    await host.upOk('mapped', yaml(8103));
    t.is(await host.run('/usr/bin/curl', ['-sS', '--max-time', '30', 'http://127.0.0.1:8103/']), 'on 8103\n');
    t.is((await host.tsoOk(['exec', '-p', 'mapped', 'app', 'id', '-u'])).trim(), '0');
    t.regex(await host.tsoOk(['exec', '-p', 'mapped', 'app', 'cat', '/proc/self/uid_map']), /^\s*0\s+200000\s+65536$/m);
    const owners = await Promise.all((await host.containerPids()).map((pid) => host.run('stat', ['-c', '%u', `/proc/${pid}`])));
    t.true(owners.length > 0 && owners.every((uid) => uid.trim() === '200000'), owners.join());
    await host.tsoOk(['down', '-p', 'mapped']);
    await eventually('nothing is left', async () => (await host.leftovers()).length === 0);
  } finally {
    await host.destroy();
  }
});

test.serial('up with no daemon starts one, makes a cluster of one host and says so', async (t) => {
  const host = await LabHost.create();
  try {
    const outcome = await host.up('auto', 'services:\n  app: {image: "127.0.0.1:9/none:1"}\n', ['-d']);
    t.is(outcome.code, 0, outcome.stderr);
    t.regex(outcome.stderr, /daemon/i);
    t.regex(outcome.stderr, /cluster/i);
    await host.tsoOk(['down', '-p', 'auto']);
  } finally {
    await host.destroy();
  }
});
