import test from 'ava';
import { loadText } from './index.ts';

test('a text by itself comes to what a file of it would', (t) => {
  const loaded = loadText('services: { web: { image: x, mem_limit: 64m } }', 'shop');
  if (!loaded.ok) return t.fail(loaded.diagnostics.map(({ message }) => message).join('; '));
  t.is(loaded.spec.name, 'shop');
  t.is(loaded.spec.services[0]?.task.limits.memoryBytes, 64 * 2 ** 20);
});

test('no other file is read, be it there, and no variable of the environment', (t) => {
  const other = loadText('services: { web: { image: x, env_file: /etc/hostname } }', 'shop');
  t.false(other.ok);
  t.regex(other.ok ? '' : (other.diagnostics[0]?.message ?? ''), /is not read here/);
  const unset = loadText('services: { web: { image: "x${PATH}" } }', 'shop');
  t.is(unset.ok ? unset.spec.services[0]?.task.container.image : '', 'x');
});
