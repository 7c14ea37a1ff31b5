import { TsoError } from '@tso/proto';
import test from 'ava';
import { PlainHosts, registryOrigin } from './registry-hosts.ts';

test('this machine and named hosts are spoken to without TLS, all others with it', (t) => {
  const plain = new PlainHosts(['registry.lan:5000', 'Other.lan', '10.1.0.0/16', 'fd00::/8']);
  for (const host of [
    'localhost',
    'localhost:5000',
    'LOCALHOST:1',
    '127.0.0.1',
    '127.9.9.9:80',
    '[::1]:5000',
    'registry.lan:5000',
    'other.lan:7',
    '10.1.2.3:5000',
    '[fd00::1]',
  ]) {
    t.is(registryOrigin(host, plain), `http://${host}`, host);
  }
  for (const host of [
    'registry.lan',
    'registry.lan:5001',
    'quay.io',
    '10.2.0.1',
    '128.0.0.1',
    '[fe80::1]:5000',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
  ]) {
    t.is(registryOrigin(host, plain), `https://${host}`, host);
  }
  t.is(registryOrigin('docker.io', plain), 'https://registry-1.docker.io');
});

test('a wrong range is refused', (t) => {
  for (const entry of ['10.0.0.0/33', 'host/8', '10.0.0.0/x'])
    t.is(t.throws(() => new PlainHosts([entry]), { instanceOf: TsoError }).code, 'INVALID_ARGUMENT');
});
