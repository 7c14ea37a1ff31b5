import test from 'ava';
import { parseDeviceRule } from './device-rule.ts';

test('a rule of the kernel is read, a star being every number', (t) => {
  t.deepEqual(parseDeviceRule('c 1:3 rwm'), { type: 'c', major: 1, minor: 3, access: 'rwm' });
  t.deepEqual(parseDeviceRule('b 8:* mr'), { type: 'b', major: 8, access: 'mr' });
  t.deepEqual(parseDeviceRule('a *:* w'), { type: 'a', access: 'w' });
});

test('what is no rule says why', (t) => {
  for (const text of ['', 'c 1:3', 'd 1:3 r', 'c 1 r', 'c 1:3 x', 'c 1:3 rr', 'c -1:3 r', 'c 1:3 rwm r', 'c 1:3\nb 1:1 r', ' c 1:3 r'])
    t.is(parseDeviceRule(text), 'is not a rule for devices', text);
  t.is(parseDeviceRule('c 4096:0 r'), 'names no device: there is no major number above 4095');
  t.is(parseDeviceRule('b 8:1048576 r'), 'names no device: there is no minor number above 1048575');
});

test('all devices are never meant by a rule that names one', (t) => {
  for (const text of ['a 1:3 rwm', 'a 7:* r', 'a *:1 r'])
    t.is(parseDeviceRule(text), 'would mean all devices: the type a takes no numbers');
});
