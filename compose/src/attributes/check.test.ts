import test from 'ava';
import { type LoadOptions, loadModelFrom } from '../load.ts';
import { memoryFiles, placesOf, saidOf } from '../testing/memory-files.ts';
import { oneService } from '../testing/spec-parts.ts';

const told = (text: string): readonly string[] => saidOf(text).map(({ code, path, hint }) => `${code} ${path}: ${hint}`);

test('what does not act is told where it stands, with the reason and what to do instead', (t) => {
  const [said] = saidOf(oneService('ports:\n  - {target: 80, app_protocol: http}'));
  t.like(said, { code: 'W400', line: 5, column: 22, path: 'services.web.ports[0].app_protocol', hint: 'remove it' });
  t.regex(said?.message ?? '', /^app_protocol has no effect \(.*\): connections are passed on as they are/);
  t.like(saidOf(oneService('storage_opt: {size: 1g}'))[0], { code: 'E400', line: 4, column: 5 });
});

test('a key that the specification does not have is told once, at the top too', (t) => {
  t.deepEqual(told(oneService('tty: true', 'volums: {a: {}}\n')), ["E200 volums: did you mean 'volumes'?"]);
  t.deepEqual(told(oneService('condition: {a: 1}')), ['E200 services.web.condition: keys of your own start with x-']);
});

test('what is below something that does not act is not told of again', (t) => {
  t.deepEqual(told(oneService('gpus: [{driver: x, count: 1}]')).length, 1);
  t.deepEqual(told(oneService('develop: {watch: [{path: /x, action: rebuild}]}')).length, 1);
});

test('what asks for nothing is not told of', (t) => {
  t.deepEqual(placesOf(oneService('isolation: ""\nuse_api_socket: false\ngpus: []\nstorage_opt: {}\nattach: true')), []);
  t.deepEqual(placesOf(oneService('attach: false')), ['4:5 W400']);
});

test('words that are the user’s own are no attributes', (t) => {
  t.deepEqual(placesOf(oneService('environment: {gpus: all}\nlabels: {x-tso-drian: y}\nx-mine: {gpus: all}')), []);
});

test('a service may have a name that begins with x-, and is looked at like any other', (t) => {
  t.deepEqual(told('services: {x-web: {image: i, gpus: all}}').length, 1);
});

const modelResult = (text: string, options: Partial<LoadOptions>) =>
  loadModelFrom({ files: [], cwd: '/project', env: {}, ...options }, memoryFiles({ '/project/compose.yaml': text }));

const modelFindings = (text: string, options: Partial<LoadOptions>) => {
  const result = modelResult(text, options);
  return result.ok ? result.warnings : result.diagnostics;
};

const modelSaid = (text: string, strict: boolean) => {
  const result = modelResult(text, { strict });
  return { ok: result.ok, said: (result.ok ? result.warnings : result.diagnostics).map(({ severity, code }) => `${severity} ${code}`) };
};

test('a model that is only shown says as a warning what up would refuse, and with strict refuses it too', (t) => {
  t.deepEqual(modelSaid(oneService('gpus: all'), false), { ok: true, said: ['warning W402'] });
  t.deepEqual(modelSaid(oneService('gpus: all'), true), { ok: false, said: ['error W402'] });
  t.deepEqual(modelSaid(oneService('dns: 127.0.0.1'), false), { ok: true, said: ['warning W401'] });
  const unset = 'secrets: {key: {environment: UNSET}}\nnetworks: {default: {driver: weave}}';
  t.deepEqual(modelSaid(oneService('secrets: [key]', unset), false), { ok: true, said: ['warning W402', 'warning W402'] });
  const [first] = modelFindings(oneService('secrets: [key]', unset), {});
  t.like(first, { line: 5, path: 'secrets.key.environment' });
  t.regex(first?.message ?? '', /^tso up refuses this: the variable UNSET/);
});

test('what no service uses is looked at where it is shown', (t) => {
  const text = oneService('tty: true', 'networks: {unused: {driver: weave}}');
  t.deepEqual(modelFindings(text, {}), []);
  t.like(modelFindings(text, { allResources: true })[0], { code: 'W402', path: 'networks.unused.driver' });
});

test('with a step left out a model is not asked what up would make of it', (t) => {
  const text = oneService('volumes: ["./data:/data"]\ndns: 127.0.0.1');
  for (const option of ['interpolate', 'normalize', 'resolvePaths', 'checkConsistency', 'resolveEnvironment'])
    t.deepEqual(modelFindings(text, { [option]: false }), [], option);
  t.is(modelFindings(text, {}).length, 1);
});

test('with strict every warning about the files is an error', (t) => {
  for (const line of ['isolation: hyperv', 'hostname: $UNSET', 'dns: 127.0.0.1', 'x-tso-nothing: 1']) {
    t.deepEqual(
      saidOf(oneService(line)).map(({ severity }) => severity),
      ['warning'],
      line,
    );
    t.deepEqual(
      saidOf(oneService(line), { strict: true }).map(({ severity }) => severity),
      ['error'],
      line,
    );
  }
  t.deepEqual(saidOf(oneService('tty: true'), { strict: true }), []);
});
