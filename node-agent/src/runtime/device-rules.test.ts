import test from 'ava';
import { deviceRule } from './device-rules.ts';

test('a rule is what the runtime is to allow', (t) => {
  t.deepEqual(deviceRule('c 1:3 rwm'), { allow: true, type: 'c', major: 1, minor: 3, access: 'rwm' });
});

test('what is no rule is refused with how one is written', (t) => {
  t.throws(() => deviceRule('a 1:3 rwm'), {
    code: 'INVALID_ARGUMENT',
    message: 'device_cgroup_rules "a 1:3 rwm" would mean all devices: the type a takes no numbers',
  });
});
