import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Lab } from '../hosts/lab.ts';
import { succeed } from './command.ts';
import { eventually } from './eventually.ts';

const tool = join(import.meta.dirname, 'net-tool.ts');
let captures = 0;

/** Every frame that crosses the switch of a lab, from begin() to end(). */
export class Capture {
  readonly #lab: Lab;
  readonly #file: string;
  readonly #program: ChildProcess;

  private constructor(lab: Lab, file: string, program: ChildProcess) {
    this.#lab = lab;
    this.#file = file;
    this.#program = program;
  }

  static async begin(lab: Lab): Promise<Capture> {
    captures += 1;
    const file = join(lab.folder, `wire${captures}.pcap`);
    const options = ['-i', 'switch', '-U', '--immediate-mode', '-B', '16384', '-s', '256', '-Z', 'root', '-w', file];
    const program = spawn('nsenter', [`--net=${lab.wires.pin}`, '--', 'tcpdump', ...options], { stdio: ['ignore', 'ignore', 'pipe'] });
    // `listening on switch …`
    if (program.stderr !== null) await once(program.stderr, 'data');
    return new Capture(lab, file, program);
  }

  /** Ends it once all is recorded that was sent before this call. */
  async end(): Promise<Wire> {
    const last = randomBytes(8).toString('hex');
    const [anyHost] = this.#lab.hosts;
    await this.#lab.client(process.execPath, [tool, 'send', anyHost?.address ?? '', '9', last]);
    await eventually('the last frame is recorded', async () => (await readFile(this.#file)).includes(last));
    const ended = once(this.#program, 'close');
    this.#program.kill('SIGINT');
    await ended;
    return new Wire(this.#file);
  }
}

/** What crossed the switch. */
export class Wire {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /** The frames that pass the filter (pcap-filter(7)), a line each: sizes, and what is inside of VXLAN, too. */
  async frames(filter = ''): Promise<readonly string[]> {
    const text = await succeed('tcpdump', ['-nn', '-e', '-t', '-r', this.#file, filter]);
    // What is inside of VXLAN is shown in a line of its own.
    return text
      .replaceAll(/(vni \d+)\n/g, '$1 | ')
      .split('\n')
      .filter((line) => line !== '');
  }

  /** Those of overlay networks, between hosts. */
  vxlan(): Promise<readonly string[]> {
    return this.frames('udp port 4789');
  }

  /** Fragments of IP packets as hosts send them. */
  fragments(): Promise<readonly string[]> {
    return this.frames('ip[6:2] & 0x3fff != 0');
  }

  /** Size in bytes of the largest frame, with its Ethernet header. */
  async largest(filter = ''): Promise<number> {
    return Math.max(0, ...(await this.frames(filter)).map((line) => Number(/ length (\d+):/.exec(line)?.[1] ?? 0)));
  }
}
