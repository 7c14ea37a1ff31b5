import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as tlsConnect } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import { TsoError } from '../index.ts';
import { joinChannel } from './index.ts';
import { testAuthority, type Validity } from './testing/certificates.ts';
import {
  directory,
  hostPortOf,
  joinerService,
  joinRequest,
  member,
  memberService,
  type OpenedDoor,
  openDoor,
  subject,
  until,
} from './testing/door.ts';

const hourMs = 3_600_000;

/** What any HTTP/2 client says first: preface and empty SETTINGS. Whoever is let in is answered with SETTINGS. */
const preface = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0])]);

/** All that comes until the connection is closed. */
const untilClosed = (socket: Socket): Promise<Buffer> => {
  const received: Buffer[] = [];
  socket.on('data', (bytes: Buffer) => received.push(bytes));
  socket.on('error', () => undefined);
  return new Promise((resolve) => socket.once('close', () => resolve(Buffer.concat(received))));
};

/** Speaks HTTP/2 over whatever TLS it gets; returns what was said to it, nothing if it was not let in. */
const knock = async (t: ExecutionContext, it: OpenedDoor, options: ConnectionOptions): Promise<Buffer> => {
  const socket = tlsConnect({ ...hostPortOf(it), ALPNProtocols: ['h2'], rejectUnauthorized: false, ...options });
  t.teardown(() => socket.destroy());
  socket.on('secureConnect', () => socket.write(preface));
  return untilClosed(socket);
};

const material = async (t: ExecutionContext, it: OpenedDoor, validity?: Validity, by = it.authority): Promise<ConnectionOptions> => {
  const files = await by.issue(await directory(t), subject('node-b'), validity);
  return { ca: await readFile(files.ca), cert: await readFile(files.cert), key: await readFile(files.key) };
};

test('a member is answered, which the refusals below are measured by', async (t) => {
  const it = await openDoor(t);
  const socket = tlsConnect({ ...hostPortOf(it), ALPNProtocols: ['h2'], rejectUnauthorized: false, ...(await material(t, it)) });
  t.teardown(() => socket.destroy());
  socket.on('secureConnect', () => socket.write(preface));
  const [answer] = await new Promise<Buffer[]>((resolve) => socket.once('data', (bytes: Buffer) => resolve([bytes])));
  t.is(answer?.[3], 4, 'a SETTINGS frame');
  t.is(socket.getProtocol(), 'TLSv1.3');
});

type Stranger = (t: ExecutionContext, it: OpenedDoor) => Promise<ConnectionOptions>;

const strangers: readonly [string, RegExp, Stranger][] = [
  ['no certificate', /it shows no certificate/, async () => ({})],
  [
    'a certificate of another authority',
    /UNABLE_TO|SELF_SIGNED|SIGNATURE/,
    async (t, it) => material(t, it, undefined, await testAuthority()),
  ],
  [
    'an expired certificate',
    /CERT_HAS_EXPIRED/,
    (t, it) => material(t, it, { notBefore: new Date(Date.now() - 2 * hourMs), notAfter: new Date(Date.now() - hourMs) }),
  ],
  [
    'a certificate that is not valid yet',
    /CERT_NOT_YET_VALID/,
    (t, it) => material(t, it, { notBefore: new Date(Date.now() + hourMs), notAfter: new Date(Date.now() + 2 * hourMs) }),
  ],
  [
    "a member's certificate without its authority's vouching, but with a chain of its own making",
    /UNABLE_TO|SELF_SIGNED|SIGNATURE/,
    async (t, it) => {
      const own = await material(t, it, undefined, await testAuthority());
      return { ...own, cert: Buffer.concat([own.cert as Buffer, Buffer.from('\n'), await readFile(it.files.ca)]) };
    },
  ],
  ['TLS 1.2', /UNSUPPORTED_PROTOCOL/, async (t, it) => ({ ...(await material(t, it)), maxVersion: 'TLSv1.2' })],
  [
    'another protocol than HTTP/2',
    /NO_APPLICATION_PROTOCOL|APPLICATION/,
    async (t, it) => ({ ...(await material(t, it)), ALPNProtocols: ['http/1.1'] }),
  ],
];
for (const [what, reason, options] of strangers) {
  test(`${what}: refused at the handshake, before and after a renewal`, async (t) => {
    const it = await openDoor(t);
    const given = await options(t, it);
    t.is((await knock(t, it, given)).length, 0);
    const said = it.said.find(({ message }) => message === 'connection refused');
    t.regex(String(said?.reason), reason);
    t.regex(String(said?.peer), /^127\.0\.0\.1:\d+$/);
    t.like(it.door.figures, { arriving: 0, members: 0, refused: 1 });
    const { ca, cert, key } = await material(t, it);
    it.door.renewTls({ ca, cert, key } as never);
    t.is((await knock(t, it, given)).length, 0);
    t.deepEqual(it.callers, []);
  });
}

