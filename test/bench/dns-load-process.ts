// Part of dns.ts: asks a DNS server. Arguments: port, seconds, questions a second (0: as many as 64 under way give). Prints one line of JSON.
import { createSocket, type Socket } from 'node:dgram';

const [port = 0, seconds = 5, rate = 0] = process.argv.slice(2).map(Number);
const sockets = 8;
const underWay = 64;

const question = (name: string, type: number, edns: boolean): Buffer => {
  const labels = name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  const head = Buffer.from([0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, edns ? 1 : 0]);
  const opt = edns ? Buffer.from([0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0]) : Buffer.alloc(0);
  return Buffer.concat([head, ...labels, Buffer.from([0, 0, type, 0, 1]), opt]);
};

/** What containers ask: both families of services, names of tasks, lists of ten, names of addresses. */
const questions = Array.from({ length: 200 }, (_, index) => [
  question(`service-${index}`, 1, false),
  question(`service-${index}`, 28, false),
  question(`Service-${index}.Bench`, 1, true),
  question(`tasks.service-${index}`, 1, true),
  question(`${index}.1.32.10.in-addr.arpa`, 12, false),
]).flat();

class Client {
  readonly #socket: Socket;
  readonly #sentAt = new Float64Array(65_536);
  readonly #next: (() => void) | undefined;
  #id = 0;
  sent = 0;
  wrong = 0;
  readonly latenciesMs: number[] = [];

  constructor(next?: () => void) {
    this.#next = next;
    this.#socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20, lookup: (host, _options, callback) => callback(null, host, 4) });
    this.#socket.on('message', (answer) => {
      const id = answer.readUInt16BE(0);
      const at = this.#sentAt[id] ?? 0;
      if (at === 0 || ((answer[3] ?? 0) & 0xf) !== 0) this.wrong += 1;
      this.#sentAt[id] = 0;
      this.latenciesMs.push(performance.now() - at);
      this.#next?.();
    });
  }

  connect(): Promise<void> {
    return new Promise((resolve) => this.#socket.connect(port, '127.0.0.1', resolve));
  }

  ask(index: number): void {
    const message = Buffer.from(questions[index % questions.length] ?? Buffer.alloc(0));
    this.#id = (this.#id + 1) & 0xffff;
    message.writeUInt16BE(this.#id, 0);
    this.#sentAt[this.#id] = performance.now();
    this.sent += 1;
    this.#socket.send(message);
  }

  close(): void {
    this.#socket.close();
  }
}

let asked = 0;
let isOver = false;
const next = (client: Client): void => {
  if (!isOver) client.ask(asked++);
};
const clients: Client[] = Array.from({ length: sockets }, () => {
  const client: Client = new Client(rate === 0 ? () => next(client) : undefined);
  return client;
});
await Promise.all(clients.map((client) => client.connect()));

const beganAt = performance.now();
/** Evenly, as far as timers of a millisecond allow. */
const paced = setInterval(() => {
  const due = Math.floor(((performance.now() - beganAt) / 1_000) * rate);
  for (; asked < due; asked += 1) clients[asked % sockets]?.ask(asked);
}, 1);
if (rate === 0) for (const client of clients) for (let count = 0; count < underWay / sockets; count += 1) next(client);
await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
clearInterval(paced);
isOver = true;
const elapsedMs = performance.now() - beganAt;
// What is still on its way; loopback needs no longer.
await new Promise((resolve) => setTimeout(resolve, 200));

const latencies = Float64Array.from(clients.flatMap((client) => client.latenciesMs)).sort();
const quantile = (part: number): number => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * part))] ?? Number.NaN;
const sum = (of: (client: Client) => number): number => clients.reduce((total, client) => total + of(client), 0);
console.log(
  JSON.stringify({
    sent: sum((client) => client.sent),
    answered: latencies.length,
    wrong: sum((client) => client.wrong),
    perSecond: (latencies.length / elapsedMs) * 1_000,
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    maxMs: latencies.at(-1),
  }),
);
for (const client of clients) client.close();
