import { FileKind, type ObjectChange, type StackSpec } from '@tso/proto';

const wordOf = (kind: FileKind): string => (kind === FileKind.SECRET_FILE ? 'secret' : 'config');

/** What a cluster that has nothing yet would make of the wish. */
export const allCreated = (spec: StackSpec): readonly ObjectChange[] => [
  ...spec.networks.filter((network) => !network.external).map(({ name }) => ({ kind: 'network', name, action: 'create', changes: [] })),
  ...spec.volumes.filter((volume) => !volume.external).map(({ name }) => ({ kind: 'volume', name, action: 'create', changes: [] })),
  ...spec.files.filter((file) => !file.external).map(({ kind, name }) => ({ kind: wordOf(kind), name, action: 'create', changes: [] })),
  ...spec.services.map(({ name }) => ({ kind: 'service', name, action: 'create', changes: [] })),
];
