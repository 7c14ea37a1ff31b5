// A client under measurement, as a program of its own that needs nothing beside Node: it runs in a container, on a host or outside. It makes a new
// connection for each request and says of each that fails what was the matter. Asks from when it is started until its standard input ends.
//   node load-client.ts '{"targets": [{"name": "vip", "host": "web", "port": 80, "names": "cached"}], "pauseMs": 5}'
import { lookup } from 'node:dns/promises';
import { createConnection } from 'node:net';

/** What is asked, again and again. */
export interface LoadTarget {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** cached: a name is asked for once a second at most, as its TTL says; fresh: for each request. */
  readonly names: 'cached' | 'fresh';
  /** Requests under way at the same time. @default 1 */
  readonly lanes?: number;
}

export interface LoadOrder {
  readonly targets: readonly LoadTarget[];
  /** Between the end of a request and the beginning of the next one in its lane. */
  readonly pauseMs: number;
  /** Instead of requests: a connection to each target, in each lane, that is used every `pauseMs` until it ends. */
  readonly hold?: boolean;
}

/** One line of what it prints: the sums so far. */
export interface LoadReport {
  readonly answered: Readonly<Record<string, number>>;
  /** Of each target the answers' bodies, and how many. */
  readonly bodies: Readonly<Record<string, number>>;
  /** The first of them; their number is `failed`. */
  readonly failures: readonly string[];
  readonly failed: number;
  readonly slowestMs: number;
  /** Which one that was, and when. */
  readonly slowest: string;
  /** Of connections that are held: who is at the other end, and when and how it ended; 0 and empty: it stands. */
  readonly held: readonly HeldConnection[];
  readonly ended: boolean;
}

export interface HeldConnection {
  readonly target: string;
  readonly peer: string;
  readonly echoes: number;
  readonly endedAtMs: number;
  readonly end: string;
}

const ttlMs = 1_000;
const patienceMs = 8_000;
const reportEveryMs = 200;
const failuresKept = 20;

const order = JSON.parse(process.argv[2] ?? '{}') as LoadOrder;
const answered: Record<string, number> = {};
const bodies: Record<string, number> = {};
const failures: string[] = [];
const held: { -readonly [K in keyof HeldConnection]: HeldConnection[K] }[] = [];
let failed = 0;
let slowestMs = 0;
let slowest = '';
let ending = false;

const cache = new Map<string, { readonly addresses: readonly string[]; readonly untilMs: number }>();

/** One of the addresses of a name, by chance. */
const addressOf = async ({ host, names }: LoadTarget): Promise<string> => {
  const known = names === 'cached' ? cache.get(host) : undefined;
  const isKnown = known !== undefined && known.untilMs > performance.now();
  const addresses = isKnown ? known.addresses : (await lookup(host, { all: true, family: 4 })).map(({ address }) => address);
  if (!isKnown && names === 'cached') cache.set(host, { addresses, untilMs: performance.now() + ttlMs });
  const address = addresses[Math.floor(Math.random() * addresses.length)];
  if (address === undefined) throw new Error('the name has no address');
  return address;
};

/** The body of the answer, whole. */
const ask = (address: string, port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = '';
    const socket = createConnection({ host: address, port });
    const fail = (error: Error): void => {
      socket.destroy();
      reject(error);
    };
    socket.setTimeout(patienceMs, () => fail(new Error(`no answer within ${patienceMs} ms`)));
    socket.on('error', fail);
    socket.on('data', (chunk) => {
      text += chunk.toString();
    });
    socket.on('end', () => {
      socket.destroy();
      const [head = '', body = ''] = text.split('\r\n\r\n');
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
      if (!/^HTTP\/1\.[01] 200 /.test(head)) reject(new Error(`a bad answer: ${JSON.stringify(text.slice(0, 60))}`));
      else if (Buffer.byteLength(body) !== length) reject(new Error(`${Buffer.byteLength(body)} of ${length} bytes of the answer`));
      else resolve(body.trim());
    });
    socket.write('GET /index.html HTTP/1.0\r\n\r\n');
  });

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, order.pauseMs));

const lane = async (target: LoadTarget): Promise<void> => {
  while (!ending) {
    const beganAt = performance.now();
    let address = '';
    try {
      address = await addressOf(target);
      const body = await ask(address, target.port);
      answered[target.name] = (answered[target.name] ?? 0) + 1;
      const key = `${target.name} ${body}`;
      bodies[key] = (bodies[key] ?? 0) + 1;
    } catch (error) {
      failed += 1;
      const at = new Date().toISOString();
      if (failures.length < failuresKept) failures.push(`${at} ${target.name} (${target.host} ${address}): ${String(error)}`);
    }
    const tookMs = performance.now() - beganAt;
    if (tookMs > slowestMs) {
      slowestMs = tookMs;
      slowest = `${new Date().toISOString()} ${target.name} (${target.host} ${address}): ${Math.round(tookMs)} ms`;
    }
    await pause();
  }
};

/** The other end says a line, who it is, and then sends back what it gets. */
const hold = async (target: LoadTarget): Promise<void> => {
  const connection = { target: target.name, peer: '', echoes: 0, endedAtMs: 0, end: '' };
  held.push(connection);
  const socket = createConnection({ host: await addressOf(target), port: target.port });
  const ended = (how: string): void => {
    if (connection.endedAtMs !== 0) return;
    connection.endedAtMs = Date.now();
    connection.end = how;
    socket.destroy();
  };
  socket.on('error', (error) => ended(String(error)));
  socket.on('end', () => ended('closed'));
  socket.on('data', (chunk) => {
    const said = chunk.toString();
    if (connection.peer === '') connection.peer = said.split('\n')[0] ?? '';
    else connection.echoes += 1;
  });
  while (!ending && connection.endedAtMs === 0) {
    const before = connection.echoes;
    if (connection.peer !== '') socket.write('still there\n');
    await pause();
    if (connection.peer !== '' && connection.echoes === before && socket.bytesWritten > 0) await pause();
  }
  if (connection.endedAtMs === 0) socket.destroy();
};

const say = (): void => {
  const report: LoadReport = { answered, bodies, failures, failed, slowestMs, slowest, held, ended: ending };
  process.stdout.write(`${JSON.stringify(report)}\n`);
};

process.stdin.on('end', () => {
  ending = true;
});
process.stdin.resume();
const reports = setInterval(say, reportEveryMs);
const lanes = order.targets.flatMap((target) => Array.from({ length: target.lanes ?? 1 }, () => target));
await Promise.all(lanes.map((target) => (order.hold === true ? hold(target) : lane(target))));
clearInterval(reports);
say();
