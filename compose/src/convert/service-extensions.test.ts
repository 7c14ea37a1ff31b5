import test from 'ava';
import { extensions } from '../attributes/extensions.ts';
import { saidOf } from '../testing/memory-files.ts';
import { oneService, serviceOf, toldOf } from '../testing/spec-parts.ts';

test('x-tso-ingress: local holds for all ingress ports of a service, or for one', (t) => {
  const locals = (service: string) => serviceOf(oneService(service)).ports.map(({ onlyLocal }) => onlyLocal);
  t.deepEqual(locals('ports: ["80:80", {target: 81, mode: host}]\nx-tso-ingress: local'), [true, false]);
  t.deepEqual(locals('ports: ["80:80", {target: 81, published: "81", x-tso-ingress: local}]'), [false, true]);
});

test('x-tso-affinity and x-tso-drain are said once a service', (t) => {
  const { affinity, drainMs } = serviceOf(oneService('x-tso-affinity: true\nx-tso-drain: 5s'));
  t.deepEqual([affinity, drainMs], [true, 5000]);
  const plain = serviceOf(oneService('tty: true'));
  t.deepEqual([plain.affinity, plain.drainMs], [false, undefined]);
  t.is(serviceOf(oneService('x-tso-drain: 0')).drainMs, 0);
  t.true(serviceOf(oneService('x-tso-affinity: "true"')).affinity);
});

test('values that mean nothing are refused, and keys without effect are told', (t) => {
  const told = (service: string) => toldOf(oneService(service)).join();
  t.regex(told('x-tso-ingress: locl\nports: ["80:80"]'), /E202 "locl" is not a kind of ingress/);
  t.regex(told('x-tso-affinity: perhaps'), /E202 "perhaps" is neither true nor false/);
  for (const value of ['soon', '5', '-5s', '61m', '[1s]']) t.regex(told(`x-tso-drain: ${value}`), /E202 .* is not a time to drain/, value);
  t.regex(told('x-tso-ingress: local'), /W400 .*publishes no ingress port/);
  t.regex(told('ports: [{target: 81, mode: host, x-tso-ingress: local}]'), /W400/);
  t.regex(told('x-tso-affinity: true\ndeploy: {endpoint_mode: dnsrr}'), /E303 .*needs a virtual address/);
  t.is(saidOf(oneService('x-tso-drian: 5s'))[0]?.hint, "did you mean 'x-tso-drain'?");
  t.regex(told('ports: [{target: 81, published: "81", x-tso-affinity: true}]'), /W400 x-tso-affinity means nothing here/);
});

test('a key of ours that is left empty says nothing', (t) => {
  const plain = serviceOf(oneService('tty: true'));
  for (const { key, at } of extensions) if (at.includes('services.*')) t.deepEqual(serviceOf(oneService(`tty: true\n${key}:`)), plain, key);
});
