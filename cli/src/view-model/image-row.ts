import { durationText } from './task-text.ts';

/** An image as the daemon lists it (Docker Engine API v1.41, ImageSummary). */
export interface ImageSummary {
  readonly Id: string;
  readonly RepoTags?: readonly string[] | null;
  readonly RepoDigests?: readonly string[] | null;
  /** Seconds since the epoch. */
  readonly Created: number;
  readonly Size: number;
}

/** An image as `--format json` shows it. Field names are a contract. */
export interface ImageRow {
  readonly id: string;
  readonly names: readonly string[];
  /** Of the manifest it came from; empty for what was made here. */
  readonly digest: string;
  readonly sizeBytes: number;
  readonly createdAt: string | null;
}

const none = '<none>:<none>';

export const imageRow = (image: ImageSummary): ImageRow => ({
  id: image.Id,
  names: (image.RepoTags ?? []).filter((name) => name !== none),
  digest: /@(.+)$/.exec(image.RepoDigests?.[0] ?? '')?.[1] ?? '',
  sizeBytes: image.Size,
  createdAt: image.Created > 0 ? new Date(image.Created * 1000).toISOString() : null,
});

/** The 12 characters after `sha256:`. */
export const shortImageId = (id: string): string => id.replace(/^sha256:/, '').slice(0, 12);

/** The repository and the tag of a name; a colon before the last slash is a port. */
const splitName = (name: string): readonly [string, string] => {
  const colon = name.lastIndexOf(':');
  return colon > name.lastIndexOf('/') ? [name.slice(0, colon), name.slice(colon + 1)] : [name, 'latest'];
};

/** As people write it: the registry and folder that a bare name means are left out. */
const familiar = (name: string): string => name.replace(/^docker\.io\/(?:library\/)?/, '');

export const imageColumns = [
  { title: 'REPOSITORY' },
  { title: 'TAG' },
  { title: 'IMAGE ID' },
  { title: 'CREATED' },
  { title: 'SIZE', align: 'right' },
] as const;

/** One line for each of its names; one of its own when it has none. */
export const imageCells = (row: ImageRow, nowMs: number, size: (bytes: number) => string): readonly (readonly string[])[] => {
  const created = row.createdAt === null ? '' : `${durationText(nowMs - Date.parse(row.createdAt))} ago`;
  const rest = [shortImageId(row.id), created, size(row.sizeBytes)];
  const names = row.names.map((name) => splitName(familiar(name)));
  return (names.length === 0 ? [['<none>', '<none>'] as const] : names).map((name) => [...name, ...rest]);
};

/** Whether the image is meant by what was typed: a name with or without its tag. */
export const isNamed = (row: ImageRow, wanted: string): boolean =>
  row.names.some((name) => [name, familiar(name)].some((one) => one === wanted || splitName(one)[0] === wanted));
