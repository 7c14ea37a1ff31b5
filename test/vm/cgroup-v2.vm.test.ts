import test, { type ExecutionContext } from 'ava';
import { type GuestReport, longestMs, runGuest } from './support/guest.ts';

// One machine is booted, does all of its work and switches itself off; each test looks at one thing that it told.

const mebibyte = 1024 ** 2;

let report: GuestReport | undefined;

test.before(async (t) => {
  t.timeout(longestMs, 'the guest is made and does its work');
  report = await runGuest('containers');
});

/** What the guest told by that name. Fails with the reason when it did not come to it. */
const told = <T>(t: ExecutionContext, part: string, name: string): T => {
  const value = report?.facts.get(`${part}: ${name}`);
  if (value !== undefined) return value as T;
  const why = report?.failures.get(part) ?? report?.cutShort ?? 'it said nothing of it';
  return t.fail(`the guest told nothing of "${part}: ${name}": ${why}`);
};

test('the guest comes to its end and each part of its work succeeds', (t) => {
  for (const [name, value] of report?.facts ?? []) if (name.endsWith(' ms')) t.log(`${name.padEnd(36)} ${value}`);
  t.is(report?.cutShort, undefined);
  t.deepEqual([...(report?.failures ?? [])], []);
});

test('the guest is a machine as users have it: systemd, Linux 6.1, control groups of version 2 alone', (t) => {
  t.is(told(t, 'guest', 'first process'), 'systemd');
  t.regex(told(t, 'guest', 'kernel'), /^6\.1\./);
  t.is(told(t, 'guest', 'cgroup mounts'), '/sys/fs/cgroup cgroup2');
  for (const controller of ['cpu', 'memory', 'pids']) t.true(told<string[]>(t, 'guest', 'controllers').includes(controller), controller);
});

test('tso doctor says that the control groups are version 2, with all that is needed', (t) => {
  const findings = told<{ readonly check: string; readonly level: string; readonly message: string }[]>(t, 'guest', 'doctor');
  t.like(
    findings.find(({ check }) => check === 'cgroups'),
    { level: 'ok', message: 'v2, with cpu, memory, pids' },
  );
});

test('a frozen cgroup stands still and goes on when thawed', (t) => {
  // 28: the time is over.
  t.is(told(t, 'cgroup', 'exit code of curl while frozen'), 28);
  t.is(told(t, 'cgroup', 'exit code of curl after the thaw'), 0);
});

test('statistics are read from the cgroup', (t) => {
  const stats = told<Record<'cpuNs' | 'memoryBytes' | 'memoryLimitBytes' | 'pids', number>>(t, 'cgroup', 'stats');
  t.true(stats.cpuNs > 0);
  t.true(stats.memoryBytes > 0 && stats.memoryBytes < 48 * mebibyte, String(stats.memoryBytes));
  t.is(stats.memoryLimitBytes, 48 * mebibyte);
  t.is(stats.pids, 1);
});

test('a limit stays when systemd is reloaded and rearranges its controllers', (t) => {
  t.is(told(t, 'cgroup', 'cpu.max after a reload of systemd'), '50000 100000');
});

for (const name of ['crun', 'runc'] as const) {
  test(`${name}: the agent that was told to use it uses it`, (t) => {
    t.is(told(t, name, 'runtime'), name);
  });

  test(`${name}: mem_limit is memory.max, and swap is no way around it`, (t) => {
    t.is(told(t, name, 'memory.max'), String(48 * mebibyte));
    t.is(told(t, name, 'memory.swap.max'), '0');
  });

  test(`${name}: cpus is cpu.max`, (t) => {
    t.is(told(t, name, 'cpu.max'), '50000 100000');
  });

  test(`${name}: pids_limit is pids.max`, (t) => {
    t.is(told(t, name, 'pids.max'), '30');
  });

  test(`${name}: rates of a disk are io.max`, (t) => {
    t.regex(told<string>(t, name, 'io.max'), /rbps=10485760 .*wiops=500/);
  });

  test(`${name}: a device rule opens what the default ones close`, (t) => {
    t.notRegex(told<string>(t, name, 'what opening a device said'), /not permitted/);
  });

  test(`${name}: a published port answers`, (t) => {
    t.is(told(t, name, 'page'), 'page');
  });

  test(`${name}: a container over its memory limit ends with 137 and a sentence that says so`, (t) => {
    const { exitCode, error } = told<{ readonly exitCode: number; readonly error: string }>(t, name, 'end of hog');
    t.is(exitCode, 137);
    t.regex(error, /memory.*16 MiB/);
  });

  test(`${name}: a fork bomb gets no further than its limit`, (t) => {
    t.is(told(t, name, 'most processes of the bomb'), 16);
    t.true(told<number>(t, name, 'forks refused to the bomb') > 0);
  });

  test(`${name}: a burner with half a core gets half a core`, (t) => {
    const cores = told<number>(t, name, 'cores of the burner');
    t.true(cores > 0.2 && cores <= 0.6, `${cores} cores`);
    t.true(told<number>(t, name, 'throttled periods of the burner') > 0);
  });

  test(`${name}: a killed agent is followed by one that adopts the same process`, (t) => {
    const agent = told<{ readonly before: number; readonly after: number }>(t, name, 'agent');
    t.not(agent.after, agent.before);
    const web = told<{ readonly before: number; readonly after: number; readonly inCgroup: boolean }>(t, name, 'pid of web');
    t.is(web.after, web.before);
    t.true(web.inCgroup);
    const task = told<{ readonly before: string; readonly after: string }>(t, name, 'task of web');
    t.is(task.after, task.before);
  });

  test(`${name}: exec runs inside the adopted container's cgroup`, (t) => {
    t.is(told(t, name, 'memory.max seen by exec'), String(48 * mebibyte));
  });

  test(`${name}: down leaves no cgroup, with a fork bomb at work and a burner frozen`, (t) => {
    t.deepEqual(told(t, name, 'cgroups after down'), []);
  });

  test(`${name}: a remapped container's root is nobody on the host`, (t) => {
    t.deepEqual(told(t, name, 'uid_map'), [0, 200_000, 65_536]);
    t.is(told(t, name, 'uid on the host'), 200_000);
  });

  test(`${name}: a remapped container owns its files, its volume and its image's files`, (t) => {
    t.deepEqual(told(t, name, 'owners on the host'), [200_000, 200_000, 200_000]);
    t.deepEqual(told(t, name, 'owners seen by exec'), [0, 0, 0]);
  });

  test(`${name}: a remapped container is limited as any other`, (t) => {
    t.is(told(t, name, 'memory.max of the remapped'), String(24 * mebibyte));
  });
}
