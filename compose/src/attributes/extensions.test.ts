import test from 'ava';
import { saidOf, specOf } from '../testing/memory-files.ts';
import { oneService } from '../testing/spec-parts.ts';
import { extensions, extensionsAt, isOurs } from './extensions.ts';

/** By key and place, a file without the key; `KEY` is where it stands. */
const files: Readonly<Record<string, readonly [text: string, value: string]>> = {
  'x-tso-affinity services.*': [oneService('KEY'), 'true'],
  'x-tso-autoscale services.*.deploy': [oneService('deploy: {labels: {a: b}, KEY}'), '{max: 5, cpu: 70%}'],
  'x-tso-drain services.*': [oneService('KEY'), '5s'],
  'x-tso-ingress services.*': [oneService('ports: ["80:80"]\nKEY'), 'local'],
  'x-tso-ingress services.*.ports[]': [oneService('ports:\n  - target: 80\n    published: "80"\n    KEY'), 'local'],
  'x-tso-max-concurrent services.*': [oneService('deploy: {mode: replicated-job, replicas: 9}\nKEY'), '3'],
  'x-tso-pause-after services.*.deploy.update_config': [oneService('deploy:\n  update_config:\n    delay: 1s\n    KEY'), '1'],
  'x-tso-priority services.*.deploy': [oneService('deploy: {labels: {a: b}, KEY}'), '10'],
  'x-tso-progress-deadline services.*.deploy.update_config': [oneService('deploy:\n  update_config:\n    delay: 1s\n    KEY'), '5m'],
  'x-tso-progress-deadline services.*.deploy.rollback_config': [oneService('deploy:\n  rollback_config:\n    delay: 1s\n    KEY'), '5m'],
  'x-tso-rebalance services.*': [oneService('KEY'), 'auto'],
  'x-tso-schedule services.*': [oneService('deploy: {mode: replicated-job}\nKEY'), '"0 3 * * *"'],
  'x-tso-strategy services.*.deploy.placement': [oneService('deploy: {placement: {max_replicas_per_node: 3, KEY}}'), 'binpack'],
};

test('every key of ours makes a difference wherever it may stand, without a warning', (t) => {
  const places = extensions.flatMap(({ key, at }) => at.map((place) => `${key} ${place}`));
  t.deepEqual(places.toSorted(), Object.keys(files).toSorted());
  for (const [name, [text, value]] of Object.entries(files)) {
    const key = name.split(' ')[0] ?? '';
    const written = text.replace('KEY', `${key}: ${value}`);
    t.deepEqual(saidOf(written), [], name);
    t.notDeepEqual(specOf(written), specOf(text.replace('KEY', 'x-mine: 1')), name);
  }
});

test('keys are known by where they may stand', (t) => {
  t.deepEqual(extensionsAt('services.*.ports[]'), ['x-tso-ingress']);
  t.deepEqual(extensionsAt('networks.*'), []);
  t.true(isOurs('x-tso-anything'));
  t.false(isOurs('x-tsodrain'));
});
