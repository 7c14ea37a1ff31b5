import test from 'ava';
import { loadedOf, placesOf, saidOf } from '../testing/memory-files.ts';
import { oneService, serviceOf, toldOf } from '../testing/spec-parts.ts';

test('hooks carry their command, user, folder, rights and variables, in the order of the file', (t) => {
  const hook = '{command: ./do.sh --now, user: "0", working_dir: /w, privileged: true, environment: [A=1, FROM_SHELL]}';
  const { container } = loadedOf(oneService(`post_start: [${hook}, {command: [two]}]\npre_stop: [{command: bye}]`), {
    env: { FROM_SHELL: 'yes' },
  }).spec.services[0]?.task ?? { container: undefined };
  t.deepEqual(container?.postStart, [
    { command: ['./do.sh', '--now'], user: '0', workingDir: '/w', privileged: true, env: ['A=1', 'FROM_SHELL=yes'], image: '' },
    { command: ['two'], user: '', workingDir: '', privileged: false, env: [], image: '' },
  ]);
  t.deepEqual(
    container?.preStop.map(({ command }) => command),
    [['bye']],
  );
});

test('a hook before the start may have an image of its own, and no command where that has one', (t) => {
  const { preStart } = serviceOf(oneService('pre_start: [{image: migrate:1}, {command: [sh, -c, x]}]')).task.container;
  t.deepEqual(
    preStart.map(({ image, command }) => [image, command]),
    [
      ['migrate:1', []],
      ['', ['sh', '-c', 'x']],
    ],
  );
});

test('a hook in the container needs a command, its folder is absolute, and a variable that is not set is told', (t) => {
  t.regex(toldOf(oneService('post_start: [{user: root}]')).join(), /E203 services.web.post_start\[0\] lacks the key 'command'/);
  const [folder] = saidOf(oneService('post_start: [{command: x, working_dir: app}]'));
  t.deepEqual(placesOf(oneService('working_dir: app')), ['4:18 E202'], 'nor is that of a service');
  t.like(folder, { code: 'E202', path: 'services.web.post_start[0].working_dir', hint: 'begin it with /' });
  t.regex(toldOf(oneService('pre_stop: [{command: x, environment: [GONE]}]')).join(), /W120 the variable GONE is not set/);
});

test('that a hook runs before each task is told where the file means once', (t) => {
  const told = (more: string, hook = ''): string => toldOf(oneService(`pre_start: [{command: x${hook}}]${more}`)).join();
  t.is(told(''), '');
  t.regex(told('\nscale: 2'), /W401 service web may have several tasks, and services.web.pre_start\[0\] runs before each of them/);
  t.regex(told('\ndeploy: {mode: global}'), /W401/);
  t.is(told('\nscale: 2', ', per_replica: true'), '');
});
