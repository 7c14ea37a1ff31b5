import test from 'ava';
import fc from 'fast-check';
import { placesOf } from '../testing/memory-files.ts';
import { parsePort } from './ports.ts';

test('each short form names target, published port, address and protocol', (t) => {
  t.deepEqual(parsePort('80'), [{ target: 80, protocol: 'tcp' }]);
  t.deepEqual(parsePort('8080:80/udp'), [{ target: 80, published: '8080', protocol: 'udp' }]);
  t.deepEqual(parsePort('127.0.0.1:8080:80'), [{ target: 80, published: '8080', protocol: 'tcp', hostIp: '127.0.0.1' }]);
  t.deepEqual(parsePort('[::1]:8080:80'), [{ target: 80, published: '8080', protocol: 'tcp', hostIp: '::1' }]);
  t.deepEqual(parsePort('127.0.0.1::80'), [{ target: 80, protocol: 'tcp', hostIp: '127.0.0.1' }]);
});

test('ranges of one length go pairwise; a range for one port stays a range', (t) => {
  t.deepEqual(parsePort('9000-9001:80-81'), [
    { target: 80, published: '9000', protocol: 'tcp' },
    { target: 81, published: '9001', protocol: 'tcp' },
  ]);
  t.deepEqual(parsePort('9000-9009:80'), [{ target: 80, published: '9000-9009', protocol: 'tcp' }]);
});

test('what means no port says why', (t) => {
  for (const spec of ['', 'x:80', '80:x', '70000', '0', '9000-9002:80-81', '300.1.1.1:80:80', '80/abc', '9-1:80'])
    t.is(typeof parsePort(spec), 'string', spec);
  t.is(parsePort('80:80:80:80'), "'80:80:80:80' has too many colons");
  t.is(typeof parsePort('::1:80:80'), 'object');
});

test('property: a pair of ports reads back as itself', (t) => {
  const port = fc.integer({ min: 1, max: 65_535 });
  fc.assert(
    fc.property(port, port, fc.constantFrom('tcp', 'udp', 'sctp'), (published, target, protocol) => {
      const [only] = parsePort(`${published}:${target}/${protocol}`);
      return typeof only === 'object' && only.target === target && only.published === String(published) && only.protocol === protocol;
    }),
  );
  t.pass();
});

test('a long form that cannot be understood is told and stumbled over by nothing', (t) => {
  const placesIn = (port: string): readonly string[] => placesOf(`services: {web: {image: i, ports: [${port}]}}`);
  t.deepEqual(placesIn('{target: 80, published: -1}'), ['1:60 E204']);
  t.deepEqual(placesIn('{target: 70000, published: 80}'), ['1:45 E204']);
  t.deepEqual(placesIn('{target: 80, host_ip: here}'), ['1:58 E204']);
  t.deepEqual(placesIn('{published: 80}'), ['1:36 E204']);
});
