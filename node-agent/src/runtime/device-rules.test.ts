import test from 'ava';
import { deviceRule } from './device-rules.ts';

test('a rule of the kernel is read, a star being every number', (t) => {
  t.deepEqual(deviceRule('c 1:3 rwm'), { allow: true, type: 'c', major: 1, minor: 3, access: 'rwm' });
  t.deepEqual(deviceRule('b 8:* mr'), { allow: true, type: 'b', major: 8, access: 'mr' });
  t.deepEqual(deviceRule(' a *:* w '), { allow: true, type: 'a', access: 'w' });
});

test('what is no rule is refused with how one is written', (t) => {
  for (const text of ['', 'c 1:3', 'd 1:3 r', 'c 1 r', 'c 1:3 x', 'c 1:3 rr', 'c -1:3 r', 'c 1:3 rwm r', 'c 1:3\nb 1:1 r'])
    t.throws(() => deviceRule(text), { code: 'INVALID_ARGUMENT' }, text);
  t.throws(() => deviceRule('c 4096:0 r'), { message: /no major number above 4095/ });
});

test('all devices are never meant by a rule that names one', (t) => {
  t.throws(() => deviceRule('a 1:3 rwm'), { message: /would mean all devices/ });
});
