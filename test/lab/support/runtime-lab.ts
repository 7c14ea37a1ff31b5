import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ContainerSpec, emptyContainerSpec, emptyResources, type Logger, type Resources } from '@tso/proto';
import { systemClock } from '@tso/proto/system';
import type { ExecutionContext, TestFn } from 'ava';
import { runCommand } from '../../../node-agent/src/host-command.ts';
import { ContainerRuntime } from '../../../node-agent/src/runtime/containers.ts';
import { isAlive } from '../../../node-agent/src/runtime/processes.ts';
import type { ContainerExit, ContainerPlan, ContainerProcess, ExecProcess } from '../../../node-agent/src/runtime/types.ts';

const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};

/** A root filesystem with busybox and nothing else, every applet under its name. */
const makeRootfs = async (root: string): Promise<void> => {
  for (const dir of ['bin', 'etc', 'home/web', 'tmp', 'proc', 'sys', 'dev']) mkdirSync(join(root, dir), { recursive: true });
  copyFileSync('/bin/busybox', join(root, 'bin/busybox'));
  const { stdout } = await runCommand('busybox', ['--list']);
  for (const applet of stdout.split('\n').filter((name) => name !== '' && name !== 'busybox'))
    symlinkSync('busybox', join(root, 'bin', applet));
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\nweb:x:1000:1000::/home/web:/bin/sh\n');
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\nweb:x:1000:\nlogs:x:50:web\n');
};

export interface PlanWish {
  readonly command: readonly string[];
  readonly spec?: Partial<ContainerSpec>;
  readonly limits?: Partial<Resources>;
  readonly plan?: Partial<ContainerPlan>;
}

/** One agent's worth of containers in a temporary directory, without the rest of the agent. */
export class RuntimeLab {
  readonly name: 'crun' | 'runc';
  readonly dir: string;
  readonly cgroupParent: string;
  #runtime: ContainerRuntime;
  #count = 0;
  #made: string[] = [];

  constructor(name: 'crun' | 'runc', seccompProfile: string) {
    this.name = name;
    this.dir = mkdtempSync(join(tmpdir(), `tso-runtime-${name}-`));
    this.cgroupParent = `/${this.dir.split('/').at(-1)}`;
    this.#runtime = this.newAgent();
    this.seccompProfile = seccompProfile;
  }

  readonly seccompProfile: string;

  get runtime(): ContainerRuntime {
    return this.#runtime;
  }

  get rootfs(): string {
    return join(this.dir, 'rootfs');
  }

  /** A second agent over the same directories, as after a restart. */
  newAgent(): ContainerRuntime {
    const paths = { dataDir: join(this.dir, 'data'), runDir: join(this.dir, 'run') };
    return new ContainerRuntime({ paths, cgroupParent: this.cgroupParent, runtime: this.name }, { clock: systemClock, logger: silent });
  }

  async start(): Promise<void> {
    await makeRootfs(this.rootfs);
    // As in a run directory: nobody but root may look in.
    mkdirSync(join(this.dir, 'etc'), { mode: 0o700 });
    for (const name of ['hosts', 'resolv.conf', 'hostname']) writeFileSync(join(this.dir, 'etc', name), `# ${name}\n`);
    await this.#runtime.start();
  }

  /** Takes the present agent away without a word, as kill -9 would, and starts the next. */
  async restart(): Promise<void> {
    const next = this.newAgent();
    await this.#runtime.stop();
    this.#runtime = next;
    await next.start();
  }

