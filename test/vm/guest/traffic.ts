// Runs in the namespaces of tasks: what crosses an encrypted network, and what does not.
//   serve                 answers a TCP connection with the digest of all that it brought, a datagram with its length and digest;
//                         says how often the word `injected` came when asked `heard?`
//   transfer HOST         64 KiB by TCP, datagrams of every size that may be trouble: prints JSON
//   load HOST             numbered datagrams and a stream until its input ends: says when the first came back; at the end
//                         what was lost, apart for each line of input
//   until HOST            prints after how many milliseconds the first datagram was answered
//   shout HOST SECONDS    sends datagrams and does not care
//   heard HOST            prints how often `injected` was heard there
//   inject (FROM TO VNI MAC ADDRESS)...   sends VXLAN frames in the clear with a datagram `injected` for ADDRESS in it
import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect, createServer } from 'node:net';

const [command = '', ...args] = process.argv.slice(2);
const host = args[0] ?? '';
const tcpPort = 7000;
const udpPort = 7001;
const streamPort = 7002;
/** What a capture is searched for. */
const marker = 'in-the-clear-if-you-can-read-this ';
/** Who waits for its turn on a slow machine loses nothing meanwhile; the guest allows as much. */
const recvBufferSize = 8 << 20;

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const filled = (size: number): Buffer => Buffer.alloc(size, marker);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const say = (value: unknown): void => console.log(JSON.stringify(value));

const serve = (): void => {
  let heard = 0;
  const digests = createServer({ allowHalfOpen: true }, (socket) => {
    const hash = createHash('sha256');
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => hash.update(chunk));
    socket.on('end', () => socket.end(hash.digest('hex')));
  });
  const echo = createServer((socket) => socket.on('error', () => socket.destroy()).pipe(socket));
  const udp = createSocket({ type: 'udp4', recvBufferSize });
  udp.on('message', (message, client) => {
    const text = message.subarray(0, 8).toString('latin1');
    if (text === 'injected') heard += 1;
    else if (text.startsWith('heard?')) udp.send(String(heard), client.port, client.address);
    else if (text.startsWith('#')) udp.send(message, client.port, client.address);
    else udp.send(`${message.length} ${digest(message)}`, client.port, client.address);
  });
  udp.bind(udpPort, () => digests.listen(tcpPort, () => echo.listen(streamPort, () => say('ready'))));
};

const byTcp = (bytes: Buffer): Promise<boolean> =>
  new Promise((resolve) => {
    let answer = '';
    const socket = connect(tcpPort, host, () => socket.end(bytes));
    socket.setTimeout(20_000, () => socket.destroy(new Error('no answer')));
    socket.on('data', (chunk) => {
      answer += chunk.toString();
    });
    socket.on('error', () => resolve(false));
    socket.on('end', () => resolve(answer === digest(bytes)));
  });

/** The answer to one datagram; undefined: there was none. */
const byUdp = (bytes: Buffer | string, waitMs: number): Promise<string | undefined> =>
  new Promise((resolve) => {
    const socket = createSocket('udp4');
    const done = (answer: string | undefined): void => {
      clearTimeout(timer);
      socket.close();
      resolve(answer);
    };
    const timer = setTimeout(() => done(undefined), waitMs);
    socket.on('message', (message) => done(message.toString()));
    // Without a way there the kernel says so at once.
    socket.on('error', () => undefined);
    socket.send(bytes, udpPort, host, () => undefined);
  });

const transfer = async (mtu: number): Promise<void> => {
  const sizes = [1, mtu - 28, mtu - 27, 1_472, 8_000, 65_507];
  const udp: Record<string, boolean> = {};
  for (const size of sizes) udp[size] = (await byUdp(filled(size), 10_000)) === `${size} ${digest(filled(size))}`;
  say({ tcp: await byTcp(filled(64 * 1024)), udp });
};

