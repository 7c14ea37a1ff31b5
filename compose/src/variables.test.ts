import test from 'ava';
import { variablesOf } from './variables.ts';

test('variables are found in every value but in no key, with what takes their place', (t) => {
  t.deepEqual(variablesOf({ $KEY: ['$A', { b: '${B:-x}' }, 7, null, true], c: '${C:?say it}${D+y}' }), [
    { name: 'A', required: false, defaultValue: '', alternateValue: '' },
    { name: 'B', required: false, defaultValue: 'x', alternateValue: '' },
    { name: 'C', required: true, defaultValue: '', alternateValue: '' },
    { name: 'D', required: false, defaultValue: '', alternateValue: 'y' },
  ]);
});

test('what is asked for several times is told once: required by one is required, and the first default counts', (t) => {
  t.deepEqual(variablesOf(['$A', '${A:-one}', '${A-two}', '${A?}']), [
    { name: 'A', required: true, defaultValue: 'one', alternateValue: '' },
  ]);
});

test('defaults are looked into, texts of errors and escaped dollar signs are not', (t) => {
  t.deepEqual(
    variablesOf('${A:-${B-$C}} $$D ${E:?$F}').map(({ name }) => name),
    ['A', 'B', 'C', 'E'],
  );
});

test('a text that cannot be read ends the search in it, and in nothing else', (t) => {
  t.deepEqual(
    variablesOf(['$A ${', '${1}', '$1 $B', '$']).map(({ name }) => name),
    ['A', 'B'],
  );
});
