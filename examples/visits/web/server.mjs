// A page that counts its visits in redis. No dependency beyond Node.js: the redis protocol (RESP 2) is a page of code.
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { hostname } from 'node:os';

const port = Number(process.env.PORT ?? 8080);
const cacheHost = process.env.CACHE_HOST ?? 'cache';
const cachePort = Number(process.env.CACHE_PORT ?? 6379);
const answerWithinMs = 2_000;
const connectWithinMs = 2_000;
const reconnectMs = { first: 50, longest: 2_000 };

/** Reads one RESP reply from the front of the text: [reply, length], or undefined when it is not whole yet. */
const readReply = (text) => {
  const end = text.indexOf('\r\n');
  if (end < 0) return undefined;
  const line = text.slice(1, end);
  switch (text[0]) {
    case '+':
      return [line, end + 2];
    case '-':
      return [new Error(line), end + 2];
    case ':':
      return [Number(line), end + 2];
    case '$': {
      const length = Number(line);
      if (length < 0) return [null, end + 2];
      const whole = end + 2 + length + 2;
      return text.length < whole ? undefined : [text.slice(end + 2, end + 2 + length), whole];
    }
    default:
      throw new Error(`redis said something unknown: ${JSON.stringify(text.slice(0, 40))}`);
  }
};

const encodeCommand = (words) => `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;

/** One connection to redis that comes back by itself. Commands are answered in order; what was under way when it broke fails. */
class Cache {
  #socket;
  #text = '';
  #waiting = [];
  #delayMs = reconnectMs.first;
  #timer;
  #closed = false;

  open() {
    const socket = connect({ host: cacheHost, port: cachePort, noDelay: true });
    socket.setEncoding('latin1');
    // The address of a redis that was replaced answers nothing at all.
    socket.setTimeout(connectWithinMs, () => socket.destroy(new Error(`no connection within ${connectWithinMs} ms`)));
    socket.on('connect', () => {
      socket.setTimeout(0);
      this.#delayMs = reconnectMs.first;
      this.#socket = socket;
    });
    socket.on('data', (text) => this.#read(socket, text));
    socket.on('error', (error) => this.#lose(error));
    socket.on('close', () => this.#reopen());
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#socket?.destroy();
  }

  /** The reply to a command; fails when redis cannot be reached or does not answer in time. */
  ask(...words) {
    return new Promise((resolve, reject) => {
      const socket = this.#socket;
      if (socket === undefined) return reject(new Error(`no connection to redis at ${cacheHost}:${cachePort}`));
      const timer = setTimeout(() => socket.destroy(new Error(`redis did not answer within ${answerWithinMs} ms`)), answerWithinMs);
      this.#waiting.push((reply) => {
        clearTimeout(timer);
        if (reply instanceof Error) reject(reply);
        else resolve(reply);
      });
      socket.write(encodeCommand(words));
    });
  }

  #read(socket, text) {
    this.#text += text;
    try {
      for (let found = readReply(this.#text); found !== undefined; found = readReply(this.#text)) {
        const [reply, length] = found;
        this.#text = this.#text.slice(length);
        this.#waiting.shift()?.(reply);
      }
    } catch (error) {
      socket.destroy(error);
    }
  }

  #lose(error) {
    console.error(`redis at ${cacheHost}:${cachePort}: ${error.message}`);
  }

  #reopen() {
    this.#socket = undefined;
    this.#text = '';
    for (const answer of this.#waiting.splice(0)) answer(new Error('the connection to redis broke'));
    if (this.#closed) return;
    this.#timer = setTimeout(() => this.open(), this.#delayMs);
    this.#delayMs = Math.min(this.#delayMs * 2, reconnectMs.longest);
  }
}

const cache = new Cache();

const answers = {
  '/': async () => `visits: ${await cache.ask('INCR', 'visits')}, served by ${hostname()}\n`,
  // Of this server alone: a cache that is away is no reason to replace it.
  '/healthz': async () => 'ok\n',
};

const server = createServer(async (request, response) => {
  const path = new URL(request.url ?? '/', 'http://any').pathname;
  const answer = answers[path];
  const [status, text] =
    answer === undefined
      ? [404, `nothing at ${path}\n`]
      : await answer().then(
          (body) => [200, body],
          (error) => [503, `the counter cannot be reached: ${error.message}\n`],
        );
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(text);
  // Health checks come every few seconds and would hide the rest.
  if (path !== '/healthz') console.log(`${request.method} ${path} ${status} ${text.trim()}`);
});

// As process 1 of a container it gets no default action for signals: without this it would be killed after the grace period.
for (const signal of ['SIGTERM', 'SIGINT']) {
  process.on(signal, () => {
    console.log(`${signal}: finishing`);
    server.close(() => cache.close());
    server.closeIdleConnections();
  });
}

cache.open();
server.listen(port, () => console.log(`listening on port ${port}, counting in ${cacheHost}:${cachePort}`));
