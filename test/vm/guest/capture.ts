import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { succeed } from './host.ts';

/** What crossed the wire. */
export interface Wire {
  readonly packets: number;
  readonly tunnel: number;
  readonly vxlan: number;
  /** Neither of tunnels nor of what finds addresses (ARP, neighbour discovery) or says that nobody listens (ICMP): a line each, the first ten. */
  readonly other: readonly string[];
  /** Whether what tasks said can be read. */
  readonly readable: boolean;
}

const tunnelPorts = 'udp portrange 24789-24804';
const marker = 'in-the-clear-if-you-can-read-this';

/** Everything that crosses the wire between the hosts, from now until it is looked at. */
export class Capture {
  readonly #file: string;
  readonly #program: ChildProcess;

  constructor(file: string, program: ChildProcess) {
    this.#file = file;
    this.#program = program;
  }

  static async start(): Promise<Capture> {
    const file = '/tmp/wire.pcap';
    rmSync(file, { force: true });
    const args = ['--net=/run/netns/wire', 'tcpdump', '-i', 'br0', '-U', '-s', '400', '-B', '8192', '-Z', 'root', '-w', file];
    const program = spawn('nsenter', args, { stdio: ['ignore', 'ignore', 'pipe'] });
    // `listening on br0 …`
    await once(program.stderr as NodeJS.EventEmitter, 'data');
    return new Capture(file, program);
  }

  async end(): Promise<Wire> {
    const ended = once(this.#program, 'close');
    this.#program.kill('SIGINT');
    await ended;
    const lines = async (filter: string): Promise<readonly string[]> =>
      (await succeed('tcpdump', ['-nn', '-r', this.#file, filter])).split('\n').filter((line) => line !== '');
    return {
      packets: (await lines('')).length,
      tunnel: (await lines(tunnelPorts)).length,
      vxlan: (await lines('udp port 4789')).length,
      other: (await lines(`not (${tunnelPorts}) and not arp and not icmp6 and not icmp`)).slice(0, 10),
      readable: readFileSync(this.#file).includes(marker),
    };
  }
}
