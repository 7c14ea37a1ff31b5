import type { RaftDriver } from '../raft/io/driver.ts';
import type { ApplyResult } from '../store/apply.ts';
import type { MembersSeen } from './member-rules.ts';

/** What this manager knows of the members now; of the others' progress only a leader knows. */
export const membersSeen = (driver: RaftDriver<ApplyResult>): MembersSeen => {
  const { confState, progress, lastIndex } = driver.status();
  return { self: driver.id, confState, progress, lastIndex };
};
