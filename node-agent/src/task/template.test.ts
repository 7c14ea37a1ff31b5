import { emptyContainerSpec, emptyTaskSpec, type Task, TsoError } from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { taskNamed } from '../testing/agent-world.ts';
import { expandedSource, expandTemplate, isOurTemplate, withTemplates } from './template.ts';

const node = { hostname: 'host-b', platform: { os: 'linux', architecture: 'amd64' } };
const task = taskNamed('web', {
  id: 'task1',
  slot: 3,
  nodeId: 'node1',
  stack: 'shop',
  serviceId: 'service1',
  serviceName: 'web',
  serviceLabels: { tier: 'front', 'com.example.a': 'x' },
});

const expand = (text: string, of: Task = task): string => expandTemplate(text, of, node);

test('each field that SwarmKit has is filled in', (t) => {
  t.is(expand('{{.Service.Name}} {{.Service.ID}} {{.Service.Labels.tier}}'), 'shop_web service1 front');
  t.is(expand('{{.Node.ID}} {{.Node.Hostname}} {{.Node.Platform.OS}}/{{.Node.Platform.Architecture}}'), 'node1 host-b linux/amd64');
  t.is(expand('{{.Task.ID}} {{.Task.Name}} {{.Task.Slot}}'), 'task1 shop_web.3.task1 3');
  t.is(expand('{{index .Service.Labels "com.example.a"}}{{index .Service.Labels "none"}}'), 'x');
  t.is(expand('{{.Service.Labels}}'), 'map[com.example.a:x tier:front]');
});

test('the slot of a task that each node has one of is its node', (t) => {
  t.is(expand('{{.Task.Slot}} {{.Task.Name}}', { ...task, slot: 0 }), 'node1 shop_web.node1.task1');
});

test('dashes take blanks away, comments go, and texts keep braces', (t) => {
  t.is(expand('a  {{- .Task.Slot -}}  b {{/* nothing }} here */}}c'), 'a3b c');
  t.is(expand('a {{- /* }} */ -}} b'), 'ab');
  t.is(expand('{{"{{"}}.Task.Slot}} {{`}}`}}'), '{{.Task.Slot}} }}');
});

test('conditions, pipes, brackets and functions work as in Go', (t) => {
  t.is(expand('{{if eq .Task.Slot "1"}}first{{else if eq .Task.Slot "2" "3"}}second{{else}}other{{end}}'), 'second');
  t.is(expand('{{if and (ne .Task.Slot "1") (not false)}}yes{{end}}'), 'yes');
  t.is(expand('{{.Task.Slot | printf "%s-%q-%%" "a"}}'), 'a-"3"-%');
  t.is(expand('{{join "," "a" .Task.Slot}} {{len "ä"}} {{or "" "b"}} {{print 1 "x"}}'), 'a,3 2 b 1x');
});

test('what cannot be filled in is refused by name, with what there is', (t) => {
  const hinted = (text: string): string | undefined => {
    const error = t.throws(() => expand(text), { instanceOf: TsoError, code: 'INVALID_ARGUMENT' }, text);
    return `${error?.message}${error?.hint === undefined ? '' : ` (${error.hint})`}`;
  };
  t.is(
    hinted('{{.Task.Slott}}'),
    'the template {{.Task.Slott}} names .Task.Slott, which does not exist (There are .Task.ID, .Task.Name, .Task.Slot)',
  );
  t.regex(hinted('{{env "A"}}') ?? '', /calls env, which does not exist here/);
  t.regex(hinted('{{range .Service.Labels}}{{end}}') ?? '', /uses range, which is not supported/);
  t.regex(hinted('{{.Task.Slot') ?? '', /is not closed/);
  t.regex(hinted('{{if .Task.Slot}}a') ?? '', /has no end/);
  t.regex(hinted('a{{end}}') ?? '', /has no if/);
  t.regex(hinted('{{if true}}a{{end if}}') ?? '', /has if where its end should be/);
  t.regex(hinted('{{}}') ?? '', /is empty/);
  t.regex(hinted('{{.Task.Slot "a"}}') ?? '', /no function/);
  t.regex(hinted('{{$x := 1}}') ?? '', /has \$ in it/);
  t.regex(hinted('{{printf "%x" 1}}') ?? '', /printf "%x" 1.*does not know one of its verbs/);
});

