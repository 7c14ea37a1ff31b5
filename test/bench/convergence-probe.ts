// Watches from within a network namespace what a name is answered with, and what rules that translate are written there; one line for each change.
//   node convergence-probe.ts [NAME]
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { nft } from '../lab/hosts/wires.ts';

/** Seen at that instant, in epoch milliseconds. */
export interface Sight {
  readonly atMs: number;
  readonly kind: 'names' | 'rules';
  readonly addresses: readonly string[];
}

const everyMs = 4;
const name = process.argv[2];
const resolver = '127.0.0.11';

const say = (sight: Omit<Sight, 'atMs'>): void => {
  process.stdout.write(`${JSON.stringify({ atMs: performance.timeOrigin + performance.now(), ...sight } satisfies Sight)}\n`);
};

const question = (of: string): Buffer => {
  const labels = of.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  // RFC 1035, 4.1: id 1, recursion desired, one question, type A, class IN.
  return Buffer.concat([Buffer.from([0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]), ...labels, Buffer.from([0, 0, 1, 0, 1])]);
};

/** The four bytes at the end of each of so many A records, which follow the question. Names in them are pointers of two bytes. */
const answersIn = (message: Buffer, questionLength: number): readonly string[] =>
  Array.from({ length: message.readUInt16BE(6) }, (_, index) => {
    const at = questionLength + index * 16 + 12;
    return [...message.subarray(at, at + 4)].join('.');
  });

if (name !== undefined) {
  const asked = question(name);
  const socket = createSocket('udp4');
  let before = '';
  socket.on('message', (message) => {
    const addresses = answersIn(message, asked.length).toSorted();
    if (addresses.join() !== before) say({ kind: 'names', addresses });
    before = addresses.join();
  });
  socket.bind(() => setInterval(() => socket.send(asked, 53, resolver), everyMs));
}

const monitor = spawn(nft, ['monitor', 'rules'], { stdio: ['ignore', 'pipe', 'inherit'] });
let rest = '';
monitor.stdout.on('data', (chunk: Buffer) => {
  const lines = `${rest}${chunk.toString()}`.split('\n');
  rest = lines.pop() ?? '';
  for (const line of lines) {
    if (line.includes(' dnat ')) say({ kind: 'rules', addresses: line.match(/\b\d+\.\d+\.\d+\.\d+\b/g) ?? [] });
    // The last task is gone: the chain has no rule any more.
    else if (line.startsWith('delete rule')) say({ kind: 'rules', addresses: [] });
  }
});
process.stdin.on('end', () => {
  monitor.kill('SIGKILL');
  process.exit(0);
});
process.stdin.resume();
