import { readFile, writeFile } from 'node:fs/promises';

/** The agent's own namespace: the kernel gives each process the tree of its namespace. */
const tree = '/proc/sys/net/ipv4';

const setTo = async (path: string, value: string): Promise<void> => {
  if ((await readFile(path, 'utf8')).trim() !== value) await writeFile(path, value);
};

/** Lets the host pass packets on between its devices. */
export const enableForwarding = (): Promise<void> => setTo(`${tree}/ip_forward`, '1');

/** Lets what the host sends from a loopback address leave by this device (a published port asked at localhost); the table's `early` chain keeps such packets from coming in. */
export const allowLoopbackSource = (device: string): Promise<void> => setTo(`${tree}/conf/${device}/route_localnet`, '1');
