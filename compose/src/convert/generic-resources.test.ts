import test from 'ava';
import { placesOf } from '../testing/memory-files.ts';
import { oneService, serviceOf, toldOf } from '../testing/spec-parts.ts';

const file = (list: string): string => oneService(`deploy: {resources: {reservations: {generic_resources: ${list}}}}`);
const one = (kind: string, value: string): string => `{discrete_resource_spec: {kind: ${kind}, value: ${value}}}`;

test('generic resources are reserved by kind and number, in the order of kinds', (t) => {
  t.deepEqual(serviceOf(file(`[${one('ssd', '1')}, ${one('gpu', '2')}]`)).task.generic, [
    { kind: 'gpu', count: 2, ids: [] },
    { kind: 'ssd', count: 1, ids: [] },
  ]);
  t.deepEqual(serviceOf(oneService('tty: true')).task.generic, []);
});

test('what is no resource, no number of it, or said twice is told at its line', (t) => {
  t.regex(toldOf(file(`[${one('"a b"', '1')}]`)).join(), /E202 "a b" is not the name of a generic resource/);
  t.regex(toldOf(file(`[${one('gpu', '0')}]`)).join(), /E202 0 is not a number of gpu/);
  t.regex(toldOf(file(`[${one('gpu', '1.5')}]`)).join(), /E202 1.5 is not a number of gpu/);
  t.regex(toldOf(file(`[${one('gpu', '1')}, ${one('gpu', '2')}]`)).join(), /E202 gpu is reserved twice/);
  t.regex(toldOf(file('[{}]')).join(), /E202 a generic resource needs a discrete_resource_spec/);
  t.is(placesOf(file(`[${one('gpu', '-1')}]`)).length, 1);
});
