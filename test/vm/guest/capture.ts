import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { eventually, succeed } from './host.ts';

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
/** A datagram that ends a capture: what crossed before it is in the file once it is. */
const last = 'the-last-of-this-capture';
const lastFrom = '/run/netns/h1';
const lastTo = '10.77.0.12';
const isLast = `(udp dst port 9 and dst host ${lastTo})`;

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
    await succeed('nsenter', [`--net=${lastFrom}`, 'bash', '-c', `echo ${last} >/dev/udp/${lastTo}/9`]);
    await eventually('the capture has the last datagram', () => readFileSync(this.#file).includes(last) || undefined);
    const ended = once(this.#program, 'close');
    this.#program.kill('SIGINT');
    await ended;
    const lines = async (filter: string): Promise<readonly string[]> =>
      (await succeed('tcpdump', ['-nn', '-r', this.#file, filter])).split('\n').filter((line) => line !== '');
    return {
      packets: (await lines(`not ${isLast}`)).length,
      tunnel: (await lines(tunnelPorts)).length,
      vxlan: (await lines('udp port 4789')).length,
      other: (await lines(`not (${tunnelPorts}) and not ${isLast} and not arp and not icmp6 and not icmp`)).slice(0, 10),
      readable: readFileSync(this.#file).includes(marker),
    };
  }
}
