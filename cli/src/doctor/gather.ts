import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import { release } from 'node:os';
import { dirname } from 'node:path';
import { memberPort } from '@tso/proto';
import type { Context } from '../context.ts';
import { findProgram, programFolders } from '../find-program.ts';
import type { Io } from '../io.ts';
import { probeSocket } from '../unreachable.ts';
import { type HostFacts, kernelThings, seccompProfilePath, sysctlNames, vxlanPort, wantedPrograms } from './facts.ts';
import { gatherNetwork } from './gather-network.ts';
import { lookAtCluster } from './look-at-cluster.ts';

const commandTimeoutMs = 5_000;

const textOf = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Not there or not for us: both mean that nothing is known.
    return undefined;
  }
};

const runs = (path: string, args: readonly string[]) =>
  spawnSync(path, args, { encoding: 'utf8', timeout: commandTimeoutMs, env: { PATH: programFolders.join(':'), LC_ALL: 'C' } });

const versionOf = (path: string | undefined): string | undefined =>
  path === undefined ? undefined : runs(path, ['--version']).stdout?.trim().split('\n')[0] || undefined;

/** Makes one of it in a network namespace that ends with the command. */
const canMake = (thing: string, programs: HostFacts['programs'], uid: number): boolean | undefined => {
  const { unshare, ip, nft } = programs;
  if (unshare === undefined || uid !== 0) return undefined;
  if (thing === 'nftables')
    return nft === undefined ? undefined : runs(unshare, ['--net', nft, 'add', 'table', 'inet', 'tso_doctor']).status === 0;
  if (ip === undefined) return undefined;
  const details: Readonly<Record<string, readonly string[]>> = {
    vxlan: ['id', '1', 'dstport', String(vxlanPort), 'local', '127.0.0.1'],
    macvlan: ['mode', 'bridge'],
  };
  const args =
    thing === 'macvlan' ? ['link', 'add', 'link', 'lo', 'name', 'tsodoctor', 'type', thing] : ['link', 'add', 'tsodoctor', 'type', thing];
  const result = runs(unshare, ['--net', ip, ...args, ...(details[thing] ?? [])]);
  // A macvlan cannot sit on lo: being told so shows that the kernel knows the type.
  return result.status === 0 || (thing === 'macvlan' && !/Unknown device type|not supported/i.test(result.stderr));
};

const udpPort = (port: number): Promise<HostFacts['vxlanPort']> =>
  new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', (error: NodeJS.ErrnoException) => {
      socket.close();
      resolve(error.code === 'EADDRINUSE' ? 'taken' : 'unknown');
    });
    socket.bind({ port, exclusive: true }, () => {
      socket.close();
      resolve('free');
    });
  });

const tcpPort = (port: number): Promise<HostFacts['memberPort']> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'EADDRINUSE' ? 'taken' : 'unknown'));
    server.listen({ port, host: '0.0.0.0', exclusive: true }, () => server.close(() => resolve('free')));
  });

const freeBytesOf = (dir: string): number | undefined => {
  let path = dir;
  while (!existsSync(path) && dirname(path) !== path) path = dirname(path);
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  } catch {
    // A folder that cannot be asked: the finding says so.
    return undefined;
  }
};

const numberOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text.trim()));

/** Looks at this host. Changes nothing that outlives it. */
export const gatherFacts = async (context: Context, io: Io): Promise<HostFacts> => {
  const programs = Object.fromEntries(Object.keys(wantedPrograms).map((name) => [name, findProgram(name)]));
  const rtcSeconds = numberOf(textOf('/sys/class/rtc/rtc0/since_epoch'));
  return {
    uid: io.uid,
    nodeVersion: process.version,
    kernel: release(),
    filesystems: textOf('/proc/filesystems') ?? '',
    modules: textOf(`/lib/modules/${release()}/modules.dep`) ?? '',
    mounts: textOf('/proc/mounts') ?? '',
    cgroup2Controllers: textOf('/sys/fs/cgroup/cgroup.controllers'),
    programs,
    versions: Object.fromEntries(['crun', 'runc', 'conmon', 'ip', 'nft', 'wg'].map((name) => [name, versionOf(programs[name])])),
    kernelMakes: Object.fromEntries(kernelThings.map((thing) => [thing, canMake(thing, programs, io.uid)])),
    maxUserNamespaces: numberOf(textOf('/proc/sys/user/max_user_namespaces')),
    seccomp: /^Seccomp:/m.test(textOf('/proc/self/status') ?? ''),
    seccompProfile: existsSync(seccompProfilePath),
    sysctls: Object.fromEntries(sysctlNames.map((name) => [name, textOf(`/proc/sys/${name.replaceAll('.', '/')}`)?.trim()])),
    vxlanPort: await udpPort(vxlanPort),
    memberPort: await tcpPort(memberPort),
    cluster: await lookAtCluster(context, io),
    nowMs: io.clock.now(),
    rtcMs: rtcSeconds === undefined ? undefined : rtcSeconds * 1000,
    dataDir: context.dataDir,
    freeBytes: freeBytesOf(context.dataDir),
    network: gatherNetwork(programs, io.uid),
    daemon: { socket: context.socket, errno: await probeSocket(context.socket) },
  };
};
