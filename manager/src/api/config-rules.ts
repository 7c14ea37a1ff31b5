import { type Config, type ListConfigsReply, type PutConfigRequest, TsoError } from '@tso/proto';
import type { View } from '../store/view.ts';
import { badName, invalid } from './validate-shared.ts';

/** What one configuration may hold: every manager keeps all of them in memory, and each write is a log entry. */
export const maxConfigBytes = 1024 * 1024;
/** Of all labels of one configuration together. */
export const maxLabelBytes = 64 * 1024;
export const maxNameLength = 255;

const exhausted = (message: string, hint: string): TsoError => new TsoError('RESOURCE_EXHAUSTED', message, { hint });

const labelBytes = (labels: Config['labels']): number => {
  let bytes = 0;
  // Three bytes for a UTF-16 unit is the most that UTF-8 takes: no need to encode what is only to be bounded.
  for (const key in labels) bytes += 3 * (key.length + (labels[key]?.length ?? 0));
  return bytes;
};

/** Why the configuration cannot be written, or undefined. INVALID_ARGUMENT: its name. RESOURCE_EXHAUSTED: it is too large. */
export const configProblem = ({ name, data, labels }: PutConfigRequest): TsoError | undefined => {
  if (name.length > maxNameLength) {
    return invalid(`the name of a config has ${name.length} characters, it may have ${maxNameLength}`, 'Choose a shorter name');
  }
  const bad = badName('config', name);
  if (bad !== undefined) return bad;
  if (data.length > maxConfigBytes) {
    return exhausted(
      `config ${name} has ${data.length} bytes, it may have ${maxConfigBytes}`,
      'Split it, or keep it in a volume or the image',
    );
  }
  const ofLabels = labelBytes(labels);
  if (ofLabels > maxLabelBytes)
    return exhausted(
      `the labels of config ${name} take up to ${ofLabels} bytes, they may take ${maxLabelBytes}`,
      'Keep the text in its data',
    );
  return undefined;
};

export const configMissing = (name: string): TsoError => new TsoError('NOT_FOUND', `there is no config ${name}`, { details: { name } });

/** Who changed it when, and to what, but for the data itself. */
const lastChange = ({ changedBy = '', meta, data, labels }: Config): Readonly<Record<string, unknown>> => ({
  changedBy,
  changedAtMs: meta.updatedAtMs,
  changes: [
    { path: 'data', from: '', to: `${data.length} bytes` },
    ...Object.entries(labels).map(([key, to]) => ({ path: `labels.${key}`, from: '', to })),
  ],
});

/** The refusal of a change that was made for another version than `actual` (0: it is not there); it shows who made it. */
export const otherVersion = (name: string, expected: number, actual: number, there: Config | undefined): TsoError => {
  const is = actual === 0 ? 'does not exist' : `is at version ${actual}`;
  const wished = expected === 0 ? 'it was not to exist yet' : `version ${expected} was expected`;
  const isThat = there !== undefined && there.meta.version === actual;
  return new TsoError('CONFLICT', `config ${name} ${is}: ${wished}`, {
    hint: 'Read it again and repeat the change',
    details: {
      name,
      expected,
      actual,
      outcome: 'refused',
      ...(isThat ? lastChange(there) : {}),
    },
  });
};

const noData = new Uint8Array();

/** All of them by name, without their data. */
export const listConfigs = (view: View): ListConfigsReply => ({
  configs: [...view.configs()].sort((a, b) => (a.name < b.name ? -1 : 1)).map((config) => ({ ...config, data: noData })),
  version: view.index,
});
