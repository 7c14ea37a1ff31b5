import { parseConstraint } from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { labelKeyProblem, labelsProblem, maxLabels, withLabels } from './label-rules.ts';

const verdict = (...args: Parameters<typeof labelsProblem>): string => labelsProblem(...args)?.sentence ?? 'accepted';

test('a key is what a constraint can name', (t) => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-z0-9._/-]{1,20}$/)), (key) => {
      const constraint = parseConstraint(`node.labels.${key}==x`);
      return labelKeyProblem(key) !== undefined || (typeof constraint !== 'string' && constraint.key === `node.labels.${key}`);
    }),
  );
  for (const key of ['disk', 'com.example/zone', 'a', 'Rack_7']) t.is(labelKeyProblem(key), undefined, key);
  for (const key of ['', ' ', 'a b', 'a=b', '-a', 'a.', 'ä', 'x'.repeat(129)]) t.is(labelKeyProblem(key)?.code, 'INVALID_ARGUMENT', key);
});

test('what cannot be done says why', (t) => {
  t.is(verdict({}, { disk: 'ssd' }, []), 'accepted');
  t.is(verdict({ a: '1', b: '' }, {}, ['c']), 'there is no label c to remove. There are a, b');
  t.is(verdict({}, {}, ['toString']), 'there is no label toString to remove. It has none');
  t.is(verdict({ a: '1' }, { a: '2' }, ['a']), 'label a is to be set and to be removed. Ask for one of the two');
  t.regex(verdict({}, { a: 'x\n' }, []), /control characters/);
  t.regex(verdict({}, { a: 'x'.repeat(1_025) }, []), /may have 1024/);
});

test('there is a limit, and what is removed makes room', (t) => {
  const full = Object.fromEntries(Array.from({ length: maxLabels }, (_, index) => [`k${index}`, '']));
  t.regex(verdict(full, { more: '' }, []), /101 labels are more than the 100/);
  t.is(verdict(full, { more: '' }, ['k1']), 'accepted');
  t.is(verdict(full, { k1: 'other' }, []), 'accepted');
});

test('labels are set and removed, and come in the order of their keys', (t) => {
  t.deepEqual(Object.entries(withLabels({ b: '1', c: '2' }, { a: '3', c: '4' }, ['b'])), [
    ['a', '3'],
    ['c', '4'],
  ]);
});
