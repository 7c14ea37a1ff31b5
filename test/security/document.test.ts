import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { services } from './every-method.ts';

const roles = ['client', 'worker', 'manager', 'joiner'] as const;

/** The table of docs/security.md: each method with the roles that have a `yes`. */
const documented = (text: string): readonly string[] => {
  const [, table = ''] = text.split('\n## Who may do what\n');
  const rows = table.split('\n').filter((line) => /^\| [A-Z][a-z]+: /.test(line));
  return rows.flatMap((row) => {
    const [, methods = '', ...cells] = row.split('|').map((cell) => cell.trim());
    const [service = '', names = ''] = methods.split(': ');
    const allowed = roles.filter((_, at) => cells[at] === 'yes').join();
    return names.split(', ').map((name) => `${service}.${name} ${allowed}`);
  });
};

test('the guide says of every method who may call it, as the .proto files do', (t) => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/security.md'), 'utf8');
  const declared = Object.entries(services).flatMap(([service, methods]) =>
    Object.values(methods).map(
      ({ path, roles: of }) => `${service}.${path.split('/')[2]} ${roles.filter((role) => of.includes(role)).join()}`,
    ),
  );
  t.deepEqual([...documented(text)].sort(), [...declared].sort());
});