test('no connection can be resumed: each proves anew that its certificate is valid', async (t) => {
  const it = await openDoor(t);
  const options = { ...hostPortOf(it), ALPNProtocols: ['h2'], rejectUnauthorized: false, ...(await material(t, it)) };
  const sessions: Buffer[] = [];
  const first = tlsConnect(options);
  t.teardown(() => first.destroy());
  first.on('session', (session) => sessions.push(session));
  first.on('secureConnect', () => first.write(preface));
  await new Promise((resolve) => first.once('data', resolve));
  const again = tlsConnect({ ...options, cert: undefined, key: undefined, ...(sessions[0] === undefined ? {} : { session: sessions[0] }) });
  t.teardown(() => again.destroy());
  again.on('secureConnect', () => again.write(preface));
  t.is((await untilClosed(again)).length, 0, 'without a certificate of its own it would have come in by that of the first');
  t.is(it.door.figures.members, 1);
});

test('a certificate shown at the door for joiners gives no rights', async (t) => {
  const it = await openDoor(t);
  const raw = connect(hostPortOf(it));
  raw.write('TSOJ');
  const socket = tlsConnect({ socket: raw, ALPNProtocols: ['h2'], rejectUnauthorized: false, ...(await material(t, it)) });
  t.teardown(() => socket.destroy());
  socket.on('secureConnect', () => socket.write(preface));
  await new Promise((resolve) => socket.once('data', resolve));
  t.like(it.door.figures, { members: 0, joiners: 1 });
});

const raw = (t: ExecutionContext, it: OpenedDoor, localAddress = '127.0.0.1'): Socket => {
  const socket = connect({ ...hostPortOf(it), localAddress }).on('error', () => undefined);
  t.teardown(() => socket.destroy());
  return socket;
};

