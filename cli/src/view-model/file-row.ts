import type { Config, ConfigUse, SecretView } from '@tso/proto';
import { isoInstant } from '../output/json.ts';
import { type Column, sizeText } from '../output/table.ts';
import { type DetailLine, mapLines } from './detail-lines.ts';

/** A secret or config as `secrets ls` and `configs ls --format json` show it. Field names are a contract: more may come, none goes. */
export interface FileRow {
  readonly name: string;
  /** Whose file made it; empty: made by hand. */
  readonly stack: string;
  readonly sizeBytes: number;
  /** That name it, as STACK_SERVICE, sorted. */
  readonly services: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly createdAt: string | null;
  readonly updatedAt: string | null;
  readonly version: number;
}

export const secretRow = ({ name, stack, sizeBytes, usedBy, labels, meta }: SecretView): FileRow => ({
  name,
  stack,
  sizeBytes,
  services: usedBy,
  labels,
  createdAt: isoInstant(meta.createdAtMs),
  updatedAt: isoInstant(meta.updatedAtMs),
  version: meta.version,
});

export const configRow = ({ name, stack, labels, meta }: Config, { sizeBytes, usedBy }: ConfigUse): FileRow =>
  secretRow({ name, stack, labels, meta, sizeBytes, usedBy });

export const fileColumns: readonly Column[] = [
  { title: 'NAME' },
  { title: 'STACK' },
  { title: 'SIZE', align: 'right' },
  { title: 'UPDATED' },
  { title: 'USED BY', wrap: true },
];

export const fileCells = ({ name, stack, sizeBytes, updatedAt, services }: FileRow): readonly string[] => [
  name,
  stack,
  sizeText(sizeBytes),
  updatedAt ?? '',
  services.join(', '),
];

/** The page of one, line by line: a word and what it is. */
export const fileDetails = (row: FileRow): readonly DetailLine[] => [
  ['Name', row.name],
  ['Stack', row.stack === '' ? '(made by hand)' : row.stack],
  ['Size', `${row.sizeBytes} bytes`],
  ['Used by', row.services.length === 0 ? '(nothing)' : row.services.join(', ')],
  ...mapLines('Labels', row.labels),
  ['Created', row.createdAt ?? ''],
  ['Updated', row.updatedAt ?? ''],
  ['Version', String(row.version)],
];

/** What a config holds as JSON takes it: as text where it is text, else as base64. */
export const dataText = (data: Uint8Array): { readonly data: string; readonly encoding: 'utf-8' | 'base64' } => {
  try {
    return { data: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data), encoding: 'utf-8' };
  } catch {
    // Not text: the decoder is strict, and that is all it can object to.
    return { data: btoa([...data].map((byte) => String.fromCharCode(byte)).join('')), encoding: 'base64' };
  }
};
