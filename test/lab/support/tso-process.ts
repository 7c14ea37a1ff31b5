import type { ChildProcess } from 'node:child_process';
import { spawn } from '@lydell/node-pty';
import { cliEntry, type LabHost } from './lab-host.ts';

/** Starts tso on a host and collects what it prints. */
export const spawnTso = (host: LabHost, args: readonly string[]) => {
  const child: ChildProcess = host.spawn(process.execPath, [cliEntry, ...args]);
  let text = '';
  let errors = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const ended = new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? 128)));
  return { process: child, text: () => text, errors: () => errors, ended };
};

/** Runs the command line of a host on a terminal of its own. */
export const onTerminal = (host: LabHost, args: readonly string[], { columns = 90, rows = 30 } = {}) => {
  const line = [`--net=${host.pin}/net`, `--mount=${host.pin}/mnt`, `--uts=${host.pin}/uts`, '--', process.execPath, cliEntry, ...args];
  const env = { PATH: process.env.PATH, HOME: '/root', TERM: 'xterm-256color', TSO_DATA_DIR: host.dataDir, TSO_RUN_DIR: host.runDir };
  const terminal = spawn('/usr/bin/nsenter', line, { cols: columns, rows, env });
  let screen = '';
  terminal.onData((data) => {
    screen += data;
  });
  const ended = new Promise<number>((resolve) => terminal.onExit(({ exitCode }) => resolve(exitCode)));
  return { terminal, screen: () => screen, ended };
};
