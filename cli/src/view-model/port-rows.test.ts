import { PortProtocol, PublishMode } from '@tso/proto';
import test from 'ava';
import { aTask, aTaskView } from '../testing/views.ts';
import { parsePort, publishedAddresses } from './port-rows.ts';

test('a port is tcp unless it says otherwise', (t) => {
  t.deepEqual(parsePort('80', undefined), { port: 80, protocol: 'tcp' });
  t.deepEqual(parsePort('53/udp', undefined), { port: 53, protocol: 'udp' });
  t.deepEqual(parsePort('53', 'udp'), { port: 53, protocol: 'udp' });
  for (const text of ['', 'http', '80/', '80/quic', '65536', '-1', '80/tcp/x']) t.is(parsePort(text, undefined).port, 0, text);
});

test('what is not published yet is not told', (t) => {
  const port = {
    target: 80,
    published: 0,
    protocol: PortProtocol.TCP,
    mode: PublishMode.INGRESS,
    hostIp: '',
    onlyLocal: false,
    rangeFrom: 0,
    rangeTo: 0,
  };
  const view = aTaskView({ ...aTask(), ports: [port, { ...port, published: 8080 }, { ...port, target: 81, published: 8081 }] });
  t.deepEqual(
    publishedAddresses(view, { port: 80, protocol: 'tcp' }).map(({ address, port: published }) => `${address}:${published}`),
    ['0.0.0.0:8080'],
  );
});
