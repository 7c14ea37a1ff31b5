import {
  type FileContent,
  type FileRef,
  MountType,
  newId,
  newService,
  type ObjectChange,
  type RandomBytes,
  type Service,
  type ServiceSpec,
  type StackSpec,
  type StoreAction,
  TsoError,
} from '@tso/proto';
import { serviceNamed } from '../rules/dependencies.ts';
import { byFile, filesOf, keyOfFile, sameFile } from '../rules/files.ts';
import { KnownNow } from '../rules/known.ts';
import { started } from '../rules/stop-service.ts';
import { sameData } from '../store/equal.ts';
import { Draft } from '../store/transaction.ts';
import type { View } from '../store/view.ts';
import { applyFiles, checkUsedBytes, contentChanges, filesTaken, hasFiles, removeFiles } from './changes-files.ts';
import { applyNetworks, applyVolumes } from './changes-shared.ts';
import { withEffects } from './effects.ts';
import { fillingNetworks } from './filling-networks.ts';
import { stacksElsewhere, staysFor } from './network-users.ts';
import { asOftenReplaced, retried, updated } from './service-change.ts';
import { fieldChanges } from './spec-diff.ts';
import { stackWarnings } from './stack-warnings.ts';
import { change, isOrphanOf, putStackSpec, type WishedBy } from './wish-parts.ts';

export interface ApplyOptions extends WishedBy {
  /** Whether services of the stack that the spec and `declared` no longer name are taken down. */
  readonly removeOrphans: boolean;
  /** Only these and what they depend on; empty: all. */
  readonly services: readonly string[];
  /** Services that the files name though the spec does not have them: they stay as they are. @default none */
  readonly declared?: readonly string[];
  /** What the stack's own secrets and configs hold. @default none is said: they stay as they are */
  readonly contents?: readonly FileContent[];
  readonly now: number;
}

export interface StackChanges {
  readonly actions: readonly StoreAction[];
  /** Networks, volumes, configs, secrets, services, each by name; with `none` for what stays as it is. */
  readonly changes: readonly ObjectChange[];
  readonly warnings: readonly string[];
}

interface ServiceParts {
  readonly draft: Draft;
  readonly now: KnownNow;
  /** Epoch milliseconds, by the cluster's clock. */
  readonly atMs: number;
  readonly random: RandomBytes;
  /** Whether one that was stopped is to run again. */
  readonly starts: boolean;
  /** Whether a raised `forceUpdate` is heeded. */
  readonly restarts: boolean;
}

const applyService = (parts: ServiceParts, stack: string, wished: ServiceSpec, files: readonly FileRef[]): ObjectChange => {
  const { draft, now, atMs, random, starts, restarts } = parts;
  const there = serviceNamed(draft, stack, wished.name);
  if (there === undefined) {
    draft.putService({ ...newService, id: newId(random), stack, spec: asOftenReplaced(undefined, wished, restarts), files });
    return change('service', wished.name, 'create');
  }
  const isStarted = starts && there.stopped;
  const existing = isStarted ? started(there, atMs) : there;
  const spec = asOftenReplaced(existing, wished, restarts);
  const start = isStarted ? [{ path: 'stopped', from: 'yes', to: 'no' }] : [];
  if (sameData(existing.spec, spec) && sameData(existing.files, files)) {
    const again = retried(draft, existing, now.known);
    if (again === undefined && !isStarted) return change('service', spec.name, 'none');
    draft.putService(again?.service ?? existing);
    const changes = [...start, ...(again?.change.changes ?? [])];
    return change('service', spec.name, changes.length === 0 ? 'none' : 'update', changes);
  }
  draft.putService(updated(existing, spec, files, atMs));
  const changes = [...start, ...fieldChanges(existing.spec, spec), ...contentChanges(existing.files, files)];
  return change('service', spec.name, 'update', changes);
};

