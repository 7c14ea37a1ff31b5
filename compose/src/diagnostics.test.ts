import test from 'ava';
import { didYouMean, editDistance, Report, renderDiagnostic } from './diagnostics.ts';

const at = { file: 'stack.yml', line: 2, column: 3, length: 5 };

test('a message shows its place, the line, a caret as long as the word, and the hint', (t) => {
  const report = new Report();
  report.addSource('stack.yml', 'web:\n  imgae: x\n');
  report.add('E200', at, ['services', 'web', 'imgae'], "unknown key 'imgae'", { hint: "did you mean 'image'?" });
  const [only] = report.all();
  t.truthy(only);
  if (only === undefined) return;
  t.is(
    renderDiagnostic(only, { color: false }),
    ["stack.yml:2:3: error E200: unknown key 'imgae'", ' 2 |   imgae: x', '   |   ^^^^^', " hint: did you mean 'image'?"].join('\n'),
  );
  t.true(renderDiagnostic(only, { color: true }).includes('\u001b[1;31merror E200'));
});

test('control characters of a file do not reach the terminal', (t) => {
  const report = new Report();
  report.addSource('f', 'a\u001b[31m');
  report.add('E200', { file: 'f', line: 1, column: 1, length: 1 }, [], 'bad \u001b]0;x');
  const [only] = report.all();
  t.false(only === undefined || renderDiagnostic(only, { color: false }).includes('\u001b'));
});

test('errors come before warnings, each in the order of files and lines, and none twice', (t) => {
  const report = new Report();
  report.addSource('a', '');
  report.addSource('b', '');
  const place = (file: string, line: number) => ({ file, line, column: 1, length: 1 });
  report.add('W400', place('a', 1), [], 'w');
  report.add('E200', place('b', 1), [], 'x');
  report.add('E200', place('a', 9), [], 'y');
  report.add('E201', place('a', 3), [], 'z');
  report.add('E201', place('a', 3), [], 'z');
  t.deepEqual(
    report.all().map((found) => found.message),
    ['z', 'y', 'x', 'w'],
  );
});

test('the nearest known word is offered, and none when all are far', (t) => {
  t.is(didYouMean('imgae', ['image', 'init']), 'image');
  t.is(didYouMean('dependsOn', ['depends_on', 'dns']), 'depends_on');
  t.is(didYouMean('banana', ['image', 'init']), undefined);
  t.is(editDistance('ab', 'ba'), 1);
});

test('the word that begins or ends with what was said is meant, where there is one', (t) => {
  const conditions = ['service_started', 'service_healthy', 'service_completed_successfully'];
  t.is(didYouMean('healthy', conditions), 'service_healthy');
  t.is(didYouMean('service', conditions), undefined);
  t.is(didYouMean('health', ['healthcheck', 'image']), 'healthcheck');
});

test('what a family of words has in common makes none of them near', (t) => {
  t.is(didYouMean('SIGFOO', ['SIGIOT', 'SIGTERM']), undefined);
  t.is(didYouMean('SIGTREM', ['SIGIOT', 'SIGTERM']), 'SIGTERM');
  t.is(didYouMean('SIGTRM', ['SIGIOT', 'SIGTERM']), 'SIGTERM');
  t.is(didYouMean('SYS_FOO', ['SYS_BOOT']), undefined);
  t.is(didYouMean('NET_ADMN', ['NET_ADMIN', 'NET_RAW']), 'NET_ADMIN');
});

test('of a very long line the part around the place is shown, the caret under it', (t) => {
  const report = new Report();
  report.addSource('f', `first\n${'x'.repeat(5000)}here${'y'.repeat(5000)}\nlast`);
  report.add('E200', { file: 'f', line: 2, column: 5001, length: 4 }, [], 'bad');
  const [only] = report.all();
  t.truthy(only);
  if (only === undefined) return;
  const [, source = '', caret = ''] = renderDiagnostic(only, { color: false }).split('\n');
  t.true(source.length < 300);
  t.is(source.slice(caret.indexOf('^'), caret.lastIndexOf('^') + 1), 'here');
});

test('of thousands of messages the first are told, and how many more there are', (t) => {
  const report = new Report();
  report.addSource('f', 'x\n'.repeat(3000));
  for (let line = 3000; line >= 1; line--) report.add('E200', { file: 'f', line, column: 1, length: 1 }, [], 'm'.repeat(5000));
  const all = report.all();
  t.is(all.length, 1001);
  t.deepEqual([all[0]?.line, all[999]?.line], [1, 1000]);
  t.deepEqual([all[1000]?.code, all[1000]?.message], ['E190', '2000 more are not shown']);
  t.true((all[0]?.message.length ?? 0) < 1100);
});

test('of many slips among many names the first are helped, a name of any length is passed over', (t) => {
  const names = Array.from({ length: 2000 }, (_, index) => `service-number-${index}`);
  const report = new Report();
  const hints = Array.from({ length: 500 }, (_, index) => report.meantHint(`service-nunber-${index}`, () => names));
  t.is(hints[0], "did you mean 'service-number-0'?");
  t.is(hints.at(-1), undefined);
  t.is(didYouMean('service', ['s'.repeat(1_000_000), 'servise']), 'servise');
  t.is(didYouMean('a-b-c-d-e-f', ['abcdef']), 'abcdef');
});
