import { chmodSync, existsSync, mkdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { runCommand } from '../../node-agent/src/host-command.ts';
import { eventually } from './support/eventually.ts';
import { cgroupFolders, changeOf, execResult, fileAppears, onBothRuntimes, plainExec, processOf, sleep } from './support/runtime-lab.ts';

onBothRuntimes(test, 'a container has namespaces of its own, all but those it was told to share', async (t, lab) => {
  const id = await lab.begin({ command: sleep });
  const { pid } = await processOf(lab, id);
  const differs = (kind: string): boolean => readlinkSync(`/proc/${pid}/ns/${kind}`) !== readlinkSync(`/proc/self/ns/${kind}`);
  for (const kind of ['pid', 'mnt', 'uts', 'ipc', 'cgroup']) t.true(differs(kind), kind);
  t.false(differs('net'));
  t.false(differs('user'));
  const shared = await lab.begin({ command: sleep, spec: { pidMode: 'host', ipcMode: 'host', utsMode: 'host', cgroupMode: 'host' } });
  const other = await processOf(lab, shared);
  for (const kind of ['pid', 'uts', 'ipc', 'cgroup'])
    t.is(readlinkSync(`/proc/${other.pid}/ns/${kind}`), readlinkSync(`/proc/self/ns/${kind}`), kind);
});

onBothRuntimes(test, 'its exit code is seen, its output is in the log, and nothing is left after removal', async (t, lab) => {
  const { exit, output, id } = await lab.runToEnd({ command: ['sh', '-c', 'echo out; echo err >&2; exit 42'] });
  t.like(exit, { id, exitCode: 42, oomKilled: false });
  t.deepEqual(output.split('\n').sort(), ['err', 'out']);
  t.regex(readFileSync(lab.runtime.logPath(id), 'utf8'), /^\S+T\S+ stdout F out$/m);
  t.is(statSync(lab.runtime.logPath(id)).mode & 0o777, 0o600);
  t.true(cgroupFolders(`${lab.cgroupParent}/${id}`).length > 0);
  await lab.runtime.remove(id);
  t.deepEqual(cgroupFolders(`${lab.cgroupParent}/${id}`), []);
  t.deepEqual(await lab.runtime.observe(id), { state: 'none' });
  t.deepEqual(await lab.runtime.list(), []);
  await lab.runtime.remove(id);
});

onBothRuntimes(test, 'a signal by name or number ends it with 128 and the number', async (t, lab) => {
  const trap = ['sh', '-c', 'trap "exit 9" USR1; touch /tmp/ready; while :; do sleep 0.05; done'];
  const id = await lab.begin({ command: trap });
  await fileAppears(lab, id, 'ready');
  const change = changeOf(lab, id);
  await lab.runtime.kill(id, 'SIGUSR1');
  await change;
  t.is((await lab.ended(id)).exitCode, 9);
  rmSync(join(lab.rootfs, 'tmp/ready'));
  const other = await lab.begin({ command: sleep });
  await lab.runtime.kill(other, '9');
  t.is((await lab.ended(other)).exitCode, 137);
  await lab.runtime.kill(other, 'SIGTERM');
});

onBothRuntimes(test, 'the environment, user, groups, folder and hostname are as the plan says', async (t, lab) => {
  const { output } = await lab.runToEnd({
    command: ['sh', '-c', 'id; pwd; hostname; echo $HOME $FROM_IMAGE $ADDED; ulimit -n; cat /etc/hosts'],
    spec: {
      user: 'web',
      groupAdd: ['44'],
      workingDir: '/made/here',
      env: ['ADDED=1'],
      ulimits: [{ name: 'nofile', soft: 77, hard: 88 }],
    },
  });
  t.deepEqual(output.split('\n'), [
    'uid=1000(web) gid=1000(web) groups=44,50(logs),1000(web)',
    '/made/here',
    'lab',
    '/home/web yes 1',
    '77',
    '# hosts',
  ]);
});

onBothRuntimes(test, 'a memory limit kills and the exit says so', async (t, lab) => {
  const { exit } = await lab.runToEnd({ command: ['sh', '-c', 'exec tail /dev/zero'], limits: { memoryBytes: 16 << 20 } });
  t.like(exit, { exitCode: 137, oomKilled: true });
});

onBothRuntimes(test, 'a pids limit refuses another process', async (t, lab) => {
  const { exit, output } = await lab.runToEnd({
    command: ['sh', '-c', 'for i in $(seq 24); do sleep 600 & done; echo made all'],
    // runc's own threads count until it has started the command.
    limits: { pids: 16 },
  });
  t.not(exit.exitCode, 0);
  t.regex(output, /can't fork|Resource temporarily/);
});

onBothRuntimes(test, 'cpu and cpuset limits stand in its cgroup', async (t, lab) => {
  const id = await lab.begin({ command: sleep, limits: { nanoCpus: 5e8 }, spec: { cpusetCpus: '0', cpuShares: 256 } });
  const value = (file: string): string =>
    readFileSync(`/sys/fs/cgroup/${file.replace('@', `${lab.cgroupParent.slice(1)}/${id}`)}`, 'utf8').trim();
  t.is(value('cpu/@/cpu.cfs_quota_us'), '50000');
  t.is(value('cpu/@/cpu.shares'), '256');
  t.is(value('cpuset/@/cpuset.cpus'), '0');
  // runc's own threads count until the command has taken their place.
  const stats = await eventually('the command alone is there', async () => {
    const now = await lab.runtime.stats(id);
    return now?.pids === 1 && now;
  });
  t.true(stats.memoryBytes > 0);
});

onBothRuntimes(test, 'masked paths are empty, /proc/sys and /sys refuse writes, dangerous calls are filtered', async (t, lab) => {
  const script =
    'wc -c < /proc/timer_list; ls /sys/firmware | wc -l; echo 1 > /proc/sys/kernel/panic; mkdir /sys/fs/cgroup/pids/x; mount -t tmpfs x /tmp; unshare -m true; echo end';
  const { output } = await lab.runToEnd({ command: ['sh', '-c', script] });
  const lines = output.split('\n');
  t.deepEqual(
    lines.filter((line) => /^\d+$/.test(line)),
    ['0', '0'],
  );
  t.is(lines.filter((line) => /Read-only file system|can't create/.test(line)).length, 2, output);
  t.is(lines.filter((line) => /(mount|unshare).*(denied|not permitted)/i.test(line)).length, 2, output);
});

onBothRuntimes(test, 'a read-only root refuses writes while a tmpfs and a volume take them', async (t, lab) => {
  mkdirSync(join(lab.dir, 'volume'));
  const mount = { readOnly: false, propagation: '', recursive: true, sizeBytes: 1 << 20, mode: 0 };
  const { output, exit } = await lab.runToEnd({
    command: ['sh', '-c', 'touch /no; touch /scratch/yes && touch /data/yes && df -m /scratch | tail -1'],
    spec: { readOnly: true },
    plan: {
      mounts: [
        { ...mount, kind: 'tmpfs', source: '', target: '/scratch' },
        { ...mount, kind: 'bind', source: join(lab.dir, 'volume'), target: '/data' },
      ],
    },
  });
  t.is(exit.exitCode, 0);
  t.regex(output, /\/no: Read-only file system/);
  t.true(existsSync(join(lab.dir, 'volume/yes')));
});

onBothRuntimes(test, 'capabilities are the default, what is added and dropped, and none with ALL dropped', async (t, lab) => {
  const effective = async (spec: object): Promise<string> => {
    const { output } = await lab.runToEnd({ command: ['sh', '-c', 'grep -E "CapEff|NoNewPrivs|Seccomp:" /proc/self/status'], spec });
    return output.replaceAll('\t', ' ').replaceAll('\n', ' ');
  };
  t.is(await effective({}), 'CapEff: 00000000a80425fb NoNewPrivs: 0 Seccomp: 2');
  t.is(await effective({ capDrop: ['ALL'], noNewPrivileges: true }), 'CapEff: 0000000000000000 NoNewPrivs: 1 Seccomp: 2');
  t.is(
    await effective({ capDrop: ['ALL'], capAdd: ['NET_ADMIN'], seccomp: 'unconfined' }),
    'CapEff: 0000000000001000 NoNewPrivs: 0 Seccomp: 0',
  );
  t.is(
    await effective({ user: 'web', capDrop: ['ALL'], capAdd: ['NET_BIND_SERVICE'] }),
    'CapEff: 0000000000000400 NoNewPrivs: 0 Seccomp: 2',
  );
  const own = /CapBnd:\s+(\S+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  t.is(await effective({ privileged: true }), `CapEff: ${own} NoNewPrivs: 0 Seccomp: 0`);
});

onBothRuntimes(test, 'root in a remapped container is somebody else outside, in processes and files', async (t, lab) => {
  await runCommand('chown', ['-R', '300000:300000', lab.rootfs]);
  // Whoever root inside is must be able to walk to its root filesystem, not to what lies beside it.
  chmodSync(lab.dir, 0o711);
  const id = await lab.begin({
    command: ['sh', '-c', 'touch /tmp/mine; id -u > /tmp/uid; exec sleep 600'],
    plan: { shift: { base: 300_000, size: 65_536 } },
  });
  const { pid } = await processOf(lab, id);
  const inside = await execResult(
    await lab.runtime.exec(id, {
      ...plainExec,
      command: ['sh', '-c', 'until [ -s /tmp/uid ]; do sleep 0.01; done; id -u; cat /proc/self/uid_map; ls -d /sys/kernel'],
    }),
  );
  t.deepEqual(inside.stdout.trim().split(/\s+/), ['0', '0', '300000', '65536', '/sys/kernel']);
  t.is(statSync(`/proc/${pid}`).uid, 300_000);
  t.is(statSync(join(lab.rootfs, 'tmp/mine')).uid, 300_000);
  t.not(readlinkSync(`/proc/${pid}/ns/user`), readlinkSync('/proc/self/ns/user'));
});

onBothRuntimes(test, 'it joins the network namespace it is given, remapped or not', async (t, lab) => {
  const netns = join(lab.dir, 'netns');
  writeFileSync(netns, '');
  await runCommand('unshare', [`--net=${netns}`, 'true']);
  try {
    const seen = ['sh', '-c', 'ip -o link | wc -l; ls /sys/class/net'];
    const plain = await lab.runToEnd({ command: seen, plan: { netns } });
    t.deepEqual(plain.output.split('\n'), ['1', 'lo']);
    await runCommand('chown', ['-R', '300000:300000', lab.rootfs]);
    chmodSync(lab.dir, 0o711);
    const remapped = await lab.runToEnd({
      command: ['sh', '-c', 'ip -o link | wc -l; id -u'],
      plan: { netns, shift: { base: 300_000, size: 65_536 } },
    });
    t.deepEqual(remapped.output.split('\n'), ['1', '0']);
    const id = await lab.begin({ command: sleep, plan: { netns, shift: { base: 300_000, size: 65_536 } } });
    const exec = await execResult(await lab.runtime.exec(id, { ...plainExec, command: ['sh', '-c', 'ip -o link | wc -l; id -u'] }));
    t.deepEqual(exec.stdout.trim().split('\n'), ['1', '0']);
  } finally {
    await runCommand('umount', [netns]);
  }
});

onBothRuntimes(test, 'devices, sysctls, shared memory and the readiness to be killed are as the spec says', async (t, lab) => {
  const { output } = await lab.runToEnd({
    command: [
      'sh',
      '-c',
      'cat /proc/sys/kernel/msgmax /proc/self/oom_score_adj; dnsdomainname; df -k /dev/shm | tail -1 | tr -s " " | cut -d" " -f2; ls -l /dev/nothing; dd if=/dev/kmsg count=0',
    ],
    spec: {
      sysctls: { 'kernel.msgmax': '4242' },
      domainname: 'example.org',
      oomScoreAdj: 77,
      shmSizeBytes: 8 << 20,
      devices: [{ source: '/dev/null', target: '/dev/nothing', permissions: 'r' }],
    },
  });
  t.regex(output, /^4242\n77\n/);
  t.regex(output, /^8192$/m);
  t.regex(output, /^crw.* 1, +3 .*\/dev\/nothing$/m);
  t.regex(output, /\/dev\/kmsg.*No such file/);
  await t.throwsAsync(
    lab.runtime.create(lab.plan({ command: sleep, spec: { devices: [{ source: '/dev/nosuch', target: '', permissions: '' }] } })),
    {
      message: 'device /dev/nosuch does not exist on this host',
    },
  );
});

onBothRuntimes(test, 'init is process 1 and the command its child, or the package it needs is named', async (t, lab) => {
  const installed = ['/usr/libexec/podman/catatonit', '/usr/bin/catatonit', '/usr/bin/tini-static'].some((path) => existsSync(path));
  const begun = lab.runToEnd({ command: ['sh', '-c', 'echo $$; tr "\\0" " " < /proc/1/cmdline; exit 7'], spec: { init: true } });
  if (!installed) {
    await t.throwsAsync(begun, { message: /init: true needs an init program/ });
    return;
  }
  const { output, exit } = await begun;
  t.is(exit.exitCode, 7);
  t.notRegex(output, /^1$/m);
  t.regex(output, /^\/dev\/init -- sh/m);
});

onBothRuntimes(test, 'a command that is not there is one sentence and leaves nothing', async (t, lab) => {
  const plan = lab.plan({ command: ['nosuch'] });
  const error = await t.throwsAsync(lab.runtime.create(plan), {
    message: 'command nosuch was not found in the image busybox:1 (looked in PATH /bin)',
  });
  t.is(error && 'code' in error ? error.code : '', 'FAILED_PRECONDITION');
  t.deepEqual(await lab.runtime.list(), []);
});

onBothRuntimes(test, 'a command that only the runtime finds missing, below a volume, is the same sentence', async (t, lab) => {
  mkdirSync(join(lab.dir, 'empty'));
  const mount = {
    kind: 'bind',
    source: join(lab.dir, 'empty'),
    target: '/opt',
    readOnly: false,
    propagation: '',
    recursive: true,
    sizeBytes: 0,
    mode: 0,
  } as const;
  const plan = lab.plan({ command: ['/opt/nosuch'], plan: { mounts: [mount] } });
  const failure = await t.throwsAsync(lab.runtime.create(plan).then(() => lab.runtime.run(plan.id)));
  t.is(failure?.message, 'command /opt/nosuch was not found in the image busybox:1');
});

onBothRuntimes(test, 'pausing stops everything in it and unpausing lets it go on, even for a removal', async (t, lab) => {
  const id = await lab.begin({ command: ['sh', '-c', 'while :; do :; done'] });
  await lab.runtime.pause(id);
  t.is(readFileSync(`/sys/fs/cgroup/freezer${lab.cgroupParent}/${id}/freezer.state`, 'utf8').trim(), 'FROZEN');
  await lab.runtime.unpause(id);
  t.is(readFileSync(`/sys/fs/cgroup/freezer${lab.cgroupParent}/${id}/freezer.state`, 'utf8').trim(), 'THAWED');
  await lab.runtime.pause(id);
  await lab.runtime.remove(id);
  t.deepEqual(await lab.runtime.list(), []);
});

onBothRuntimes(test, 'a main process with a terminal has one', async (t, lab) => {
  const { output } = await lab.runToEnd({ command: ['sh', '-c', 'tty; echo $TERM'], spec: { tty: true } });
  t.deepEqual(
    output.split('\n').map((line) => line.trim()),
    ['/dev/pts/0', 'xterm'],
  );
});