test('a file takes in variables, secrets and configs by their names; what is not there is said without what is', (t) => {
  const functions = {
    env: (name: string) => (name === 'A' ? 'a' : undefined),
    secret: (name: string) => (name === 'key' ? 'hush' : undefined),
    config: (name: string) => (name === 'site' ? 'cfg' : undefined),
  };
  t.is(expandTemplate('{{env "A"}} {{secret "key"}} {{config "site"}}', task, node, functions), 'a hush cfg');
  t.throws(() => expandTemplate('{{secret "key"}}{{secret "other"}}', task, node, functions), {
    message: 'the template {{secret "other"}} cannot be filled in: there is no secret other',
  });
});

test('a result beyond the longest file is refused', (t) => {
  const functions = { env: () => undefined, secret: () => 'x'.repeat(400_000), config: () => undefined };
  for (const text of [
    '{{secret "a"}}{{secret "a"}}{{secret "a"}}',
    '{{len (print (secret "a") (secret "a") (secret "a"))}}',
    '{{len (printf "%s%s%s" (secret "a") (secret "a") (secret "a"))}}',
    '{{len (join (secret "a") "" "" "" "")}}',
  ])
    t.throws(
      () => expandTemplate(text, task, node, functions),
      { code: 'RESOURCE_EXHAUSTED', message: /more than 1048576 characters/ },
      text,
    );
  t.is(expandTemplate('{{len (join (secret "a") "b" "c")}}', task, node, functions), '400002');
});

test('a variable is a template only when it names the service, the node or the task', (t) => {
  t.true(isOurTemplate('N={{ .Node.Hostname }}'));
  t.true(isOurTemplate('N={{index .Service.Labels "a"}}'));
  for (const text of ['F={{.Names}}', 'F={{json .}}', 'F=$.Task.x {{a}}', 'F=.Node.Hostname']) t.false(isOurTemplate(text), text);
});

test('hostname and variables of a task are filled in, other braces stay', (t) => {
  const container = { ...emptyContainerSpec, hostname: 'web-{{.Task.Slot}}', env: ['ON={{.Node.Hostname}}', 'FORMAT={{.Names}}', 'A=1'] };
  const filled = withTemplates({ ...task, spec: { ...emptyTaskSpec, container } }, node).spec.container;
  t.is(filled.hostname, 'web-3');
  t.deepEqual(filled.env, ['ON=host-b', 'FORMAT={{.Names}}', 'A=1']);
  const plain = { ...task, spec: { ...emptyTaskSpec, container: { ...emptyContainerSpec, hostname: 'h', env: ['F={{.Names}}'] } } };
  t.is(withTemplates(plain, node), plain);
});

test('a hostname that comes to none, and a variable that cannot be filled in, are named', (t) => {
  const of = (change: Partial<typeof emptyContainerSpec>): Task => ({
    ...task,
    spec: { ...emptyTaskSpec, container: { ...emptyContainerSpec, ...change } },
  });
  t.throws(() => withTemplates(of({ hostname: '{{.Task.Name}}' }), node), { message: /hostname: \{\{\.Task\.Name\}\} comes to "shop_web/ });
  t.throws(() => withTemplates(of({ env: ['A={{.Task.Nome}}'] }), node), { message: /^environment A: the template/ });
  t.throws(() => expandedSource('a-{{.Task.Nome}}', task, node), { message: /^the source of a mount: / });
  t.is(expandedSource('/srv/{{.Node.Hostname}}/{{.Task.Slot}}', task, node), '/srv/host-b/3');
});

test('whatever the text, it is filled in or refused with a sentence', (t) => {
  const piece = fc.constantFrom(
    '{{',
    '}}',
    '-}}',
    '{{- ',
    '"',
    '`',
    '/*',
    '*/',
    '(',
    ')',
    '|',
    '.Task.Slot',
    'if ',
    'else',
    'end',
    ' ',
    'a',
    '\\',
    '.',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      try {
        return typeof expand(pieces.join('')) === 'string';
      } catch (error) {
        return error instanceof TsoError;
      }
    }),
    { numRuns: 2_000 },
  );
  t.pass();
});

test('a text without braces, and one with very many quotes or brackets, take no time worth mention', (t) => {
  t.is(expand('plain'), 'plain');
  for (const text of [`{{${'"'.repeat(100_001)}`, `{{${'('.repeat(100_000)}`, `{{${'/*'.repeat(50_000)}`])
    t.throws(() => expand(text), { instanceOf: TsoError });
});
