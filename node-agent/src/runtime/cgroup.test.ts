import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { cgroupLayout, hierarchyRoots, isInCgroup } from './cgroup.ts';
import { cgroupsV1 } from './cgroup-v1.ts';
import { cgroupsV2 } from './cgroup-v2.ts';

const v1 = (target: string, options: string): string => `30 29 0:29 / ${target} rw,relatime shared:9 - cgroup cgroup rw,${options}`;
const v2 = (target: string): string => `41 31 0:38 / ${target} rw,relatime - cgroup2 cgroup2 rw,nsdelegate`;
const root = '27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard';

test('one cgroup2 mount is version 2', (t) => {
  t.deepEqual(cgroupLayout([root, v2('/sys/fs/cgroup')].join('\n')), { version: 2, root: '/sys/fs/cgroup' });
});

test('controllers mounted alone are version 1, with the cgroup2 mount beside them noted', (t) => {
  const layout = cgroupLayout(
    [
      root,
      v1('/sys/fs/cgroup/cpu,cpuacct', 'cpu,cpuacct'),
      v1('/sys/fs/cgroup/systemd', 'xattr,name=systemd'),
      v2('/sys/fs/cgroup/unified'),
    ].join('\n'),
  );
  t.deepEqual(layout, {
    version: 1,
    controllers: new Map([
      ['cpu', '/sys/fs/cgroup/cpu,cpuacct'],
      ['cpuacct', '/sys/fs/cgroup/cpu,cpuacct'],
      ['name=systemd', '/sys/fs/cgroup/systemd'],
    ]),
    unified: '/sys/fs/cgroup/unified',
  });
  t.deepEqual(layout && hierarchyRoots(layout), ['/sys/fs/cgroup/cpu,cpuacct', '/sys/fs/cgroup/systemd', '/sys/fs/cgroup/unified']);
});

test('a cgroup2 mount beside nothing but a named hierarchy is version 2', (t) => {
  t.is(cgroupLayout([v1('/sys/fs/cgroup/systemd', 'name=systemd'), v2('/sys/fs/cgroup/unified')].join('\n'))?.version, 2);
});

test('without control groups there is no layout, whatever the text', (t) => {
  t.is(cgroupLayout(root), undefined);
  fc.assert(fc.property(fc.string(), (text) => text.includes(' - cgroup') || cgroupLayout(text) === undefined));
});

test('a mount point with a space is read as the kernel escapes it', (t) => {
  t.deepEqual(cgroupLayout(v2('/sys/fs/c\\040g')), { version: 2, root: '/sys/fs/c g' });
});

test('a process is in its cgroup and in those above, not in one whose name begins the same', (t) => {
  t.true(isInCgroup('4:memory:/tso/a1/sub\n0::/', '/tso/a1'));
  t.true(isInCgroup('0::/tso/a1', '/tso/a1'));
  t.false(isInCgroup('0::/tso/a12', '/tso/a1'));
});