/** The named services and all that they depend on; NOT_FOUND: no such service in the spec. */
const selected = (spec: StackSpec, names: readonly string[]): ReadonlySet<string> => {
  const byName = new Map(spec.services.map((service) => [service.name, service]));
  const found = new Set<string>();
  for (const name of names) {
    if (!byName.has(name))
      throw new TsoError('NOT_FOUND', `stack ${spec.name} has no service ${name}`, { hint: `It has ${[...byName.keys()].join(', ')}` });
  }
  const ahead = names.length === 0 ? [...byName.keys()] : [...names];
  for (let name = ahead.pop(); name !== undefined; name = ahead.pop()) {
    const service = byName.get(name);
    if (service === undefined || found.has(name)) continue;
    found.add(name);
    ahead.push(...service.dependsOn.map((dependency) => dependency.service));
  }
  return found;
};

/** Whether a service goes by another version of its files than before. */
const takesOther =
  (draft: Draft) =>
  ({ id, files }: Service): boolean =>
    !sameData(draft.service(id)?.files, files);

const byName = (a: { readonly name: string }, b: { readonly name: string }): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);

/** What the spec has, and of what it had before what it lacks and is needed; sorted, as a file's are, when that is something. */
const withNeeded = <T>(
  now: readonly T[],
  before: readonly T[],
  isNeeded: (item: T) => boolean,
  isSame: (a: T, b: T) => boolean,
  order: (a: T, b: T) => number,
): readonly T[] => {
  const more = before.filter((item) => isNeeded(item) && !now.some((each) => isSame(each, item)));
  return more.length === 0 ? now : [...now, ...more].sort(order);
};

const sameName = (a: { readonly name: string }, b: { readonly name: string }): boolean => a.name === b.name;

/** The spec to keep: what was not selected, or is only declared, is as it was before, with the networks, volumes and files that it needs. */
const keptSpec = (view: View, spec: StackSpec, chosen: ReadonlySet<string>, declared: readonly string[]): StackSpec => {
  const before = view.stackByName(spec.name)?.spec ?? { ...spec, services: [] };
  const former = new Map(before.services.map((service) => [service.name, service]));
  const own = spec.services.flatMap((service) => (chosen.has(service.name) ? [service] : (former.get(service.name) ?? [])));
  const services = withNeeded(own, before.services, ({ name }) => declared.includes(name), sameName, byName);
  const kept = services.filter(({ name }) => !chosen.has(name));
  const attached = new Set(kept.flatMap(({ task }) => task.networks.map(({ network }) => network)));
  const mounted = new Set(
    kept.flatMap(({ task }) => task.container.mounts.flatMap(({ type, source }) => (type === MountType.VOLUME ? [source] : []))),
  );
  const taken = new Set(kept.flatMap(filesOf).map(keyOfFile));
  return {
    ...spec,
    services,
    networks: withNeeded(spec.networks, before.networks, ({ name }) => attached.has(name), sameName, byName),
    volumes: withNeeded(spec.volumes, before.volumes, ({ name }) => mounted.has(name), sameName, byName),
    files: withNeeded(spec.files, before.files, (file) => taken.has(keyOfFile(file)), sameFile, byFile),
  };
};

/**
 * What it takes to make the stack what the (validated) spec says. Applying the same again gives no action and `none` throughout,
 * unless a service gave up meanwhile: that is tried again. NOT_FOUND: `services` names one that the spec lacks. RESOURCE_EXHAUSTED: too much is held.
 */
export const applyStackChanges = (view: View, spec: StackSpec, options: ApplyOptions): StackChanges =>
  applyChosen(view, spec, selected(spec, options.services), { ...options, starts: true, restarts: false });

interface ChosenOptions extends Omit<ApplyOptions, 'services'> {
  /** Whether chosen services that were stopped are to run again. */
  readonly starts: boolean;
  /** Whether a raised `forceUpdate` is heeded: tasks are replaced once more. */
  readonly restarts: boolean;
}

