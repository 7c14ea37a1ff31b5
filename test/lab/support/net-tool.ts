import { createSocket } from 'node:dgram';
import { connect, createServer } from 'node:net';

/**
 * A program to run inside namespaces of the lab:
 * `serve NAME PORT` answers each connection and each datagram with `NAME <the client's address>`;
 * `hear HOST PORT` prints each datagram, `send HOST PORT TEXT` sends one; `hold HOST PORT` only listens; `resolver HOST ADDRESS` answers every DNS question with that address;
 * `ask HOST PORT [tcp|udp] [COUNT] [FROM]` prints what such servers say, each time from a new port, a line each; `chat HOST PORT` sends each line of its input there and prints the answers;
 * `flow HOST PORT` sends a datagram for each line of its input, all from one port, and prints the answers, `lost CODE` for what could not be sent;
 * `dns SERVER NAME TYPE udp|tcp [SIZE]` prints `{rcode, truncated, addresses, count}`.
 */
const [command, ...args] = process.argv.slice(2);

/** Who has heard nothing for so many turns of that length gives up: of two seconds in which a busy machine gave it no turn, one is counted. */
const turnMs = 100;
const patientTurns = 20;
let turns = 0;
const beginPatience = (): void => {
  setInterval(() => {
    turns += 1;
    if (turns > patientTurns) fail('no answer in time');
  }, turnMs);
};

const plain = (address: string | undefined): string => (address ?? '').replace(/^::ffff:/, '');

const serve = (name: string, port: number): void => {
  const server = createServer((socket) => {
    const greeting = `${name} ${plain(socket.remoteAddress)}\n`;
    socket.on('error', () => socket.destroy()); // The client went away.
    socket.on('data', () => socket.write(greeting));
    socket.write(greeting);
  });
  const udp = createSocket('udp6');
  udp.on('message', (_, client) => udp.send(`${name} ${plain(client.address)}\n`, client.port, client.address));
  udp.bind(port, () => server.listen(port, '::', () => console.log('ready')));
};

const hear = (host: string, port: number): void => {
  const socket = createSocket('udp4').on('message', (message, client) => console.log(`${message.toString()} from ${client.address}`));
  socket.bind(port, host, () => console.log('ready'));
};

const send = (host: string, port: number, text: string): void => void createSocket('udp4').send(text, port, host, () => process.exit(0));

const hold = (host: string, port: number): void => void createServer().listen(port, host, () => console.log('ready'));

const nameBytes = (name: string): Buffer =>
  Buffer.concat([...name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])), Buffer.from([0])]);

const types: Readonly<Record<string, number>> = { A: 1, PTR: 12, AAAA: 28 };

const questionBytes = (name: string, type: string, size: number): Buffer => {
  const header = Buffer.from([0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, size > 0 ? 1 : 0]);
  const question = Buffer.concat([nameBytes(name), Buffer.from([0, types[type] ?? 1, 0, 1])]);
  const edns = size > 0 ? Buffer.from([0, 0, 41, size >> 8, size & 0xff, 0, 0, 0, 0, 0, 0]) : Buffer.alloc(0);
  return Buffer.concat([header, question, edns]);
};

const skipName = (message: Buffer, start: number): number => {
  let at = start;
  while (message[at] !== 0) {
    if (((message[at] ?? 0) & 0xc0) === 0xc0) return at + 2;
    at += (message[at] ?? 0) + 1;
  }
  return at + 1;
};

const describe = (message: Buffer): string => {
  const addresses: string[] = [];
  const count = message.readUInt16BE(6);
  let at = skipName(message, 12) + 4;
  for (let index = 0; index < count; index++) {
    at = skipName(message, at);
    const length = message.readUInt16BE(at + 8);
    if (message.readUInt16BE(at) === 1) addresses.push([...message.subarray(at + 10, at + 14)].join('.'));
    at += 10 + length;
  }
  return JSON.stringify({ rcode: (message[3] ?? 0) & 0xf, truncated: ((message[2] ?? 0) & 2) !== 0, count, addresses });
};

