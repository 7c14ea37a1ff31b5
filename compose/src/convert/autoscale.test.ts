import test from 'ava';
import { oneService, serviceOf, toldOf } from '../testing/spec-parts.ts';

const serviceWith = (value: string, rest = '', deploy = ''): string => oneService(`deploy: {x-tso-autoscale: ${value}${deploy}}\n${rest}`);
const autoscaleOf = (value: string, rest = '', deploy = '') => serviceOf(serviceWith(value, rest, deploy)).autoscale;
const told = (value: string, rest = '', deploy = ''): string => toldOf(serviceWith(value, rest, deploy)).join('\n');

test('bounds and a target are enough, and the rest is as it is unless said', (t) => {
  t.deepEqual(autoscaleOf('{max: 5, cpu: 70}'), { min: 1, max: 5, cpuPercent: 70, memoryPercent: 0, coolDownMs: 300_000 });
  t.deepEqual(autoscaleOf('{min: "2", max: 5, cpu: "70%", memory: 80 %, cool_down: 90s}', 'mem_limit: 64m'), {
    min: 2,
    max: 5,
    cpuPercent: 70,
    memoryPercent: 80,
    coolDownMs: 90_000,
  });
  t.is(autoscaleOf('null'), undefined);
  t.is(serviceOf(oneService('')).autoscale, undefined);
});

test('memory is a part of what is reserved, or of the limit', (t) => {
  t.is(told('{max: 5, memory: 70}', 'mem_limit: 64m'), '');
  t.is(told('{max: 5, memory: 70}', '', ', resources: {reservations: {memory: 64m}}'), '');
  t.regex(
    told('{max: 5, memory: 70}'),
    /^E303 service web: memory is 70 % of what a task has reserved, or of its limit, and it has neither$/,
  );
});

test('what makes no sense is refused where it stands', (t) => {
  t.is(told('5'), 'E202 x-tso-autoscale must be a map, but is 5');
  t.is(told('{max: 5}'), 'E202 service web: x-tso-autoscale says neither cpu nor memory, and so no load to follow');
  t.is(told('{cpu: 70}'), 'E202 service web: x-tso-autoscale needs max, the most tasks that there may be');
  t.is(told('{min: 5, max: 2, cpu: 70}'), 'E303 service web: max 2 is below min 5');
  t.is(told('{min: 0, max: 2, cpu: 70}'), 'E202 0 is not a number of tasks');
  for (const max of ['-1', '1.5', 'many', '10001', '[1]']) t.regex(told(`{max: ${max}, cpu: 70}`), /^E202 .* is not a number of tasks$/);
  for (const cpu of ['0', '-1', 'half', '1001', '70.5', '"70 percent"'])
    t.regex(told(`{max: 5, cpu: ${cpu}}`), /^E202 .* is not a part of what a task has reserved$/);
  for (const time of ['soon', '1s', '25h', '300'])
    t.regex(told(`{max: 5, cpu: 70, cool_down: ${time}}`), /^E202 .* is not a time to cool down$/);
  t.is(told('{max: 5, cpus: 70}'), 'E202 cpus is nothing that x-tso-autoscale has');
});

test('what cannot go with a number that changes by itself is refused', (t) => {
  t.regex(told('{max: 5, cpu: 70}', '', ', mode: global'), /^E303 service web is global: it has one task on every node, and no number/);
  t.regex(told('{max: 5, cpu: 70}', '', ', mode: replicated-job'), /^E303 service web is a job: its tasks end by themselves/);
  t.regex(
    told('{max: 5, cpu: 70}', 'container_name: web'),
    /^E303 service web can have 5 tasks, and container_name is the name of one container/m,
  );
  t.is(told('{min: 2, max: 5, cpu: 70}', '', ', replicas: 1'), 'E303 service web is to begin with 1 tasks, and to have 2 to 5');
  t.is(told('{min: 2, max: 5, cpu: 70}', '', ', replicas: 3'), '');
  t.is(told('{min: 2, max: 5, cpu: 70}'), '');
});