  async stop(): Promise<void> {
    for (const id of await this.#runtime.list()) await this.#runtime.remove(id);
    await this.#runtime.stop();
    // A conmon whose container a test took for another's may still write its last words.
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }

  plan(wish: PlanWish): ContainerPlan {
    this.#count += 1;
    const id = `${this.name}${this.#count}`;
    return {
      id,
      spec: { ...emptyContainerSpec, image: 'busybox:1', command: { values: wish.command }, ...wish.spec },
      limits: { ...emptyResources, ...wish.limits },
      reservations: emptyResources,
      image: {
        entrypoint: [],
        command: ['sh'],
        env: ['PATH=/bin', 'FROM_IMAGE=yes'],
        workingDir: '',
        user: '',
        volumes: [],
        exposedPorts: [],
        stopSignal: '',
        labels: {},
      },
      rootfs: this.rootfs,
      mounts: [],
      netns: undefined,
      etcFiles: {
        hosts: join(this.dir, 'etc', 'hosts'),
        'resolv.conf': join(this.dir, 'etc', 'resolv.conf'),
        hostname: join(this.dir, 'etc', 'hostname'),
      },
      hostname: 'lab',
      linkEnv: [],
      cgroupPath: `${this.cgroupParent}/${id}`,
      shift: undefined,
      seccompProfile: this.seccompProfile,
      labels: { 'tso.task': id },
      logMaxSizeBytes: 1024 * 1024,
      ...wish.plan,
    };
  }

  /** Creates and starts; the id. */
  async begin(wish: PlanWish): Promise<string> {
    const plan = this.plan(wish);
    await this.#runtime.create(plan);
    await this.#runtime.run(plan.id);
    this.#made = [...this.#made, plan.id];
    return plan.id;
  }

  /** Resolves once the container has ended: told by the agent, not by looking again and again. */
  async ended(id: string): Promise<ContainerExit> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const unsubscribe = this.#runtime.onChange((changed) => changed === id && resolve());
    const before = await this.#runtime.observe(id);
    if (before.state !== 'exited') await promise;
    unsubscribe();
    const observed = await this.#runtime.observe(id);
    if (observed.state !== 'exited') throw new Error(`${id} is ${JSON.stringify(observed)}`);
    return observed.exit;
  }

  /** Runs to the end: its exit, and what it wrote. */
  async runToEnd(wish: PlanWish): Promise<{ readonly exit: ContainerExit; readonly output: string; readonly id: string }> {
    const id = await this.begin(wish);
    const exit = await this.ended(id);
    return { exit, output: logText(this.#runtime.logPath(id)), id };
  }
}

/** The log without conmon's time, stream and fullness marks. */
export const logText = (path: string): string =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(' ').slice(3).join(' '))
    .join('\n');

const collect = async (stream: AsyncIterable<Uint8Array>): Promise<string> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};

/** All that an exec said, and its code. */
export const execResult = async (
  process: ExecProcess,
): Promise<{ readonly stdout: string; readonly stderr: string; readonly code: number }> => {
  const [stdout, stderr, code] = await Promise.all([collect(process.stdout), collect(process.stderr), process.exitCode]);
  return { stdout, stderr, code };
};

const seccompProfile = readFileSync('/usr/share/containers/seccomp.json', 'utf8');
const cgroupRoots = ['cpu', 'cpuacct', 'cpuset', 'memory', 'devices', 'freezer', 'blkio', 'pids', 'systemd', 'unified', '.'];

/** The folders of a cgroup in all hierarchies of this host. */
export const cgroupFolders = (path: string): readonly string[] =>
  cgroupRoots.map((root) => join('/sys/fs/cgroup', root, path)).filter((dir) => existsSync(dir));

/** The same behaviour on both runtimes, each with a lab of its own that is gone afterwards. One at a time: there may be two cores only. */
export const onBothRuntimes = (test: TestFn, title: string, run: (t: ExecutionContext, lab: RuntimeLab) => Promise<void>): void => {
  for (const name of ['crun', 'runc'] as const) {
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
  }
};

export const sleep: readonly string[] = ['sleep', '600'];
export const plainExec = { user: '', workingDir: '', env: [], tty: false, interactive: false, privileged: false };

export const processOf = async (lab: RuntimeLab, id: string): Promise<ContainerProcess> => {
  const observed = await lab.runtime.observe(id);
  if (observed.state !== 'running' && observed.state !== 'created') throw new Error(`${id} is ${JSON.stringify(observed)}`);
  return observed.process;
};

export const isRunning = (process: ContainerProcess): boolean => isAlive({ pid: process.pid, startTime: process.pidStartTime });

/** Resolves at the next change of the container that the agent tells. */
export const changeOf = (lab: RuntimeLab, id: string): Promise<void> =>
  new Promise((resolve) => lab.runtime.onChange((changed) => changed === id && resolve()));

/** Resolves when a process in the container sees the file in its /tmp. */
export const fileAppears = async (lab: RuntimeLab, id: string, file: string): Promise<void> => {
  const waiter = await lab.runtime.exec(id, { ...plainExec, command: ['sh', '-c', `until [ -e /tmp/${file} ]; do sleep 0.01; done`] });
  await execResult(waiter);
};
