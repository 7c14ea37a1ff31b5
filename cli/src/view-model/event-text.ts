import type { ClusterEvent } from '@tso/proto';
import { oneLine } from './task-text.ts';

/** An event as `events --format json` shows it. Field names are a contract. */
export interface EventRow {
  readonly time: string;
  readonly version: number;
  readonly kind: string;
  readonly action: string;
  readonly id: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export const eventRow = ({ atMs, version, kind, action, id, name, attributes }: ClusterEvent): EventRow => ({
  time: new Date(atMs).toISOString(),
  version,
  kind,
  action,
  id,
  name,
  attributes,
});

/** `2026-01-31T10:00:00.123Z task failed web.1 (exitCode=3, node=host-a)`. */
export const eventLine = (event: ClusterEvent): string => {
  const details = Object.entries(event.attributes)
    .filter(([, value]) => value !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${oneLine(value)}`);
  const { time, kind, action, id, name } = eventRow(event);
  return `${time} ${kind} ${action} ${oneLine(name === '' ? id : name)}${details.length === 0 ? '' : ` (${details.join(', ')})`}\n`;
};