for (const [what, bytes] of [
  ['HTTP/2 in the clear', preface],
  ['HTTP/1', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
  ['nearly the word of joiners', Buffer.from('TSOX')],
  ['an SSL 2 hello', Buffer.from([0x80, 0x2e, 0x01, 0x03, 0x01])],
] as const) {
  test(`${what} gets no answer, and is cut off at once`, async (t) => {
    const it = await openDoor(t);
    const socket = raw(t, it);
    socket.write(bytes);
    t.is((await untilClosed(socket)).length, 0);
    t.like(it.door.figures, { arriving: 0, refused: 1 });
    t.deepEqual(
      it.said.filter(({ message }) => message === 'connection refused').map(({ reason }) => reason),
      ['it speaks no TLS'],
    );
  });
}

test('the word of joiners may come byte by byte, and with the TLS behind it in one piece', async (t) => {
  const it = await openDoor(t);
  const slow = raw(t, it);
  slow.setNoDelay(true);
  for (const byte of Buffer.from('TSOJ')) {
    slow.write(Buffer.from([byte]));
    await new Promise((resolve) => setImmediate(resolve));
  }
  const socket = tlsConnect({ socket: slow, ALPNProtocols: ['h2'], rejectUnauthorized: false });
  socket.on('secureConnect', () => socket.write(preface));
  await new Promise((resolve) => socket.once('data', resolve));
  t.is(it.door.figures.joiners, 1);
});

for (const [what, bytes] of [
  ['nothing', Buffer.alloc(0)],
  ['half of a word', Buffer.from('TS')],
  ['half of a TLS hello', Buffer.from([22, 3, 1, 2, 0, 1])],
  ['the word of joiners and no more', Buffer.from('TSOJ')],
] as const) {
  test(`whoever says ${what} is cut off after ten seconds`, async (t) => {
    const it = await openDoor(t);
    const socket = raw(t, it);
    socket.write(bytes);
    await until('the connection to arrive', () => it.door.figures.arriving === 1);
    const closed = untilClosed(socket);
    it.clock.advance(9_000);
    t.is(it.door.figures.arriving, 1);
    it.clock.advance(1_001);
    t.is((await closed).length, 0);
    t.like(it.door.figures, { arriving: 0 });
    t.true(it.said.some(({ reason }) => reason === 'it took too long'));
  });
}

test('those who say nothing keep nobody out: the one that waits for the longest gives way', async (t) => {
  const it = await openDoor(t, { limits: { arriving: 3 } });
  const silent = [];
  for (let count = 1; count <= 3; count += 1) {
    silent.push(raw(t, it));
    await until('the connection to arrive', () => it.door.figures.arriving === count);
  }
  const [oldest, second] = silent.map(untilClosed);
  const early = raw(t, it);
  t.is((await untilClosed(early)).length, 0, 'the others have come within the last second');
  it.clock.advance(1_001);
  const channel = await member(t, it);
  t.like(await channel.client(memberService).renew({ csr: '' }), { clusterId: 'c1' });
  await oldest;
  t.like(it.door.figures, { arriving: 2, members: 1 });
  void second;
});

/** So many of one other address that begin TLS and say no more. */
const beginners = async (t: ExecutionContext, it: OpenedDoor, count: number): Promise<readonly Promise<Buffer>[]> => {
  const closed: Promise<Buffer>[] = [];
  const before = () => it.door.figures.arriving + it.door.figures.refused;
  for (let each = 0; each < count; each += 1) {
    const seen = before();
    const socket = raw(t, it, '127.0.0.2');
    closed.push(untilClosed(socket));
    socket.write(Buffer.from([22]));
    await until('it to arrive', () => before() > seen);
  }
  return closed;
};

test('whoever begins TLS many times and says no more has the places of one address, and holds up nobody of another', async (t) => {
  const it = await openDoor(t, { limits: { arriving: 8, arrivingOfOne: 4, handshakes: 3, handshakesOfOne: 2 } });
  await beginners(t, it, 9);
  await until('handshakes to have begun', () => it.door.figures.handshakes === 2);
  t.like(it.door.figures, { arriving: 4, refused: 5 });
  const channels = await Promise.all(Array.from({ length: 4 }, () => member(t, it)));
  for (const channel of channels) t.like(await channel.client(memberService).renew({ csr: '' }), { clusterId: 'c1' });
  t.like(it.door.figures, { arriving: 4, handshakes: 2, members: 4, refused: 5 });
});

test('with all places taken the one that waits longest of the most crowded address gives way', async (t) => {
  const it = await openDoor(t, { limits: { arriving: 4, arrivingOfOne: 4, handshakes: 2, handshakesOfOne: 1 } });
  const [, oldest] = await beginners(t, it, 4);
  await until('a handshake to have begun', () => it.door.figures.handshakes === 1);
  const channel = await member(t, it);
  t.like(await channel.client(memberService).renew({ csr: '' }), { clusterId: 'c1' });
  t.is((await oldest)?.length, 0);
  t.like(it.door.figures, { arriving: 3, members: 1, refused: 1 });
  t.true(it.said.some(({ reason }) => /very many from one address/.test(String(reason))));
});

test('nobody stays in the line for longer than half a minute', async (t) => {
  const it = await openDoor(t, { limits: { handshakes: 0 } });
  const [closed] = await beginners(t, it, 1);
  // What came after it was read, so it was too, and is in the line.
  const later = raw(t, it);
  later.write('x');
  await untilClosed(later);
  it.clock.advance(29_000);
  t.like(it.door.figures, { arriving: 1, refused: 1 });
  it.clock.advance(1_001);
  t.is((await closed)?.length, 0);
  t.like(it.door.figures, { arriving: 0, refused: 2 });
});

test('a thousand agents behind one address have their places', async (t) => {
  const it = await openDoor(t, { limits: { handshakes: 0 } });
  await beginners(t, it, 1_000);
  t.like(it.door.figures, { arriving: 1_000, refused: 0 });
});

test('joiners are limited in number, whatever they do', async (t) => {
  const it = await openDoor(t, { limits: { joiners: 1 } });
  const first = joinChannel(it.door.address, it.digest);
  const second = joinChannel(it.door.address, it.digest);
  t.teardown(() => [first, second].map((channel) => channel.destroy()));
  await first.client(joinerService).join(joinRequest);
  const error = await t.throwsAsync(() => second.client(joinerService).join(joinRequest), { instanceOf: TsoError });
  t.is(error.code, 'UNAVAILABLE');
  // It would connect again by itself, and take the place of the third.
  second.destroy();
  first.destroy();
  await until('the first to be gone', () => it.door.figures.joiners === 0);
  const third = joinChannel(it.door.address, it.digest);
  t.teardown(() => third.destroy());
  t.like(await third.client(joinerService).join(joinRequest), { certificate: 'pem' });
});

test('a flood of refusals is told once a second, with how many were left out', async (t) => {
  const it = await openDoor(t);
  const refused = () => it.said.filter(({ message }) => message === 'connection refused');
  for (let count = 0; count < 5; count += 1) {
    const socket = raw(t, it);
    socket.write('x');
    await untilClosed(socket);
  }
  t.is(refused().length, 1);
  it.clock.advance(1_001);
  const last = raw(t, it);
  last.write('x');
  await untilClosed(last);
  t.deepEqual(
    refused().map(({ untold }) => untold),
    [0, 4],
  );
});

test('a request of a joiner is small', async (t) => {
  const it = await openDoor(t);
  const channel = joinChannel(it.door.address, it.digest);
  t.teardown(() => channel.destroy());
  const csr = 'x'.repeat(65 * 1024);
  const error = await t.throwsAsync(() => channel.client(joinerService).join({ ...joinRequest, csr }), { instanceOf: TsoError });
  t.is(error.code, 'RESOURCE_EXHAUSTED');
  t.deepEqual(it.callers, []);
});

test('members that come all at once wait in line, and every one gets in', async (t) => {
  const it = await openDoor(t, { limits: { handshakes: 2, atOnce: 1 } });
  const channels = await Promise.all(Array.from({ length: 12 }, () => member(t, it)));
  await Promise.all(channels.map((channel) => channel.client(memberService).renew({ csr: '' })));
  t.like(it.door.figures, { arriving: 0, members: 12, refused: 0 });
});

test('half of a handshake holds a place for ten seconds, and then the next one has its turn', async (t) => {
  const it = await openDoor(t, { limits: { handshakes: 1 } });
  const stuck = raw(t, it);
  stuck.write(Buffer.from([22, 3, 1, 2, 0, 1]));
  await until('its handshake to begin', () => it.door.figures.handshakes === 1);
  const gone = raw(t, it);
  gone.write(Buffer.from([22, 3, 1]));
  await until('another to arrive', () => it.door.figures.arriving === 2);
  const channel = await member(t, it);
  const call = channel.client(memberService).renew({ csr: '' });
  await until('the member to wait', () => it.door.figures.arriving === 3);
  gone.resetAndDestroy();
  await until('one in the line to have gone', () => it.door.figures.arriving === 2);
  const closed = untilClosed(stuck);
  it.clock.advance(10_001);
  t.is((await closed).length, 0);
  t.like(await call, { clusterId: 'c1' });
  t.like(it.door.figures, { arriving: 0, members: 1, refused: 2 });
});

test('a handshake that is under way gives way to nobody', async (t) => {
  const it = await openDoor(t, { limits: { arriving: 1 } });
  const half = raw(t, it);
  half.write(Buffer.from([22, 3, 1, 2, 0, 1]));
  await until('its handshake to begin', () => it.door.figures.handshakes === 1);
  it.clock.advance(5_000);
  const late = raw(t, it);
  await untilClosed(late);
  t.like(it.door.figures, { arriving: 1, refused: 1 });
});

test('a member that talks nonsense behind its TLS is hung up on, and others are served', async (t) => {
  const it = await openDoor(t);
  const given = await material(t, it);
  for (const nonsense of [
    Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    Buffer.concat([preface, Buffer.alloc(64, 0xff)]),
    Buffer.alloc(40_000, 7),
  ]) {
    const socket = tlsConnect({ ...hostPortOf(it), ALPNProtocols: ['h2'], rejectUnauthorized: false, ...given });
    t.teardown(() => socket.destroy());
    socket.on('secureConnect', () => socket.write(nonsense));
    await untilClosed(socket);
  }
  await until('all of them to be gone', () => it.door.figures.members === 0);
  t.like(await (await member(t, it)).client(memberService).renew({ csr: '' }), { clusterId: 'c1' });
});

test('whatever comes in whatever pieces, the door stands', async (t) => {
  const it = await openDoor(t);
  const hello = Buffer.from([22, 3, 1, 0, 5, 1, 0, 0, 1, 0]);
  for (let round = 0; round < 60; round += 1) {
    const socket = raw(t, it);
    const start = [Buffer.alloc(0), hello, Buffer.from('TSOJ'), Buffer.concat([Buffer.from('TSOJ'), hello])][round % 4] ?? hello;
    const bytes = Buffer.concat([start, randomBytes(round * 7)]);
    const cut = round % (bytes.length + 1);
    socket.write(bytes.subarray(0, cut));
    socket.write(bytes.subarray(cut));
    if (round % 3 === 0) socket.resetAndDestroy();
    else socket.end();
    await untilClosed(socket);
  }
  await until('all of them to be gone', () => it.door.figures.arriving === 0);
  t.like(it.door.figures, { handshakes: 0, members: 0, joiners: 0 });
  t.like(await (await member(t, it)).client(memberService).renew({ csr: '' }), { clusterId: 'c1' });
});
