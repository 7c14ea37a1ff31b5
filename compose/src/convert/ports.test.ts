import { PortProtocol, PublishMode } from '@tso/proto';
import test from 'ava';
import { placesOf } from '../testing/memory-files.ts';
import { oneService, serviceOf, toldOf } from '../testing/spec-parts.ts';

const ports = (service: string) => serviceOf(oneService(service)).ports;

test('a range for one port is any free one of it; ranges of equal length are pairs', (t) => {
  t.like(ports('ports: ["8000-8010:80/udp"]'), [{ target: 80, published: 0, rangeFrom: 8000, rangeTo: 8010, protocol: PortProtocol.UDP }]);
  t.like(ports('ports: [{target: 80, published: "8000-8010", mode: host}]'), [
    { published: 0, rangeFrom: 8000, rangeTo: 8010, mode: PublishMode.HOST },
  ]);
  t.deepEqual(
    ports('ports: ["8000-8001:8000-8001/sctp"]').map(({ published, target, protocol, rangeTo }) => [published, target, protocol, rangeTo]),
    [
      [8000, 8000, PortProtocol.SCTP, 0],
      [8001, 8001, PortProtocol.SCTP, 0],
    ],
  );
});

test('an address of the host is kept; every address is none in particular', (t) => {
  t.deepEqual(
    ports('ports: ["127.0.0.1:80:80", "0.0.0.0:81:81", "[::]:82:82"]').map(({ hostIp }) => hostIp),
    ['127.0.0.1', '', ''],
  );
  t.regex(toldOf(oneService('ports: ["[::1]:80:80"]')).join(), /E401 a port at ::1: publishing over IPv6/);
});

test('two services clash on one address, not on two, and not where each has its own nodes', (t) => {
  const both = (a: string, b: string) => placesOf(`services:\n  a: {image: i, ports: [${a}]}\n  b: {image: i, ports: [${b}]}\n`);
  t.deepEqual(both('"80:1"', '"80:2"'), ['3:25 E305']);
  t.deepEqual(both('"80:1"', '"127.0.0.1:80:2"'), ['3:25 E305']);
  t.deepEqual(both('"127.0.0.2:80:1"', '"127.0.0.1:80:2"'), []);
  t.deepEqual(both('"80:1"', '"80:2/udp"'), []);
  t.deepEqual(both('"80:1"', '{target: 2, published: "80", mode: host}'), ['3:25 E305']);
  t.deepEqual(both('{target: 1, published: "80", mode: host}', '{target: 2, published: "80", mode: host}'), []);
  t.deepEqual(both('{target: 1, published: "80", mode: host}, {target: 2, published: "80", mode: host}', ''), ['2:67 E305']);
});

test('exposed ports are each listed once', (t) => {
  t.deepEqual(serviceOf(oneService('expose: [80, "53/udp", "8000-8002", 80]')).expose, [
    '80/tcp',
    '53/udp',
    '8000/tcp',
    '8001/tcp',
    '8002/tcp',
  ]);
  t.regex(toldOf(oneService('expose: [http]')).join(), /E204 'http' is not a port to expose/);
  t.regex(toldOf(oneService('expose: ["0-5"]')).join(), /E204/);
  t.is(serviceOf(oneService('expose: ["1000-2000"]')).expose.length, 100);
  t.regex(toldOf(oneService('expose: ["1000-2000"]')).join(), /W401/);
});
