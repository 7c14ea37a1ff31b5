import { FileKind, type ObjectChange, type StackSpec } from '@tso/proto';

const wordOf = (kind: FileKind): string => (kind === FileKind.SECRET_FILE ? 'secret' : 'config');

/** What a cluster that has nothing yet would make of the wish. */
export const allCreated = (spec: StackSpec): readonly ObjectChange[] => [
  ...spec.networks.filter((network) => !network.external).map(({ name }) => ({ kind: 'network', name, action: 'create', changes: [] })),
  ...spec.volumes.filter((volume) => !volume.external).map(({ name }) => ({ kind: 'volume', name, action: 'create', changes: [] })),
  ...spec.files.filter((file) => !file.external).map(({ kind, name }) => ({ kind: wordOf(kind), name, action: 'create', changes: [] })),
  ...spec.services.map(({ name }) => ({ kind: 'service', name, action: 'create', changes: [] })),
];

const signs: Readonly<Record<string, string>> = { create: '+', update: '~', remove: '-', none: '=' };

/** One line per object that would change, its fields below it; a sentence when nothing would. */
export const changesText = (changes: readonly ObjectChange[]): string => {
  const real = changes.filter((change) => change.action !== 'none');
  if (real.length === 0) return 'Nothing would change.\n';
  return real
    .flatMap((change) => [
      `${signs[change.action] ?? '?'} ${change.action} ${change.kind} ${change.name}`,
      ...change.changes.map(({ path, from, to }) => `    ${path}: ${from === '' ? '(none)' : from} -> ${to === '' ? '(none)' : to}`),
    ])
    .map((line) => `${line}\n`)
    .join('');
};
