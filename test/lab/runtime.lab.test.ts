import { chmodSync, existsSync, mkdirSync, readFileSync, readlinkSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { runCommand } from '../../node-agent/src/host-command.ts';
import { isAlive } from '../../node-agent/src/runtime/processes.ts';
import type { ContainerProcess } from '../../node-agent/src/runtime/types.ts';
import { execResult, logText, RuntimeLab } from './runtime-lab.ts';

const seccompProfile = readFileSync('/usr/share/containers/seccomp.json', 'utf8');
const noOptions = { user: '', workingDir: '', env: [], tty: false, interactive: false, privileged: false };
const sleep = ['sleep', '600'];
const cgroupRoots = ['cpu', 'cpuacct', 'cpuset', 'memory', 'devices', 'freezer', 'blkio', 'pids', 'systemd', 'unified', '.'];
const cgroupFolders = (path: string): readonly string[] =>
  cgroupRoots.map((root) => join('/sys/fs/cgroup', root, path)).filter((dir) => existsSync(dir));

const processOf = async (lab: RuntimeLab, id: string): Promise<ContainerProcess> => {
  const observed = await lab.runtime.observe(id);
  if (observed.state !== 'running' && observed.state !== 'created') throw new Error(`${id} is ${JSON.stringify(observed)}`);
  return observed.process;
};

const isRunning = (process: ContainerProcess): boolean => isAlive({ pid: process.pid, startTime: process.pidStartTime });

/** Resolves at the next change of the container that the agent tells. */
const changeOf = (lab: RuntimeLab, id: string): Promise<void> =>
  new Promise((resolve) => lab.runtime.onChange((changed) => changed === id && resolve()));

/** Waits until the container says a line in its log; the log's file is written before the line can be waited for by watching it. */
const said = async (lab: RuntimeLab, id: string, line: string): Promise<void> => {
  const waiter = await lab.runtime.exec(id, { ...noOptions, command: ['sh', '-c', `until [ -e /tmp/${line} ]; do sleep 0.01; done`] });
  await execResult(waiter);
};

for (const name of ['crun', 'runc'] as const) {
  const inLab = (title: string, run: (t: ExecutionContext, lab: RuntimeLab) => Promise<void>): void => {
    // Serially: two cores only, and the times of the kernel's own clean-up otherwise add up.
    test.serial(`${name}: ${title}`, async (t) => {
      const lab = new RuntimeLab(name, seccompProfile);
      try {
        await lab.start();
        await run(t, lab);
      } finally {
        await lab.stop();
      }
      t.deepEqual(cgroupFolders(lab.cgroupParent), [], 'no cgroup is left');
    });
  };

  inLab('a container has namespaces of its own, all but those it was told to share', async (t, lab) => {
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

  inLab('its exit code is seen, its output is in the log, and nothing is left after removal', async (t, lab) => {
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

  inLab('a signal by name or number ends it with 128 and the number', async (t, lab) => {
    const trap = ['sh', '-c', 'trap "exit 9" USR1; touch /tmp/ready; while :; do sleep 0.05; done'];
    const id = await lab.begin({ command: trap });
    await said(lab, id, 'ready');
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

  inLab('the environment, user, groups, folder and hostname are as the plan says', async (t, lab) => {
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
      'uid=1000(web) gid=1000(web) groups=44,50(logs)',
      '/made/here',
      'lab',
      '/home/web yes 1',
      '77',
      '# hosts',
    ]);
  });

  inLab('a memory limit kills and the exit says so', async (t, lab) => {
    const { exit } = await lab.runToEnd({ command: ['sh', '-c', 'exec tail /dev/zero'], limits: { memoryBytes: 16 << 20 } });
    t.like(exit, { exitCode: 137, oomKilled: true });
  });

  inLab('a pids limit refuses another process', async (t, lab) => {
    const { exit, output } = await lab.runToEnd({
      command: ['sh', '-c', 'for i in 1 2 3 4 5 6 7 8; do sleep 5 & done; echo made all'],
      limits: { pids: 4 },
    });
    t.not(exit.exitCode, 0);
    t.regex(output, /can't fork|Resource temporarily/);
  });

  inLab('cpu and cpuset limits stand in its cgroup', async (t, lab) => {
    const id = await lab.begin({ command: sleep, limits: { nanoCpus: 5e8 }, spec: { cpusetCpus: '0', cpuShares: 256 } });
    const value = (file: string): string =>
      readFileSync(`/sys/fs/cgroup/${file.replace('@', `${lab.cgroupParent.slice(1)}/${id}`)}`, 'utf8').trim();
    t.is(value('cpu/@/cpu.cfs_quota_us'), '50000');
    t.is(value('cpu/@/cpu.shares'), '256');
    t.is(value('cpuset/@/cpuset.cpus'), '0');
    const stats = await lab.runtime.stats(id);
    t.is(stats?.pids, 1);
    t.true((stats?.memoryBytes ?? 0) > 0);
  });

  inLab('masked paths are empty, /proc/sys and /sys refuse writes, dangerous calls are filtered', async (t, lab) => {
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

  inLab('a read-only root refuses writes while a tmpfs and a volume take them', async (t, lab) => {
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

  inLab('capabilities are the default, what is added and dropped, and none with ALL dropped', async (t, lab) => {
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

  inLab('root in a remapped container is somebody else outside, in processes and files', async (t, lab) => {
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
        ...noOptions,
        command: ['sh', '-c', 'until [ -s /tmp/uid ]; do sleep 0.01; done; id -u; cat /proc/self/uid_map; ls -d /sys/kernel'],
      }),
    );
    t.deepEqual(inside.stdout.trim().split(/\s+/), ['0', '0', '300000', '65536', '/sys/kernel']);
    t.is(statSync(`/proc/${pid}`).uid, 300_000);
    t.is(statSync(join(lab.rootfs, 'tmp/mine')).uid, 300_000);
    t.not(readlinkSync(`/proc/${pid}/ns/user`), readlinkSync('/proc/self/ns/user'));
  });

  inLab('it joins the network namespace it is given, remapped or not', async (t, lab) => {
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
    } finally {
      await runCommand('umount', [netns]);
    }
  });

  inLab('devices, sysctls, shared memory and the readiness to be killed are as the spec says', async (t, lab) => {
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

  inLab('init is process 1 and the command its child, or the package it needs is named', async (t, lab) => {
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

  inLab('a container whose agent ended before it could write down the processes is adopted by the next', async (t, lab) => {
    const plan = lab.plan({ command: sleep });
    const made = await lab.runtime.create(plan);
    const record = join(lab.dir, 'run/containers', plan.id, 'container.json');
    const { process: _process, ...rest } = JSON.parse(readFileSync(record, 'utf8')) as { readonly process: ContainerProcess };
    writeFileSync(record, JSON.stringify(rest));
    await lab.restart();
    t.deepEqual(await lab.runtime.observe(plan.id), { state: 'created', process: made });
    await lab.runtime.run(plan.id);
    t.deepEqual(await lab.runtime.observe(plan.id), { state: 'running', process: made });
  });

  inLab('a pid that was given to another process is neither taken for the container nor signalled', async (t, lab) => {
    const id = await lab.begin({ command: sleep });
    const before = await processOf(lab, id);
    const record = join(lab.dir, 'run/containers', id, 'container.json');
    const written = JSON.parse(readFileSync(record, 'utf8')) as { readonly process: ContainerProcess };
    writeFileSync(record, JSON.stringify({ ...written, process: { ...before, pidStartTime: '1', conmonStartTime: '1' } }));
    await lab.restart();
    t.like(await lab.runtime.observe(id), { state: 'lost' });
    await lab.runtime.kill(id, 'SIGKILL');
    t.true(isRunning(before));
  });

  inLab('a command that is not there is one sentence and leaves nothing', async (t, lab) => {
    const plan = lab.plan({ command: ['nosuch'] });
    const error = await t.throwsAsync(lab.runtime.create(plan), {
      message: 'command nosuch was not found in the image busybox:1 (looked in PATH /bin)',
    });
    t.is(error && 'code' in error ? error.code : '', 'FAILED_PRECONDITION');
    t.deepEqual(await lab.runtime.list(), []);
  });

  inLab('a command that only the runtime finds missing, below a volume, is the same sentence', async (t, lab) => {
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

  inLab('an exit that happened while no agent ran is seen by the next, and so is one that still runs', async (t, lab) => {
    const short = await lab.begin({ command: ['sh', '-c', 'until [ -e /tmp/go ]; do sleep 0.01; done; exit 6'] });
    const long = await lab.begin({ command: sleep });
    const before = await processOf(lab, long);
    await lab.runtime.stop();
    const reaped = conmonGone(await processOf(lab, short));
    writeFileSync(join(lab.rootfs, 'tmp/go'), '');
    await reaped;
    await lab.restart();
    const observed = await lab.runtime.observe(short);
    t.like(observed, { state: 'exited', exit: { exitCode: 6 } });
    t.deepEqual(await lab.runtime.observe(long), { state: 'running', process: before });
    const change = changeOf(lab, long);
    await lab.runtime.kill(long, 'SIGKILL');
    await change;
    t.like(await lab.runtime.observe(long), { state: 'exited', exit: { exitCode: 137 } });
  });

  inLab('a container whose conmon was killed is lost, is told of, and its processes end with its removal', async (t, lab) => {
    const id = await lab.begin({ command: sleep });
    const before = await processOf(lab, id);
    const change = changeOf(lab, id);
    process.kill(before.conmonPid, 'SIGKILL');
    await change;
    t.like(await lab.runtime.observe(id), { state: 'lost' });
    t.true(isRunning(before));
    await lab.runtime.remove(id);
    t.false(isRunning(before));
    t.deepEqual(await lab.runtime.observe(id), { state: 'none' });
  });

  inLab('after a wipe of the run directory the next agent finds the processes by cgroup and ends them', async (t, lab) => {
    const id = await lab.begin({ command: sleep });
    const before = await processOf(lab, id);
    await lab.runtime.stop();
    rmSync(join(lab.dir, 'run'), { recursive: true });
    await lab.restart();
    t.deepEqual(await lab.runtime.list(), [id]);
    t.like(await lab.runtime.observe(id), { state: 'lost' });
    await lab.runtime.remove(id);
    t.false(isRunning(before));
    t.false(isAlive({ pid: before.conmonPid, startTime: before.conmonStartTime }));
    t.deepEqual(await lab.runtime.list(), []);
  });

  inLab('exec gives output apart, input, user, environment and exit codes, 126 and 127 among them', async (t, lab) => {
    const id = await lab.begin({ command: sleep });
    const exec = async (command: readonly string[], more: object = {}) =>
      execResult(await lab.runtime.exec(id, { ...noOptions, command, ...more }));
    t.deepEqual(await exec(['sh', '-c', 'echo out; echo err >&2; exit 5']), { stdout: 'out\n', stderr: 'err\n', code: 5 });
    t.is(
      (await exec(['sh', '-c', 'id -un; echo $HOME$A; pwd'], { user: 'web', env: ['A=b'], workingDir: '/tmp' })).stdout,
      'web\n/home/webb\n/tmp\n',
    );
    t.deepEqual(await exec(['nosuch']), {
      stdout: '',
      stderr: 'command nosuch was not found in the image busybox:1 (looked in PATH /bin)\n',
      code: 127,
    });
    t.is((await exec(['/etc/passwd'])).code, 126);
    t.is((await exec(['sh', '-c', 'kill -9 $$'])).code, 137);
    const cat = await lab.runtime.exec(id, { ...noOptions, command: ['cat'], interactive: true });
    await cat.write(Buffer.from('through'));
    cat.endInput();
    t.deepEqual(await execResult(cat), { stdout: 'through', stderr: '', code: 0 });
    const much = await exec(['sh', '-c', 'head -c 5000000 /dev/zero']);
    t.is(much.stdout.length, 5_000_000);
  });

  inLab('an exec can be killed, and with crun does not wait for what it left in the background', async (t, lab) => {
    const id = await lab.begin({ command: sleep });
    const long = await lab.runtime.exec(id, { ...noOptions, command: sleep });
    long.kill('SIGKILL');
    t.is((await execResult(long)).code, 137);
    // runc copies the output itself and stays until nobody holds it any more.
    if (name === 'runc') return;
    const left = await execResult(await lab.runtime.exec(id, { ...noOptions, command: ['sh', '-c', 'sleep 600 & echo gone'] }));
    t.deepEqual(left, { stdout: 'gone\n', stderr: '', code: 0 });
  });

  inLab('exec with a terminal has its size, follows a resize and keeps the exit code', async (t, lab) => {
    const id = await lab.begin({ command: sleep });
    const script = 'stty size; trap "stty size; exit 33" WINCH; echo ready; while :; do sleep 0.05; done';
    const terminal = await lab.runtime.exec(id, {
      ...noOptions,
      command: ['sh', '-c', script],
      tty: true,
      interactive: true,
      size: { columns: 91, rows: 33 },
    });
    let text = '';
    for await (const chunk of terminal.stdout) {
      const before = text;
      text += Buffer.from(chunk).toString();
      if (!before.includes('ready') && text.includes('ready')) terminal.resize({ columns: 120, rows: 40 });
    }
    t.regex(text, /33 91\r\n[\s\S]*40 120/);
    t.is(await terminal.exitCode, 33);
  });

  inLab('pausing stops everything in it and unpausing lets it go on, even for a removal', async (t, lab) => {
    const id = await lab.begin({ command: ['sh', '-c', 'while :; do :; done'] });
    await lab.runtime.pause(id);
    t.is(readFileSync(`/sys/fs/cgroup/freezer${lab.cgroupParent}/${id}/freezer.state`, 'utf8').trim(), 'FROZEN');
    await lab.runtime.unpause(id);
    t.is(readFileSync(`/sys/fs/cgroup/freezer${lab.cgroupParent}/${id}/freezer.state`, 'utf8').trim(), 'THAWED');
    await lab.runtime.pause(id);
    await lab.runtime.remove(id);
    t.deepEqual(await lab.runtime.list(), []);
  });

  inLab('the log goes on in a new file after a rename and the request to reopen', async (t, lab) => {
    const id = await lab.begin({ command: ['sh', '-c', 'echo first; until [ -e /tmp/go ]; do sleep 0.01; done; echo second'] });
    const path = lab.runtime.logPath(id);
    await said(lab, id, '.'); // The root folder is always there: by the time an exec ran, the first line was written.
    renameSync(path, `${path}.1`);
    await lab.runtime.reopenLog(id);
    // conmon serves its control fifo and the output in one loop: an exec's worth of time lies between the two.
    await said(lab, id, '.');
    writeFileSync(join(lab.rootfs, 'tmp/go'), '');
    await lab.ended(id);
    t.deepEqual([logText(`${path}.1`), logText(path)], ['first', 'second']);
  });

  inLab('create and run again change nothing', async (t, lab) => {
    const plan = lab.plan({ command: sleep });
    const made = await lab.runtime.create(plan);
    t.like(await lab.runtime.observe(plan.id), { state: 'created', process: made });
    t.deepEqual(await lab.runtime.create(plan), made);
    await lab.runtime.run(plan.id);
    await lab.runtime.run(plan.id);
    t.deepEqual(await lab.runtime.observe(plan.id), { state: 'running', process: made });
  });

  inLab('a main process with a terminal has one', async (t, lab) => {
    const { output } = await lab.runToEnd({ command: ['sh', '-c', 'tty; echo $TERM'], spec: { tty: true } });
    t.deepEqual(
      output.split('\n').map((line) => line.trim()),
      ['/dev/pts/0', 'xterm'],
    );
  });
}

/** Resolves when the monitor has gone, which it does once the exit is written; no agent is there to tell. */
const conmonGone = async (process: ContainerProcess): Promise<void> => {
  while (isAlive({ pid: process.conmonPid, startTime: process.conmonStartTime })) await new Promise((resolve) => setImmediate(resolve));
};
