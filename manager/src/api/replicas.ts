import type { TsoError } from '@tso/proto';
import { invalid, isCount } from './validate-shared.ts';

/** The most tasks that a service may be asked to have. */
const maxReplicas = 10_000;

/** Why a service cannot have so many replicas, or undefined. */
export const replicasProblem = (at: string, replicas: number): TsoError | undefined => {
  if (!isCount(replicas)) return invalid(`${at}: ${replicas} replicas cannot be`, 'Give a number, or 0 for none');
  return replicas <= maxReplicas ? undefined : invalid(`${at}: ${replicas} replicas are more than the ${maxReplicas} a service may have`);
};
