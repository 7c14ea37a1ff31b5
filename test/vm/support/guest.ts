import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { GuestLine } from '../guest/report.ts';
import { buildTimeoutMs, guestImage } from './guest-image.ts';
import { makeToolsDisk } from './tools-disk.ts';

/** What a guest told before it switched itself off. */
export interface GuestReport {
  readonly facts: ReadonlyMap<string, unknown>;
  /** Parts that ended early, with the reason. */
  readonly failures: ReadonlyMap<string, string>;
  /** The last thing that it did, for when it did not come to its end. */
  readonly lastStep: string;
  /** Why it did not come to its end; undefined when it did. */
  readonly cutShort: string | undefined;
}

/**
 * Booted, run and switched off in a minute on an idle machine with two cores. Its two processors are translated in as many threads: where ten
 * programs want the same two cores it takes ten times as long, and half as long again for what those do to the disk.
 */
const deadlineMs = 900_000;
/** How long a boot may take with all that comes before it. Both have limits of their own, which say what was waited for. */
export const longestMs = buildTimeoutMs + deadlineMs + 300_000;
const consoleLines = 30;

/**
 * Without `no_timer_check` the kernel waits some ticks for its timer's interrupt and panics when the machine below had no time for them; a
 * kernel that panics ends the machine.
 */
const kernelOptions = 'console=ttyS0 root=/dev/vda rw loglevel=4 systemd.show_status=yes mitigations=off no_timer_check panic=-1';

/** No KVM: works in any machine. An old CPU model, since every newer instruction set makes the translated code slower. */
const qemuArgs = (
  image: { readonly kernel: string; readonly initrd: string; readonly root: string },
  tools: string,
  consoleLog: string,
  checks: Checks,
) => [
  ...['-accel', 'tcg,thread=multi', '-cpu', 'Nehalem', '-smp', '2', '-m', '1024'],
  ...['-nic', 'none', '-display', 'none', '-monitor', 'none', '-no-reboot'],
  ...['-kernel', image.kernel, '-initrd', image.initrd],
  ...['-append', `${kernelOptions} tso.checks=${checks}`],
  ...['-drive', `file=${image.root},if=virtio,format=raw,snapshot=on`],
  ...['-drive', `file=${tools},if=virtio,format=raw,readonly=on`],
  // The first port is the console, the second the report.
  ...['-serial', `file:${consoleLog}`, '-serial', 'stdio'],
];

const tail = (path: string): string => {
  try {
    return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-consoleLines).join('\n');
  } catch {
    // QEMU ended before it made the file.
    return 'nothing';
  }
};

const parseLine = (text: string): GuestLine | undefined => {
  try {
    return JSON.parse(text) as GuestLine;
  } catch {
    // A line that the end of the machine cut.
    return undefined;
  }
};

/** Takes in what the guest says, line by line, until it is silent for good. */
const collect = async (machine: ChildProcess): Promise<GuestReport & { readonly ended: boolean }> => {
  const facts = new Map<string, unknown>();
  const failures = new Map<string, string>();
  let lastStep = 'booting';
  let ended = false;
  for await (const text of createInterface({ input: machine.stdout as Readable })) {
    const line = parseLine(text);
    if (line === undefined) continue;
    if ('step' in line) lastStep = `${line.step} (${(line.atMs / 1_000).toFixed(1)} s after the start of its kernel)`;
    else if ('fact' in line) facts.set(line.fact, line.value);
    else if ('failed' in line) failures.set(line.failed, line.why);
    else ended = true;
  }
  return { facts, failures, lastStep, ended, cutShort: undefined };
};

const outcomeOf = async (machine: ChildProcess): Promise<string> =>
  new Promise((resolve) => {
    machine.once('error', (error) => resolve(`QEMU could not run: ${error.message}`));
    machine.once('close', (code, signal) => resolve(`QEMU ended with ${signal ?? `exit code ${code}`}`));
  });

/** What the guest is to look at: everything of one kind in one boot. */
export type Checks = 'containers' | 'tunnels';

/** Boots the guest, lets it do these checks and returns what it told. Nothing of it is left, however it ends. */
export const runGuest = async (checks: Checks): Promise<GuestReport> => {
  const image = await guestImage();
  const folder = await mkdtemp(join(tmpdir(), 'tso-vm-'));
  const consoleLog = join(folder, 'console.log');
  let machine: ChildProcess | undefined;
  try {
    const tools = await makeToolsDisk(folder);
    // Whatever ends this process, and however, ends the machine.
    const args = ['--pdeathsig', 'KILL', 'qemu-system-x86_64', ...qemuArgs(image, tools, consoleLog, checks)];
    machine = spawn('setpriv', args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: deadlineMs,
      killSignal: 'SIGKILL',
    });
    const running = machine;
    let complaint = '';
    running.stderr?.on('data', (text) => {
      complaint += text;
    });
    const outcome = outcomeOf(running);
    const report = await collect(running);
    const how = await outcome;
    if (report.ended) return report;
    return {
      ...report,
      cutShort: `the guest did not finish within ${deadlineMs / 1_000} s; the last it did: ${report.lastStep}. ${how} ${complaint}\nIts console:\n${tail(consoleLog)}`,
    };
  } finally {
    machine?.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
};
