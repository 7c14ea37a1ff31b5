import type { ExecOptions } from '@tso/proto';
import { capabilitySets } from './capabilities.ts';
import { environmentValue, mergeEnvironment } from './environment.ts';
import type { OciProcess } from './oci-spec.ts';
import type { ResolvedUser } from './users.ts';

export interface ExecFacts {
  /** Whom options.user means; undefined: nobody was named, the container's own user. */
  readonly user: ResolvedUser | undefined;
  /** What this host can give. */
  readonly capabilities: readonly string[];
}

const environmentOf = (own: OciProcess, options: ExecOptions, facts: ExecFacts): readonly string[] => {
  const terminal = options.tty && environmentValue(own.env, 'TERM') === undefined ? ['TERM=xterm'] : [];
  const home = facts.user === undefined ? [] : [`HOME=${facts.user.home}`];
  return mergeEnvironment(own.env, terminal, home, options.env);
};

/** One more process beside the container's own: its user, environment, folder and rights, but for what the options say. */
export const execProcess = (own: OciProcess, options: ExecOptions, facts: ExecFacts): OciProcess => {
  const { consoleSize: _size, ...rest } = own;
  const uid = facts.user?.uid ?? own.user.uid;
  const bounding = options.privileged ? facts.capabilities : own.capabilities.bounding;
  const sameSets = facts.user === undefined && !options.privileged;
  return {
    ...rest,
    terminal: options.tty,
    ...(options.tty && options.size !== undefined ? { consoleSize: { height: options.size.rows, width: options.size.columns } } : {}),
    args: options.command,
    env: environmentOf(own, options, facts),
    cwd: options.workingDir || own.cwd,
    user: facts.user === undefined ? own.user : { uid, gid: facts.user.gid, additionalGids: facts.user.additionalGids },
    capabilities: sameSets ? own.capabilities : capabilitySets(bounding, uid, own.capabilities.ambient),
  };
};
