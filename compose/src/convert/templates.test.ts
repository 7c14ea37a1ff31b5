import test from 'ava';
import { oneService, serviceOf, toldOf } from '../testing/spec-parts.ts';
import { hasTemplate } from './templates.ts';

const told = (service: string): string => toldOf(oneService(service)).join('\n');

test('templates in hostname, variables and sources of mounts are passed on as they are', (t) => {
  const { container } = serviceOf(
    oneService(
      [
        'hostname: "{{.Service.Name}}-{{.Task.Slot}}.{{.Node.Hostname}}"',
        'environment: {WHERE: "{{ .Node.Platform.OS }}", TIER: "{{index .Service.Labels \\"tier\\"}}"}',
        'volumes: ["/data/{{.Task.Slot}}:/data"]',
      ].join('\n'),
    ),
  ).task;
  t.is(container.hostname, '{{.Service.Name}}-{{.Task.Slot}}.{{.Node.Hostname}}');
  t.deepEqual(container.env, ['TIER={{index .Service.Labels "tier"}}', 'WHERE={{ .Node.Platform.OS }}']);
  t.is(container.mounts[0]?.source, '/data/{{.Task.Slot}}');
});

test('a field that no task has is told, with the one that was meant', (t) => {
  t.is(told('hostname: "{{.Task.Slt}}"'), 'E202 a task has no .Task.Slt that {{.Task.Slt}} could take in');
  t.regex(told('environment: ["A={{.Node.Name}}"]'), /E202 a task has no .Node.Name/);
  t.regex(told('volumes: ["/x/{{.Service.Slot}}:/x"]'), /E202/);
  t.regex(told('hostname: "{{.Task.Slot"'), /E202 the template in the hostname {{.Task.Slot has no end/);
  t.regex(told('hostname: "{{.Hostname}}"'), /E202 the hostname {{.Hostname}} takes in nothing of a task/);
});

test('each task may have a volume and an image of its own', (t) => {
  const text = oneService(
    'volumes: ["data:/data", {type: image, source: "tools:{{.Node.Platform.Architecture}}", target: /t}]',
    'volumes: {data: {name: "data-{{.Task.Slot}}"}}\n',
  );
  t.deepEqual(
    serviceOf(text).task.container.mounts.map(({ source }) => source),
    ['data-{{.Task.Slot}}', 'tools:{{.Node.Platform.Architecture}}'],
  );
  t.regex(toldOf(text.replace('.Task.Slot', '.Task.Place')).join(), /E202 a task has no .Task.Place/);
  t.regex(toldOf(text.replace('.Platform.Arch', '.Platform.Bits.Arch')).join(), /E202/);
});

test('templates of other programs are none of ours', (t) => {
  t.is(told('environment: {FORMAT: "{{.Names}}", RULE: "{{ range . }}x{{ end }}"}'), '');
  t.false(hasTemplate('{{ .Values.x }}'));
  t.true(hasTemplate('a-{{.Task.ID}}'));
});
