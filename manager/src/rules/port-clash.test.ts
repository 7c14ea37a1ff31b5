import { type PortConfig, PortProtocol, PublishMode } from '@tso/proto';
import test from 'ava';
import { portsClash } from './port-clash.ts';

const ingress: PortConfig = {
  target: 80,
  published: 8080,
  protocol: PortProtocol.TCP,
  mode: PublishMode.INGRESS,
  hostIp: '',
  onlyLocal: false,
  rangeFrom: 0,
  rangeTo: 0,
};
const host: PortConfig = { ...ingress, mode: PublishMode.HOST };

for (const [what, other, clashes] of [
  ['the same ingress port', ingress, true],
  ['the same port in host mode', host, true],
  ['another number', { ...ingress, published: 8081 }, false],
  ['another protocol', { ...ingress, protocol: PortProtocol.UDP }, false],
  ['a number to be chosen', { ...ingress, published: 0 }, false],
  ['one address of all', { ...ingress, hostIp: '127.0.0.1' }, true],
] as const) {
  test(`an ingress port ${clashes ? 'clashes' : 'gets along'} with ${what}`, (t) => {
    t.is(portsClash(ingress, other), clashes);
    t.is(portsClash(other, ingress), clashes);
  });
}

test('two host-mode ports get along: the scheduler keeps them apart', (t) => t.false(portsClash(host, host)));

test('different addresses do not meet', (t) => {
  t.false(portsClash({ ...ingress, hostIp: '127.0.0.1' }, { ...ingress, hostIp: '127.0.0.2' }));
});
