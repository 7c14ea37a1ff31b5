import type { Task } from '@tso/proto';
import { sameData } from './equal.ts';
import type { View } from './view.ts';

const sameOr = <T>(value: T, ...candidates: readonly (T | undefined)[]): T =>
  candidates.find((candidate) => candidate !== undefined && sameData(candidate, value)) ?? value;

/**
 * The same task, holding those parts that it has in common with its predecessor or its service rather than copies of its own: each
 * decoded message has all of them anew, and with very many tasks the copies of one spec would be most of what a manager holds.
 */
export const withSharedParts = (view: View, task: Task): Task => {
  const before = view.task(task.id);
  const service = view.service(task.serviceId);
  return {
    ...task,
    spec: sameOr(task.spec, before?.spec, service?.spec.task),
    networks: sameOr(task.networks, before?.networks),
    generic: sameOr(task.generic, before?.generic),
    ports: sameOr(task.ports, before?.ports),
    files: sameOr(task.files, before?.files, service?.files),
    ...(task.placedBecause === undefined ? {} : { placedBecause: sameOr(task.placedBecause, before?.placedBecause) }),
  };
};
