import {
  emptyNetworkSpec,
  MountType,
  type Service,
  type ServiceSpec,
  type StackSpec,
  TsoError,
  type UpdateServiceRequest,
  type VolumeSpec,
} from '@tso/proto';
import { keyOfFile } from '../rules/files.ts';
import { sameData } from '../store/equal.ts';
import type { View } from '../store/view.ts';
import { applyChosen, type StackChanges } from './changes.ts';
import { chosenService } from './chosen-services.ts';
import { validateChange } from './validate.ts';
import type { WishedBy } from './wish-parts.ts';

/** Networks that the service is to be on and its stack does not name: those of others, as a file would say it. */
const namedNetworks = (view: View, stack: StackSpec, { task }: ServiceSpec): StackSpec['networks'] => {
  const names = new Set(stack.networks.map(({ name }) => name));
  const missing = [...new Set(task.networks.map(({ network }) => network))].filter((name) => !names.has(name));
  return missing.map((name) => {
    const there = view.networkByName(name);
    return there?.stack === stack.name ? there.spec : { ...emptyNetworkSpec, name, external: true };
  });
};

/** Volumes that it mounts and its stack does not name: those that are there as they are, others are made. */
const namedVolumes = (view: View, stack: StackSpec, { task }: ServiceSpec): readonly VolumeSpec[] => {
  const names = new Set(stack.volumes.map(({ name }) => name));
  const mounted = task.container.mounts.filter(({ type, source }) => type === MountType.VOLUME && source !== '');
  const missing = [...new Set(mounted.map(({ source }) => source))].filter((name) => !names.has(name));
  return missing.map((name) => {
    const there = view.volumeByName(name);
    if (there === undefined) return { name, driver: 'local', external: false, labels: {}, driverOpts: {} };
    return there.stack === stack.name ? there.spec : { ...there.spec, external: true };
  });
};

/** Secrets and configs that it takes and its stack does not name: those of others. */
const namedFiles = (stack: StackSpec, { task }: ServiceSpec): StackSpec['files'] => {
  const names = new Set(stack.files.map(keyOfFile));
  const missing = new Map(task.container.files.filter((file) => !names.has(keyOfFile(file))).map((file) => [keyOfFile(file), file]));
  return [...missing.values()].map(({ kind, name }) => ({ kind, name, external: true, labels: {}, template: false }));
};

/** The stack's spec with that service as it is to be, and with what that one needs of the cluster. */
export const withService = (view: View, stack: StackSpec, spec: ServiceSpec): StackSpec => {
  const isKnown = stack.services.some(({ name }) => name === spec.name);
  return {
    ...stack,
    services: isKnown ? stack.services.map((each) => (each.name === spec.name ? spec : each)) : [...stack.services, spec],
    networks: [...stack.networks, ...namedNetworks(view, stack, spec)],
    volumes: [...stack.volumes, ...namedVolumes(view, stack, spec)],
    files: [...stack.files, ...namedFiles(stack, spec)],
  };
};

const refusal = (message: string, details: Readonly<Record<string, unknown>>): TsoError =>
  new TsoError('CONFLICT', message, {
    hint: 'Look at it again (tso service inspect) and say the change anew',
    details: { ...details, outcome: 'refused' },
  });

/**
 * Why a service is not changed for who read it at that version: somebody has wished it otherwise since, or it has gone back by itself. What the
 * planner writes of its progress is no other wish. Undefined: it is as it was read, or nothing was expected.
 */
export const serviceConflict = (view: View, service: Service, expected: number | undefined): TsoError | undefined => {
  const { meta, spec, specVersion, stack: stackName } = service;
  if (expected === undefined || expected === meta.version) return undefined;
  const what = `service ${spec.name} of stack ${stackName}`;
  const details = { expected, actual: meta.version };
  if (expected > meta.version) return refusal(`${what} is at version ${meta.version}, not at ${expected}: it was made anew`, details);
  const stack = view.stackByName(stackName);
  if (stack !== undefined && stack.meta.version > expected) {
    const named = ({ services }: StackSpec): ServiceSpec | undefined => services.find(({ name }) => name === spec.name);
    const isOther =
      stack.previousVersion > expected || stack.previousSpec === undefined || !sameData(named(stack.spec), named(stack.previousSpec));
    const who = stack.changedBy === '' ? 'somebody' : stack.changedBy;
    if (isOther)
      return refusal(`${what} is not as it was at version ${expected}: ${who} changed it`, {
        ...details,
        changedBy: stack.changedBy,
        changedAtMs: stack.meta.updatedAtMs,
      });
  }
  if (specVersion > expected)
    return refusal(`${what} is not as it was at version ${expected}: it went back or was restarted since`, details);
  return undefined;
};

/**
 * What it takes to make one service of a stack what the spec says, the others left as they are; the stack's spec follows, so that its file shows the
 * difference. NOT_FOUND: no such stack or service, or it is being removed. CONFLICT: it has changed since it was read. Otherwise as `validateStack` for
 * the whole stack, as far as the change is what speaks against it.
 */
export const updateServiceChanges = (
  view: View,
  request: Omit<UpdateServiceRequest, 'dryRun'>,
  by: WishedBy & { readonly now: number },
): StackChanges => {
  const { stack: name, spec, expectedVersion } = request;
  const service = chosenService(view, name, spec.name);
  const stack = view.stackByName(name);
  if (stack === undefined) throw new TsoError('NOT_FOUND', `there is no stack ${name}`, { hint: 'tso ls lists the stacks' });
  const wished = withService(view, stack.spec, spec);
  const problem = validateChange(view, stack.spec, wished) ?? serviceConflict(view, service, expectedVersion);
  if (problem !== undefined) throw problem;
  const changes = applyChosen(view, wished, new Set([spec.name]), { ...by, removeOrphans: false, starts: false, restarts: true });
  const isAbout = ({ kind, name: object, action }: StackChanges['changes'][number]): boolean =>
    action !== 'none' || (kind === 'service' && object === spec.name);
  return { ...changes, changes: changes.changes.filter(isAbout) };
};
