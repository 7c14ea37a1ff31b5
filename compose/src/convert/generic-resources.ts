import type { GenericResource } from '@tso/proto';
import type { ServiceModel } from '../model.ts';
import type { Json, TreePath } from '../tree.ts';
import { type ConvertInput, tell } from './context.ts';

/** Countable things of nodes that only their owners know of: deploy.resources.reservations.generic_resources. */

const kindPattern = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;
const mostOfAKind = 1_000_000;

const fieldsOf = (value: Json | undefined): Readonly<Record<string, Json>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, Json>>) : {};

/** One kind with how many; undefined: it cannot be understood, which is told. */
const readOne = (input: ConvertInput, path: TreePath, value: Json): GenericResource | undefined => {
  const spec = fieldsOf(value).discrete_resource_spec;
  const { kind = '', value: said = 0 } = fieldsOf(spec);
  const at = [...path, 'discrete_resource_spec'];
  if (spec === undefined || spec === null) {
    tell(input, 'E202', path, 'a generic resource needs a discrete_resource_spec', "write discrete_resource_spec: {kind: 'gpu', value: 1}");
    return undefined;
  }
  if (typeof kind !== 'string' || !kindPattern.test(kind)) {
    const hint = 'use letters, digits, dots, dashes and underscores: gpu';
    tell(input, 'E202', [...at, 'kind'], `${JSON.stringify(kind)} is not the name of a generic resource`, hint);
    return undefined;
  }
  const count = Number(said);
  if (!Number.isInteger(count) || count < 1 || count > mostOfAKind) {
    tell(input, 'E202', [...at, 'value'], `${JSON.stringify(said)} is not a number of ${kind}`, `write a number from 1 to ${mostOfAKind}`);
    return undefined;
  }
  return { kind, count, ids: [] };
};

/** What is reserved of generic resources, by kind. */
export const toGenericResources = (input: ConvertInput, service: ServiceModel, name: string): readonly GenericResource[] => {
  const path: TreePath = ['services', name, 'deploy', 'resources', 'reservations', 'generic_resources'];
  const found = new Map<string, GenericResource>();
  for (const [index, value] of (service.deploy?.resources?.reservations?.generic_resources ?? []).entries()) {
    const one = readOne(input, [...path, index], value);
    if (one === undefined) continue;
    if (found.has(one.kind)) tell(input, 'E202', [...path, index], `${one.kind} is reserved twice`, 'say one number for it');
    found.set(one.kind, one);
  }
  return [...found.values()].sort((a, b) => (a.kind < b.kind ? -1 : 1));
};
