import { type GenericResource, type Node, NodeRole } from '@tso/proto';
import { nodeNamed } from '../../manager/src/testing/specs.ts';
import type { Argument, Command } from '../scenario/scenario-file.ts';
import { BadCommand, bytesIn, numberIn, pairsIn, textOf, valuesOf } from './arguments.ts';

/** What may be said of a node behind its name. */
export const nodeKeys = ['cpus', 'memory', 'labels', 'engine-labels', 'platform', 'generic', 'drivers', 'file-systems', 'role'] as const;

const genericOf = ([kind, has]: readonly [string, string]): GenericResource =>
  /^\d+$/.test(has) ? { kind, count: Number(has), ids: [] } : { kind, count: 0, ids: has.split('|') };

const platformOf = (text: string): Node['description']['platform'] => {
  const [os = '', architecture = '', variant = ''] = text.split('/');
  return { os, architecture, variant };
};

const roleOf = (text: string): NodeRole => {
  if (text === 'manager') return NodeRole.MANAGER;
  if (text === 'worker') return NodeRole.WORKER;
  throw new BadCommand(`a role is manager or worker, not ${text}`);
};

/** The node with what is said of it: `cpus=2 memory=4g labels=(zone=a) generic=(gpu=2,ssd=a|b)`; the rest stays. Errors: BadCommand. */
export const nodeWith = (node: Node, args: readonly Argument[]): Node => {
  for (const { key } of args) if (!nodeKeys.some((known) => known === key)) throw new BadCommand(`nothing of a node is called ${key}`);
  const text = (key: (typeof nodeKeys)[number]): string | undefined => textOf(args, key);
  const { description } = node;
  const [cpus, memory, platform, role] = [text('cpus'), text('memory'), text('platform'), text('role')];
  const has = (key: string): boolean => args.some((arg) => arg.key === key);
  return {
    ...node,
    ...(role === undefined ? {} : { role: roleOf(role) }),
    ...(has('labels') ? { labels: pairsIn(valuesOf(args, 'labels')) } : {}),
    description: {
      ...description,
      resources: {
        ...description.resources,
        ...(cpus === undefined ? {} : { nanoCpus: Math.round(numberIn(cpus, 'cpus') * 1e9) }),
        ...(memory === undefined ? {} : { memoryBytes: bytesIn(memory) }),
      },
      ...(platform === undefined ? {} : { platform: platformOf(platform) }),
      ...(has('engine-labels') ? { engineLabels: pairsIn(valuesOf(args, 'engine-labels')) } : {}),
      ...(has('generic') ? { generic: Object.entries(pairsIn(valuesOf(args, 'generic'))).map(genericOf) } : {}),
      ...(has('drivers') ? { networkDrivers: valuesOf(args, 'drivers') } : {}),
      ...(has('file-systems') ? { fileSystems: valuesOf(args, 'file-systems') } : {}),
    },
  };
};

/** A node from its line: its name, then what is said of it. It has 4 CPUs and 8 GiB unless that says otherwise. */
export const nodeOfLine = ({ name, args }: Command): Node => nodeWith(nodeNamed(name), args);