/** As `applyStackChanges`, of these services and no others. */
export const applyChosen = (view: View, spec: StackSpec, chosen: ReadonlySet<string>, options: ChosenOptions): StackChanges => {
  const draft = new Draft(view);
  const { random, starts, restarts, declared = [] } = options;
  const orphans = view.servicesOfStack(spec.name).filter(isOrphanOf(spec, declared));
  const warnings = [...stackWarnings({ services: spec.services.filter(({ name }) => chosen.has(name)) })];

  const files = applyFiles(draft, spec, { contents: options.contents ?? [], changedBy: options.changedBy });
  const taken = filesTaken(draft, spec, random);
  const parts: ServiceParts = { draft, now: new KnownNow(draft), atMs: options.now, random, starts, restarts };
  const services = spec.services
    .filter(({ name }) => chosen.has(name))
    .map((service) => applyService(parts, spec.name, service, taken(service)));
  checkUsedBytes(view, draft);
  for (const orphan of orphans) {
    if (options.removeOrphans) {
      draft.putService({ ...orphan, removing: true });
      services.push(change('service', orphan.spec.name, 'remove'));
    } else warnings.push(`service ${orphan.spec.name} is still running though the file no longer has it: --remove-orphans takes it down`);
  }
  const networks = applyNetworks(draft, spec, random);
  warnings.push(...fillingNetworks(view, draft, spec));
  const volumes = applyVolumes(draft, spec, random);
  const unnamed = removeFiles(draft, spec.name, spec);
  const isHoldingOther = files.some(({ action }) => action !== 'none') || view.servicesOfStack(spec.name).some(takesOther(draft));
  putStackSpec(draft, keptSpec(view, spec, chosen, declared), options, isHoldingOther);
  const changes = [...networks, ...volumes, ...files, ...unnamed, ...withEffects(view, draft, spec.name, services)];
  return { actions: draft.actions(), changes, warnings };
};

/**
 * What it takes to take the stack down, its volumes too when asked to: everything is flagged, and goes once nothing of it runs; secrets and
 * configs go at once, for its tasks have what they were made with. A network, secret or config that other stacks use as external stays, with `none` and who they are.
 * Asked again while that goes on, there is nothing to do. NOT_FOUND: nothing of that name is there.
 */
export const removeStackChanges = (view: View, name: string, { volumes }: { readonly volumes: boolean }): StackChanges => {
  const draft = new Draft(view);
  const stack = view.stackByName(name);
  const own = {
    services: view.servicesOfStack(name),
    networks: view.table('network').by('stack', name),
    volumes: view.table('volume').by('stack', name),
  };
  if (stack === undefined && own.services.length + own.networks.length + own.volumes.length === 0 && !hasFiles(view, name)) {
    throw new TsoError('NOT_FOUND', `there is no stack ${name}`, { hint: 'tso ls lists the stacks', details: { name } });
  }
  const changes: ObjectChange[] = [];
  for (const service of own.services.filter((each) => !each.removing)) {
    draft.putService({ ...service, removing: true });
    changes.push(change('service', service.spec.name, 'remove'));
  }
  for (const network of own.networks.filter((each) => !each.removing)) {
    const users = stacksElsewhere(view, network.spec.name, name);
    if (users.length === 0) draft.putNetwork({ ...network, removing: true });
    changes.push(users.length === 0 ? change('network', network.spec.name, 'remove') : staysFor(network.spec.name, users));
  }
  for (const volume of volumes ? own.volumes.filter((each) => !each.removing) : []) {
    draft.putVolume({ ...volume, removing: true });
    changes.push(change('volume', volume.spec.name, 'remove'));
  }
  changes.push(...removeFiles(draft, name, undefined));
  if (stack !== undefined) draft.remove('stack', stack.id);
  return { actions: draft.actions(), changes: withEffects(view, draft, name, changes), warnings: [] };
};
