import { TsoError } from '@tso/proto';
import test from 'ava';
import { seccompFromProfile } from './seccomp.ts';

const facts = { architecture: 'amd64', kernel: { major: 5, minor: 10 }, capabilities: ['CAP_CHOWN', 'CAP_SYS_CHROOT'] };
const rule = (name: string, more: object = {}): object => ({
  names: [name],
  action: 'SCMP_ACT_ALLOW',
  args: [],
  comment: '',
  includes: {},
  excludes: {},
  ...more,
});
const names = (syscalls: readonly object[], given = facts): readonly string[] =>
  seccompFromProfile(JSON.stringify({ defaultAction: 'SCMP_ACT_ERRNO', syscalls }), given).syscalls.flatMap((entry) => entry.names);

test('a rule without conditions always holds', (t) => {
  t.deepEqual(names([rule('read')]), ['read']);
});

test('a rule that includes a capability holds only with it, one that excludes it only without', (t) => {
  const rules = [
    rule('chroot', { includes: { caps: ['CAP_SYS_CHROOT'] } }),
    rule('mount', { includes: { caps: ['CAP_SYS_ADMIN'] } }),
    rule('a', { excludes: { caps: ['CAP_SYS_CHROOT'] } }),
    rule('b', { excludes: { caps: ['CAP_SYS_ADMIN'] } }),
    rule('both', { includes: { caps: ['CAP_CHOWN', 'CAP_SYS_ADMIN'] } }),
  ];
  t.deepEqual(names(rules), ['chroot', 'b']);
});

test('rules for other architectures and newer kernels are left out', (t) => {
  const rules = [
    rule('arm', { includes: { arches: ['arm', 'arm64'] } }),
    rule('x86', { includes: { arches: ['amd64', 'x32'] } }),
    rule('notX86', { excludes: { arches: ['amd64'] } }),
    rule('new', { includes: { minKernel: '5.11' } }),
    rule('old', { includes: { minKernel: '4.8' } }),
    rule('same', { includes: { minKernel: '5.10' } }),
  ];
  t.deepEqual(names(rules), ['x86', 'old', 'same']);
  t.deepEqual(names(rules, { ...facts, architecture: 'arm64' }), ['arm', 'notX86', 'old', 'same']);
});

test('arguments, error numbers and the default error number are kept, empty arguments are not', (t) => {
  const args = [{ index: 0, value: 8, valueTwo: 0, op: 'SCMP_CMP_EQ' }];
  const made = seccompFromProfile(
    JSON.stringify({
      defaultAction: 'SCMP_ACT_ERRNO',
      defaultErrnoRet: 38,
      syscalls: [rule('personality', { args, errnoRet: 1 }), rule('socket', { args: null })],
    }),
    facts,
  );
  t.is(made.defaultErrnoRet, 38);
  t.deepEqual(made.syscalls, [
    { names: ['personality'], action: 'SCMP_ACT_ALLOW', errnoRet: 1, args },
    { names: ['socket'], action: 'SCMP_ACT_ALLOW' },
  ]);
});

test('the architecture map gives this machine and what it can run beside', (t) => {
  const archMap = [
    { architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86', 'SCMP_ARCH_X32'] },
    { architecture: 'SCMP_ARCH_AARCH64', subArchitectures: ['SCMP_ARCH_ARM'] },
  ];
  const text = JSON.stringify({ defaultAction: 'SCMP_ACT_ERRNO', archMap });
  t.deepEqual(seccompFromProfile(text, facts).architectures, ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32']);
  t.deepEqual(seccompFromProfile(text, { ...facts, architecture: 'arm64' }).architectures, ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM']);
});

test('a profile that lists plain architectures and single names is understood', (t) => {
  const text = JSON.stringify({
    defaultAction: 'SCMP_ACT_ALLOW',
    architectures: ['SCMP_ARCH_X86_64'],
    syscalls: [{ name: 'ptrace', action: 'SCMP_ACT_ERRNO' }],
  });
  t.deepEqual(seccompFromProfile(text, facts), {
    defaultAction: 'SCMP_ACT_ALLOW',
    architectures: ['SCMP_ARCH_X86_64'],
    syscalls: [{ names: ['ptrace'], action: 'SCMP_ACT_ERRNO' }],
  });
});

test('what is not a profile is refused with a sentence', (t) => {
  for (const text of ['{', '[]', '{}', '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"action":"x"}]}']) {
    t.is(t.throws(() => seccompFromProfile(text, facts), { instanceOf: TsoError }).code, 'INVALID_ARGUMENT');
  }
});
