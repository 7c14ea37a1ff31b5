// Names: how many answers a second one DNS server of the agent gives on one core, and how soon; beside it a program that only sends back what it got.
//   node test/bench/dns.ts [--seconds 10]
// The server has the first core, whoever asks the second. Figures are printed, never asserted: with other work on these cores the times are those of
// waiting for a turn, as the echo's show.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '10' } } });
const serverEntry = join(import.meta.dirname, '../../node-agent/src/network/testing/dns-main.ts');
const loadEntry = join(import.meta.dirname, 'dns-load-process.ts');

interface Load {
  readonly sent: number;
  readonly answered: number;
  readonly wrong: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

const onCore = (core: number, ...args: readonly string[]): ChildProcess =>
  spawn('taskset', ['--cpu-list', String(core), process.execPath, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });

const linesOf = (child: ChildProcess): AsyncIterator<string> => {
  if (child.stdout === null) throw new Error('a process without output');
  return createInterface({ input: child.stdout })[Symbol.asyncIterator]();
};

const nextLine = async (lines: AsyncIterator<string>): Promise<string> => String((await lines.next()).value ?? '');

/** A server on the first core, and the load of each rate on it. */
const measure = async (title: string, entry: string): Promise<void> => {
  const server = onCore(0, entry);
  const lines = linesOf(server);
  const port = await nextLine(lines);
  const cpuUs = async (): Promise<number> => {
    server.stdin?.write('\n');
    return Number(await nextLine(lines));
  };
  const loaded = async (what: string, rate: number, seconds: string): Promise<void> => {
    const before = await cpuUs();
    const child = onCore(1, loadEntry, port, seconds, String(rate));
    const [line] = await Promise.all([nextLine(linesOf(child)), once(child, 'exit')]);
    const load = JSON.parse(line) as Load;
    const perAnswerUs = ((await cpuUs()) - before) / load.answered;
    console.log(
      `${title} ${what.padEnd(34)} ${load.perSecond.toFixed(0).padStart(7)} answers/s   p50 ${load.p50Ms.toFixed(2)} ms   p99 ${load.p99Ms.toFixed(2)} ms   ` +
        `max ${load.maxMs.toFixed(1)} ms   lost ${load.sent - load.answered}   wrong ${load.wrong}   ${perAnswerUs.toFixed(1)} µs of processor an answer`,
    );
  };
  try {
    await loaded('warming up', 5_000, '2');
    await loaded('20 000 a second', 20_000, values.seconds);
    await loaded('64 under way, as fast as it goes', 0, values.seconds);
  } finally {
    server.stdin?.end();
    await once(server, 'exit');
  }
};

await measure('names', serverEntry);
await measure('echo ', join(import.meta.dirname, 'dns-echo-process.ts'));