const standIn = (run: (dir: string) => void): void => {
  const dir = mkdtempSync(join(tmpdir(), 'tso-cgroup-'));
  try {
    run(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
};

const write = (dir: string, files: Readonly<Record<string, string>>): void => {
  mkdirSync(dir, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
};

test('version 2: processes, statistics and kills for want of memory are read from the files of the tree', (t) => {
  standIn((dir) => {
    write(join(dir, 'tso/a'), {
      'cgroup.procs': '10\n11\n',
      'cpu.stat': 'usage_usec 1500\nuser_usec 1000\nnr_throttled 3\nthrottled_usec 2000\n',
      'io.stat': '8:0 rbytes=4096 wbytes=7 rios=1 wios=1 dbytes=0 dios=0\n8:16 rbytes=1024 wbytes=0 rios=1 wios=0 dbytes=0 dios=0\n',
      'memory.current': '9000\n',
      'memory.stat': 'anon 1\ninactive_file 4000\n',
      'memory.max': 'max\n',
      'memory.events': 'low 0\noom 2\noom_kill 1\n',
      'pids.current': '2\n',
    });
    write(join(dir, 'tso/a/inner'), { 'cgroup.procs': '12\n' });
    const cgroups = cgroupsV2(dir);
    t.deepEqual(cgroups.children('/tso'), ['a']);
    t.deepEqual(cgroups.processes('/tso/a'), [10, 11, 12]);
    t.deepEqual(cgroups.stats('/tso/a'), {
      cpuNs: 1_500_000,
      memoryBytes: 5_000,
      memoryLimitBytes: 0,
      pids: 2,
      blockReadBytes: 5_120,
      blockWriteBytes: 7,
      throttledNs: 2_000_000,
    });
    t.is(cgroups.oomKills('/tso/a'), 1);
    t.is(cgroups.stats('/tso/gone'), undefined);
    t.deepEqual(cgroups.usage('/tso/a'), { cpuNs: cgroups.stats('/tso/a')?.cpuNs, memoryBytes: cgroups.stats('/tso/a')?.memoryBytes });
    t.is(cgroups.usage('/tso/gone'), undefined);
    t.true(cgroups.canFreeze);
  });
});

test('version 2: freezing, thawing and killing write the files the kernel reads, and make none', (t) => {
  standIn((dir) => {
    write(join(dir, 'tso/a'), { 'cgroup.freeze': '0', 'cgroup.kill': '0' });
    const cgroups = cgroupsV2(dir);
    cgroups.freeze('/tso/a');
    t.is(readFileSync(join(dir, 'tso/a/cgroup.freeze'), 'utf8'), '1');
    t.false(cgroups.isFrozen('/tso/a'));
    write(join(dir, 'tso/a'), { 'cgroup.events': 'populated 1\nfrozen 1\n' });
    t.true(cgroups.isFrozen('/tso/a'));
    cgroups.thaw('/tso/a');
    t.is(readFileSync(join(dir, 'tso/a/cgroup.freeze'), 'utf8'), '0');
    t.true(cgroups.killAtOnce('/tso/a'));
    t.is(readFileSync(join(dir, 'tso/a/cgroup.kill'), 'utf8'), '1');
    t.false(cgroups.killAtOnce('/tso/gone'));
    mkdirSync(join(dir, 'tso/old'));
    t.false(cgroups.killAtOnce('/tso/old'));
    t.false(existsSync(join(dir, 'tso/old/cgroup.kill')));
  });
});

test('removing takes nested cgroups first, counts one that is gone as removed and one that is held as not', (t) => {
  standIn((dir) => {
    mkdirSync(join(dir, 'tso/a/b/c'), { recursive: true });
    const cgroups = cgroupsV2(dir);
    t.true(cgroups.remove('/tso/a'));
    t.true(cgroups.remove('/tso/a'));
    write(join(dir, 'tso/held'), { 'cgroup.procs': '1' }); // a folder with a file refuses rmdir as a busy cgroup does
    t.false(cgroups.remove('/tso/held'));
  });
});

test('version 1: a container is looked for in every hierarchy and removed from all', (t) => {
  standIn((dir) => {
    write(join(dir, 'memory/tso/a'), { 'memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 3\n', 'cgroup.procs': '' });
    mkdirSync(join(dir, 'pids/tso/b'), { recursive: true });
    rmSync(join(dir, 'memory/tso/a/cgroup.procs'));
    const cgroups = cgroupsV1({
      version: 1,
      controllers: new Map([
        ['memory', join(dir, 'memory')],
        ['pids', join(dir, 'pids')],
      ]),
      unified: undefined,
    });
    t.deepEqual(cgroups.children('/tso'), ['a', 'b']);
    t.is(cgroups.oomKills('/tso/a'), 3);
    t.true(cgroups.remove('/tso/b'));
    t.false(existsSync(join(dir, 'pids/tso/b')));
    t.false(cgroups.swapAccounting);
  });
});

test('version 1: the largest page-aligned number means no memory limit', (t) => {
  standIn((dir) => {
    write(join(dir, 'all/tso/a'), {
      'cpuacct.usage': '77\n',
      'memory.usage_in_bytes': '100\n',
      'memory.stat': 'total_inactive_file 30\n',
      'memory.limit_in_bytes': '9223372036854771712\n',
      'pids.current': '1\n',
      'cpu.stat': 'nr_periods 5\nnr_throttled 2\nthrottled_time 900\n',
      'blkio.throttle.io_service_bytes_recursive': '8:0 Read 512\n8:0 Write 100\n8:0 Total 612\n8:16 Read 512\n8:16 Write 0\nTotal 1124\n',
    });
    const controllers = new Map(['cpu', 'cpuacct', 'memory', 'pids', 'blkio'].map((name) => [name, join(dir, 'all')]));
    chmodSync(dir, 0o700);
    t.deepEqual(cgroupsV1({ version: 1, controllers, unified: undefined }).stats('/tso/a'), {
      cpuNs: 77,
      memoryBytes: 70,
      memoryLimitBytes: 0,
      pids: 1,
      blockReadBytes: 1_024,
      blockWriteBytes: 100,
      throttledNs: 900,
    });
  });
});
