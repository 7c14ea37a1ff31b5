import type { ServiceView } from '@tso/proto';
import { isoInstant } from '../output/json.ts';
import { durationText, oneLine } from './task-text.ts';

type Autoscaled = Pick<ServiceView, 'service'>;

/** ` (1-5)`: between how many tasks the cluster goes by itself; empty: it does not. */
export const autoscaleBounds = ({ service }: Autoscaled): string => {
  const { autoscale } = service.spec;
  return autoscale === undefined || autoscale === null ? '' : ` (${autoscale.min}-${autoscale.max})`;
};

/** `1 to 5 tasks, cpu at 70 %; now 3 for 4 min: cpu is at 82 % of the target 70 %`; empty: it does not scale by itself. */
export const autoscaleText = ({ service }: Autoscaled, nowMs: number): string => {
  const wish = service.spec.autoscale;
  if (wish === undefined || wish === null) return '';
  const targets = [
    wish.cpuPercent > 0 ? `cpu at ${wish.cpuPercent} %` : '',
    wish.memoryPercent > 0 ? `memory at ${wish.memoryPercent} %` : '',
    wish.coolDownMs > 0 ? `${durationText(wish.coolDownMs)} before it takes any away` : '',
  ];
  const rule = [`${wish.min} to ${wish.max} tasks`, ...targets].filter((part) => part !== '').join(', ');
  const seen = service.autoscale;
  if (seen === undefined || seen === null) return rule;
  const since = seen.scaledAtMs === 0 ? '' : ` for ${durationText(nowMs - seen.scaledAtMs)}`;
  return `${rule}; now ${seen.replicas}${since}${seen.message === '' ? '' : `: ${oneLine(seen.message)}`}`;
};

/** What `--format json` shows of it; null: it does not scale by itself. Field names are a contract. */
export const autoscaleRow = ({ service }: Autoscaled): object | null => {
  const wish = service.spec.autoscale;
  if (wish === undefined || wish === null) return null;
  return {
    min: wish.min,
    max: wish.max,
    cpuPercent: wish.cpuPercent === 0 ? null : wish.cpuPercent,
    memoryPercent: wish.memoryPercent === 0 ? null : wish.memoryPercent,
    coolDownMs: wish.coolDownMs,
    replicas: service.autoscale?.replicas ?? null,
    scaledAt: isoInstant(service.autoscale?.scaledAtMs ?? 0),
    message: service.autoscale?.message ?? '',
  };
};
