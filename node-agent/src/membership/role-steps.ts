/** What a node does to get from what it is to what it is to be. Asked again after each step, and after each crash. */

export type NodeKind = 'worker' | 'manager';

export interface RoleFacts {
  /** What the cluster wishes this node to be; durable here before anything is done for it. */
  readonly wished: NodeKind;
  /** Its manager left the group: what that has on disk must never be used again, and the certificate was made for what it no longer is. */
  readonly retired: boolean;
  /** What its certificate says; undefined: it has none, as before its manager made the first one of the cluster. */
  readonly certificate: NodeKind | undefined;
  readonly managerRuns: boolean;
  /** Something of a manager is on disk. */
  readonly hasState: boolean;
}

/** `renew`: ask for a certificate of the wished role; what was retired is over once there is one. */
export type RoleStep = 'stop' | 'erase' | 'renew' | 'start' | 'none';

export const nextRoleStep = ({ wished, retired, certificate, managerRuns, hasState }: RoleFacts): RoleStep => {
  const without = retired || wished === 'worker';
  if (without && managerRuns) return 'stop';
  if (without && hasState) return 'erase';
  if (retired || (certificate !== undefined && certificate !== wished)) return 'renew';
  return wished === 'manager' && !managerRuns ? 'start' : 'none';
};
