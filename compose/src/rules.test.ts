import test from 'ava';
import { saidOf } from './testing/memory-files.ts';

/** `a`, which says this, beside `b`, which says that. */
const pair = (a: string, b = 'init: true'): string => `services:\n  a:\n    image: i\n    ${a}\n  b:\n    image: i\n    ${b}\n`;
const first = (text: string) => {
  const [found] = saidOf(text);
  return [`${found?.line}:${found?.column}`, `${found?.code} ${found?.message}`, found?.hint];
};

test('a service that is not there is told at the key that names it, with those that are', (t) => {
  const told = (key: string) => `E301 service a depends on undefined service nope${key}`;
  t.deepEqual(first(pair('depends_on: [nope]')), ['4:18', told(''), 'the services are: b']);
  t.deepEqual(first(pair('network_mode: service:nope')), ['4:5', told(' (by its network_mode)'), 'the services are: b']);
  t.deepEqual(first(pair('links: [b, "nope:n"]')), ['4:16', told(' (by its links)'), 'the services are: b']);
  t.deepEqual(first(pair('pid: service:nope')), ['4:5', told(' (by its pid)'), 'the services are: b']);
  t.is(first('services: {database: {image: i}, web: {image: i, links: [databse]}}')[2], "did you mean 'database'?");
  const many = Array.from({ length: 30 }, (_, index) => `s${index}: {image: i}`).join(', ');
  t.regex(first(`services: {${many}, a: {image: i, links: [nothing]}}`)[2] ?? '', /^the services are: s0, .*, s19 and 10 more$/);
});

test('a circle is told at a key that makes it, with the keys that do', (t) => {
  const hint = 'remove one of these dependencies';
  t.deepEqual(first(pair('init: true', 'links: ["b:me"]')), ['7:13', 'E302 dependency cycle detected: b -> b (by links of b)', hint]);
  const both = pair('depends_on: [b]', 'network_mode: service:a');
  t.deepEqual(first(both), ['4:18', 'E302 dependency cycle detected: a -> b -> a (by depends_on of a, network_mode of b)', hint]);
  t.deepEqual(first(pair('depends_on: [b]', 'depends_on: [a]')), ['4:18', 'E302 dependency cycle detected: a -> b -> a', hint]);
});

test('an optional dependency does not excuse a link that needs the service', (t) => {
  const text = `${pair('depends_on: {c: {condition: service_started, required: false}}\n    links: [c]')}  c: {image: i, profiles: [extra]}\n`;
  const [place, message, hint] = first(text);
  t.deepEqual([place, message], ['5:13', 'E301 service a depends on inactive service c (by its links)']);
  t.is(hint, 'c is in profile extra: activate it with --profile, or take it out of links');
});
