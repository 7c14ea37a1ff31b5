import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ProtocolName } from './publish.ts';
import { clashingSocket, parseSctpEndpoints, parseSockets, type SocketEntry } from './sockets.ts';

/** Who has a port on this host. */
export interface PortHolder {
  readonly name: string;
  readonly pid: number;
}

/** A file of /proc of a process that may end at any moment, or a protocol the kernel lacks: then there is nothing to read. */
const orEmpty = async <T>(read: Promise<T>, empty: T): Promise<T> => read.catch(() => empty);

/** Node names its main thread so; the program's own name says more. */
const anonymous = new Set(['MainThread', 'node']);

const programName = async (pid: string): Promise<string> => {
  const name = (await orEmpty(readFile(`/proc/${pid}/comm`, 'utf8'), '')).trim();
  if (name !== '' && !anonymous.has(name)) return name;
  const commandLine = await orEmpty(readFile(`/proc/${pid}/cmdline`, 'utf8'), '');
  return basename(commandLine.split('\0')[0] ?? '').split(' ')[0] || name || 'an unknown program';
};

const holdsSocket = async (pid: string, link: string): Promise<boolean> => {
  const folder = `/proc/${pid}/fd`;
  for (const fd of await orEmpty(readdir(folder), [])) {
    if ((await orEmpty(readlink(join(folder, fd)), '')) === link) return true;
  }
  return false;
};

const socketsOf = async (protocol: ProtocolName): Promise<readonly SocketEntry[]> => {
  if (protocol === 'sctp') return parseSctpEndpoints(await orEmpty(readFile('/proc/net/sctp/eps', 'utf8'), ''));
  const texts = await Promise.all([protocol, `${protocol}6`].map((file) => orEmpty(readFile(`/proc/net/${file}`, 'utf8'), '')));
  return texts.flatMap(parseSockets);
};

/** Whether a program's socket has the port, for a protocol that this one cannot bind itself. */
export const isTaken = async (protocol: ProtocolName, port: number, hostIp: string): Promise<boolean> =>
  clashingSocket(await socketsOf(protocol), port, hostIp) !== undefined;

/** Name and pid of the process whose socket has the port; undefined when none is found (it may have ended meanwhile, or live in another pid namespace). */
export const findHolder = async (protocol: ProtocolName, port: number, hostIp: string): Promise<PortHolder | undefined> => {
  const socket = clashingSocket(await socketsOf(protocol), port, hostIp);
  if (socket === undefined) return undefined;
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    if (await holdsSocket(pid, `socket:[${socket.inode}]`)) return { name: await programName(pid), pid: Number(pid) };
  }
  return undefined;
};

/** ` by nginx (pid 812)`, or empty. */
export const byHolder = (holder: PortHolder | undefined): string => (holder === undefined ? '' : ` by ${holder.name} (pid ${holder.pid})`);