const dns = (server: string, name: string, type: string, transport: string, size: number): void => {
  const question = questionBytes(name, type, size);
  const finish = (message: Buffer): never => {
    console.log(describe(message));
    process.exit(0);
  };
  if (transport === 'udp') {
    const socket = createSocket('udp4').on('message', finish);
    socket.send(question, 53, server);
    return;
  }
  let received = Buffer.alloc(0);
  const socket = connect(53, server, () =>
    socket.write(Buffer.concat([Buffer.from([question.length >> 8, question.length & 0xff]), question])),
  );
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk]);
    if (received.length >= 2 && received.length >= received.readUInt16BE(0) + 2) finish(received.subarray(2));
  });
};

const resolver = (host: string, address: string): void => {
  const socket = createSocket('udp4');
  socket.on('message', (query, client) => {
    const end = skipName(query, 12) + 4;
    const head = Buffer.from(query.subarray(0, end));
    head.writeUInt16BE(0x8180, 2);
    head.writeUInt16BE(1, 6);
    head.writeUInt16BE(0, 10);
    const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...address.split('.').map(Number)]);
    socket.send(Buffer.concat([head, record]), client.port, client.address);
  });
  socket.bind(53, host, () => console.log('ready'));
};

const fail = (reason: string): never => {
  console.error(reason);
  process.exit(1);
};

const askOnce = (host: string, port: number, protocol: string, from: string | undefined): Promise<string> =>
  new Promise((resolve, reject) => {
    if (protocol === 'udp') {
      const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4').on('error', reject);
      socket.on('message', (message) => {
        socket.close();
        resolve(message.toString());
      });
      socket.bind(0, from, () => socket.connect(port, host, () => socket.send('?')));
      return;
    }
    const socket = connect({ host, port, ...(from === undefined ? {} : { localAddress: from }) }).on('error', reject);
    socket.on('data', (chunk) => {
      socket.destroy();
      resolve(chunk.toString());
    });
  });

const ask = async (host: string, port: number, protocol: string, count: number, from: string | undefined): Promise<void> => {
  try {
    for (let left = count; left > 0; left -= 1) {
      process.stdout.write(await askOnce(host, port, protocol, from));
      turns = 0;
    }
    process.exit(0);
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error));
  }
};

const chat = (host: string, port: number): void => {
  const socket = connect(port, host);
  socket.on('data', (chunk) => process.stdout.write(chunk)).on('error', (error) => fail(error.message));
  process.stdin.on('data', (chunk) => socket.write(chunk)).on('end', () => process.exit(0));
};

const flow = (host: string, port: number): void => {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  socket.on('message', (message) => process.stdout.write(message.toString())).on('error', (error) => console.log(`lost ${error.message}`));
  socket.bind(0, () =>
    socket.connect(port, host, () => {
      console.log('ready');
      process.stdin.on('data', () => socket.send('?', (error) => (error === null ? undefined : console.log(`lost ${error.message}`))));
      process.stdin.on('end', () => process.exit(0));
    }),
  );
};

const [first = '', second = '', third = '', fourth = '', fifth = ''] = args;
if (command === 'serve') serve(first, Number(second));
else if (command === 'hear') hear(first, Number(second));
else if (command === 'send') send(first, Number(second), third);
else if (command === 'hold') hold(first, Number(second));
else if (command === 'resolver') resolver(first, second);
else if (command === 'flow') flow(first, Number(second));
else if (command === 'chat') chat(first, Number(second));
else {
  beginPatience();
  if (command === 'ask') void ask(first, Number(second), third || 'tcp', Number(fourth || 1), fifth || undefined);
  else if (command === 'dns') dns(first, second, third, fourth, Number(fifth));
  else fail(`unknown command ${command}`);
}