const load = async (): Promise<void> => {
  const waiting = new Set<number>();
  let longestMs = 0;
  let heardAt = performance.now();
  const udp = createSocket({ type: 'udp4', recvBufferSize });
  udp.on('error', () => undefined);
  udp.once('message', () => say('ready'));
  udp.on('message', (message) => {
    waiting.delete(Number(message.subarray(1, 9).toString()));
    longestMs = Math.max(longestMs, performance.now() - heardAt);
    heardAt = performance.now();
  });
  const stream = { sent: 0, received: 0, broke: '' };
  const socket = connect(streamPort, host);
  socket.on('data', (chunk) => {
    stream.received += chunk.length;
  });
  socket.on('error', (error) => {
    stream.broke = error.message;
  });
  let sent = 0;
  let isOver = false;
  /** The last numbers before each line of input. */
  const ends: number[] = [];
  process.stdin
    .on('data', () => ends.push(sent))
    .on('end', () => {
      isOver = true;
    });
  while (!isOver) {
    sent += 1;
    waiting.add(sent);
    udp.send(Buffer.from(`#${String(sent).padStart(8, '0')}${marker.repeat(20)}`), udpPort, host);
    if (sent % 5 === 0) {
      stream.sent += 1_000;
      socket.write(filled(1_000));
    }
    await pause(40);
  }
  // What is late is not lost.
  const endAt = performance.now() + 30_000;
  while (performance.now() < endAt && (waiting.size > 0 || stream.received < stream.sent)) await pause(50);
  const spans = [...ends, sent].map((end, index) => {
    const from = ends[index - 1] ?? 0;
    return { sent: end - from, lost: [...waiting].filter((number) => number > from && number <= end) };
  });
  say({ spans, longestMs: Math.round(longestMs), stream });
  process.exit(0);
};

const until = async (): Promise<void> => {
  const from = performance.now();
  while (performance.now() - from < 60_000) {
    if ((await byUdp('hello', 250)) !== undefined) return say(Math.round(performance.now() - from));
  }
  say('never');
};

const shout = async (seconds: number): Promise<void> => {
  const socket = createSocket('udp4').on('error', () => undefined);
  for (let count = 0; count < seconds * 50; count++) {
    socket.send(`${marker}${count}`, udpPort, host);
    await pause(20);
  }
  say('done');
  process.exit(0);
};

const checksum = (bytes: Buffer): number => {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += bytes.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
};

const quad = (address: string): Buffer => Buffer.from(address.split('.').map(Number));

/** Ethernet, IPv4 and UDP of a datagram `injected`, from the first address of the network. */
const frameFor = (mac: string, address: string): Buffer => {
  const payload = Buffer.from('injected');
  const udp = Buffer.alloc(8);
  udp.writeUInt16BE(9, 0);
  udp.writeUInt16BE(udpPort, 2);
  udp.writeUInt16BE(8 + payload.length, 4);
  const ip = Buffer.alloc(20);
  ip.set([0x45, 0, 0, 28 + payload.length, 0, 1, 0, 0, 64, 17, 0, 0]);
  ip.set(quad(address.replace(/\d+$/, '77')), 12);
  ip.set(quad(address), 16);
  ip.writeUInt16BE(checksum(ip), 10);
  const source = Buffer.from([2, 0x42, ...quad(address.replace(/\d+$/, '77'))]);
  return Buffer.concat([Buffer.from(mac.replaceAll(':', ''), 'hex'), source, Buffer.from([8, 0]), ip, udp, payload]);
};

const inject = async (from: string, to: string, vni: number, mac: string, address: string): Promise<void> => {
  const header = Buffer.from([8, 0, 0, 0, vni >> 16, (vni >> 8) & 0xff, vni & 0xff, 0]);
  const socket = createSocket('udp4').on('error', () => undefined);
  await new Promise<void>((resolve) => socket.bind(0, from, resolve));
  const sent = Array.from(
    { length: 5 },
    () => new Promise((resolve) => socket.send(Buffer.concat([header, frameFor(mac, address)]), 4789, to, resolve)),
  );
  await Promise.all(sent);
  socket.close();
};

if (command === 'serve') serve();
else if (command === 'transfer') await transfer(Number(args[1]));
else if (command === 'load') await load();
else if (command === 'until') await until();
else if (command === 'shout') await shout(Number(args[1]));
else if (command === 'heard') say(Number((await byUdp('heard?', 3_000)) ?? Number.NaN));
else if (command === 'inject') {
  for (let at = 0; at < args.length; at += 5) {
    const [from = '', to = '', vni = '', mac = '', address = ''] = args.slice(at);
    await inject(from, to, Number(vni), mac, address);
  }
} else throw new Error(`traffic does not know ${command}`);
