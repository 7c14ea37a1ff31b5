import { TsoError } from '@tso/proto';
import test from 'ava';
import { seccompFromProfile, withoutXdpSockets } from './seccomp.ts';

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

interface Condition {
  readonly index: number;
  readonly value: number;
  readonly op: string;
}

const holds = ({ index, value, op }: Condition, args: readonly number[]): boolean => {
  const given = args[index] ?? 0;
  if (op === 'SCMP_CMP_EQ') return given === value;
  if (op === 'SCMP_CMP_NE') return given !== value;
  if (op === 'SCMP_CMP_LT') return given < value;
  return op === 'SCMP_CMP_GT' && given > value;
};

test('sockets that pass by the rules of packets are refused, every other as the profile says', (t) => {
  const families = [
    undefined,
    { op: 'SCMP_CMP_NE', value: 16 },
    { op: 'SCMP_CMP_EQ', value: 2 },
    { op: 'SCMP_CMP_EQ', value: 44 },
  ] as const;
  for (const family of families) {
    const args = [
      ...(family === undefined ? [] : [{ index: 0, valueTwo: 0, ...family }]),
      { index: 2, value: 9, valueTwo: 0, op: 'SCMP_CMP_NE' },
    ];
    const before = seccompFromProfile(
      JSON.stringify({ defaultAction: 'SCMP_ACT_ERRNO', syscalls: [{ ...rule('socket', { args }), names: ['bind', 'socket'] }] }),
      facts,
    );
    const after = withoutXdpSockets(before);
    // A rule asks an argument once: twice would be two alternatives to the runtime.
    for (const one of after.syscalls) t.is(new Set(one.args?.map(({ index }) => index)).size, one.args?.length ?? 0);
    const allowed = (syscalls: typeof before.syscalls, name: string, ...values: readonly number[]): boolean =>
      syscalls.some(
        (one) => one.action === 'SCMP_ACT_ALLOW' && one.names.includes(name) && (one.args ?? []).every((arg) => holds(arg, values)),
      );
    for (let socket = 0; socket < 64; socket += 1) {
      for (const protocol of [0, 9])
        t.is(
          allowed(after.syscalls, 'socket', socket, 3, protocol),
          socket !== 44 && allowed(before.syscalls, 'socket', socket, 3, protocol),
        );
    }
    t.false(allowed(after.syscalls, 'socket', 2 ** 32 + 44, 3, 0), 'of which the kernel reads the lower half');
    t.is(allowed(after.syscalls, 'bind', 2, 0, 0), allowed(before.syscalls, 'bind', 2, 0, 0));
    t.deepEqual(after.syscalls.at(-1)?.errnoRet, 97);
  }
});

test('a rule without conditions keeps its other calls', (t) => {
  const plain = seccompFromProfile(
    JSON.stringify({ defaultAction: 'SCMP_ACT_ERRNO', syscalls: [{ ...rule('socket'), names: ['read', 'socket'] }] }),
    facts,
  );
  t.deepEqual(
    withoutXdpSockets(plain).syscalls.map(({ names: calls, args = [] }) =>
      [...calls, ...args.map(({ op, value }) => `${op} ${value}`)].join(' '),
    ),
    ['read', 'socket SCMP_CMP_LT 44', ...Array.from({ length: 19 }, (_, at) => `socket SCMP_CMP_EQ ${45 + at}`), 'socket SCMP_CMP_EQ 44'],
  );
});
