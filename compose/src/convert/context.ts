import type { DiagnosticCode } from '../diagnostics.ts';
import type { FilePort } from '../file-port.ts';
import type { Lookup } from '../interpolate.ts';
import type { ComposeModel } from '../model.ts';
import type { Told } from '../only-shown.ts';
import { placeOf, type TreeNode, type TreePath } from '../tree.ts';
import { parseBytes, parseDuration } from '../units.ts';
import type { PlacedMounts } from './mounts.ts';
import type { Sharing } from './namespace-owner.ts';
import type { NetworkMode } from './network-mode.ts';

/** A project as it was read. */
export interface ProjectInput {
  readonly model: ComposeModel;
  readonly tree: TreeNode;
  readonly report: Told;
  readonly files: FilePort;
  readonly workingDir: string;
  readonly home: string | undefined;
  /** The project's environment. */
  readonly lookup: Lookup;
}

/** The same with what one service has to know of all others, found once. */
export interface ConvertInput extends ProjectInput {
  /** Services that others wait for to complete. */
  readonly awaited: ReadonlySet<string>;
  /** Services by their container_name. */
  readonly byContainer: ReadonlyMap<string, string>;
  /** What services were found to share by each key, and which mounts they have: looked up, never found twice. */
  readonly found: {
    readonly network_mode: Map<string, NetworkMode | undefined>;
    readonly pid: Map<string, Sharing | undefined>;
    readonly ipc: Map<string, Sharing | undefined>;
    readonly mounts: Map<string, PlacedMounts>;
  };
}

/** The project with what is found once. */
export const withOthers = (input: ProjectInput): ConvertInput => {
  const services = Object.entries(input.model.services);
  const awaited = services.flatMap(([, { depends_on }]) =>
    Object.entries(depends_on ?? {}).flatMap(([other, { condition }]) => (condition === 'service_completed_successfully' ? [other] : [])),
  );
  const named = services.flatMap(([name, { container_name }]) => (container_name === undefined ? [] : [[container_name, name] as const]));
  return {
    ...input,
    awaited: new Set(awaited),
    byContainer: new Map(named),
    found: { network_mode: new Map(), pid: new Map(), ipc: new Map(), mounts: new Map() },
  };
};

export const tell = (input: ConvertInput, code: DiagnosticCode, path: TreePath, message: string, hint?: string): void =>
  input.report.at(code, placeOf(input.tree, path), 'value', path, message, { hint });

/** Bytes of a canonical size; 0 when it is not said. */
export const bytesOf = (text: string | undefined): number => (text === undefined ? 0 : (parseBytes(text) ?? 0));

/** Milliseconds of a canonical duration. A positive one below a millisecond counts as one. */
export const msOf = (text: string | undefined, otherwise = 0): number => {
  if (text === undefined) return otherwise;
  const nanos = parseDuration(text) ?? 0;
  return nanos > 0 ? Math.max(1, Math.round(nanos / 1e6)) : 0;
};
