import { TsoError } from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { applyChanges } from './dockerfile-changes.ts';
import { emptyConfig } from './image-config.ts';
import type { ImageConfig } from './types.ts';

const cases: readonly (readonly [title: string, lines: readonly string[], expected: Partial<ImageConfig>])[] = [
  ['CMD in JSON form', ['CMD ["/bin/sh","-c","a b"]'], { command: ['/bin/sh', '-c', 'a b'] }],
  ['CMD in shell form', ['cmd echo $A "b c"'], { command: ['/bin/sh', '-c', 'echo $A "b c"'] }],
  ['a CMD that only begins like JSON is a shell line', ['CMD [ -e /a ] && b'], { command: ['/bin/sh', '-c', '[ -e /a ] && b'] }],
  ['the last CMD counts', ['CMD a', 'CMD ["b"]'], { command: ['b'] }],
  ['an empty CMD clears', ['CMD a', 'CMD []'], { command: [] }],
  ['ENTRYPOINT', ['ENTRYPOINT ["/e", "x"]'], { entrypoint: ['/e', 'x'] }],
  [
    'ENV pairs, quoted values',
    ['ENV A=1 B="two words" C=three\\ words D=\'a"b\' E="a\\"b"'],
    { env: ['A=1', 'B=two words', 'C=three words', 'D=a"b', 'E=a"b'] },
  ],
  ['ENV in its old form takes the rest of the line', ['ENV A one two = three'], { env: ['A=one two = three'] }],
  ['a later ENV replaces in place', ['ENV A=1 B=2', 'ENV A=3'], { env: ['A=3', 'B=2'] }],
  ['ENV of an empty value', ['ENV A='], { env: ['A='] }],
  [
    'EXPOSE with protocols and ranges',
    ['EXPOSE 80 53/udp 8000-8002', 'EXPOSE 80/TCP'],
    { exposedPorts: ['80/tcp', '53/udp', '8000/tcp', '8001/tcp', '8002/tcp'] },
  ],
  ['USER', ['USER 1000:50'], { user: '1000:50' }],
  ['VOLUME as words and as JSON', ['VOLUME /a /b', 'VOLUME ["/b", "/c d"]'], { volumes: ['/a', '/b', '/c d'] }],
  ['WORKDIR is relative to the one before', ['WORKDIR /a/b', 'WORKDIR ../c/./d'], { workingDir: '/a/c/d' }],
  ['WORKDIR never climbs above the root', ['WORKDIR ../../x'], { workingDir: '/x' }],
  ['LABEL', ['LABEL a=b c="d e"', 'LABEL a=2'], { labels: { a: '2', c: 'd e' } }],
  ['STOPSIGNAL', ['STOPSIGNAL SIGQUIT'], { stopSignal: 'SIGQUIT' }],
  ['blank lines and comments', ['', '  ', '# CMD x'], {}],
];

for (const [title, lines, expected] of cases) {
  test(title, (t) => {
    t.deepEqual(applyChanges(emptyConfig, lines), { ...emptyConfig, ...expected });
  });
}

for (const line of [
  'RUN make',
  'FROM x',
  'CMD',
  'ENV',
  'ENV A',
  'ENV A=1 B',
  'LABEL "a=b',
  'EXPOSE 0',
  'EXPOSE 65536',
  'EXPOSE 5-3',
  'EXPOSE http',
  'USER a b',
  'WORKDIR',
  'COPY a b',
]) {
  test(`${JSON.stringify(line)} is refused, quoted`, (t) => {
    const error = t.throws(() => applyChanges(emptyConfig, [line]), { instanceOf: TsoError });
    t.is(error.code, 'INVALID_ARGUMENT');
    t.true(error.message.includes(JSON.stringify(line)));
  });
}

test('any line is applied or refused with INVALID_ARGUMENT', (t) => {
  const word = fc.constantFrom('CMD', 'ENV', 'LABEL', 'EXPOSE', 'VOLUME', 'WORKDIR', 'USER', 'STOPSIGNAL', 'ENTRYPOINT');
  fc.assert(
    fc.property(word, fc.string(), (instruction, rest) => {
      try {
        return applyChanges(emptyConfig, [`${instruction} ${rest}`]) !== undefined;
      } catch (error) {
        return error instanceof TsoError && error.code === 'INVALID_ARGUMENT';
      }
    }),
  );
  t.pass();
});
