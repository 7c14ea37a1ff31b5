import { type ConfState, emptyConfState, type NodeId, noBytes, type Snapshot, unlimited } from '@tso/manager/raft-core';
import { argumentNamed, firstId, flag, wholeNumber } from './arguments.ts';
import type { Group, GroupOptions } from './group.ts';
import { Failure } from './output.ts';
import type { Argument } from './scenario-file.ts';

/** What `add-nodes` takes beside the members and the contents that the nodes start with. */
const groupOptions: Readonly<Record<string, (value: string) => GroupOptions>> = {
  inflight: (value) => ({ maxInflightMessages: wholeNumber(value, 'inflight') }),
  'inflight-bytes': (value) => ({ maxInflightBytes: wholeNumber(value, 'inflight-bytes') }),
  prevote: (value) => ({ preVote: flag(value, 'prevote') }),
  checkquorum: (value) => ({ checkQuorum: flag(value, 'checkquorum') }),
  'max-committed-size-per-ready': (value) => ({ maxCommittedSizePerReadyBytes: wholeNumber(value, 'max-committed-size-per-ready') }),
  'max-uncommitted-size': (value) => ({ maxUncommittedSizeBytes: wholeNumber(value, 'max-uncommitted-size') || unlimited }),
  'max-size-per-msg': (value) => ({ maxSizePerMessageBytes: wholeNumber(value, 'max-size-per-msg') }),
  'disable-conf-change-validation': (value) => ({ validateConfChange: !flag(value, 'disable-conf-change-validation') }),
  'disable-proposal-forwarding': (value) => ({ forwardProposals: !flag(value, 'disable-proposal-forwarding') }),
  'guard-membership': (value) => ({ guardMembership: flag(value, 'guard-membership') }),
  'step-down-on-removal': (value) => ({ stepDownOnRemoval: flag(value, 'step-down-on-removal') }),
  'election-tick': (value) => ({ electionTicks: wholeNumber(value, 'election-tick') }),
  'heartbeat-tick': (value) => ({ heartbeatTicks: wholeNumber(value, 'heartbeat-tick') }),
  'async-storage-writes': (value) => ({ asyncStorage: flag(value, 'async-storage-writes') }),
  'read-only': (value) => {
    if (value !== 'safe' && value !== 'lease-based') throw new Failure(`invalid read-only option ${JSON.stringify(value)}`);
    return { readOnly: value === 'safe' ? 'quorum' : 'lease' };
  },
};

/** What `add-nodes` knows, in alphabetical order. */
export const addNodesOptions = (): readonly string[] => [...ofSnapshot, ...Object.keys(groupOptions)].sort();

const ofSnapshot = ['voters', 'learners', 'index', 'content'];

const bootSnapshot = (args: readonly Argument[]): Snapshot => {
  const ids = (key: string): readonly NodeId[] =>
    (args.find((arg) => arg.key === key)?.values ?? []).map((value) => wholeNumber(value, key));
  const confState: ConfState = { ...emptyConfState, voters: ids('voters'), learners: ids('learners') };
  const index = wholeNumber(argumentNamed(args, 'index') ?? '0', 'index');
  const content = argumentNamed(args, 'content');
  const boots = index > 0 || content !== undefined || confState.voters.length + confState.learners.length > 0;
  if (boots && index <= 1) throw new Failure('index must be specified as > 1 due to bootstrap');
  return { index, term: boots ? 1 : 0, confState, data: content === undefined ? noBytes : new TextEncoder().encode(content) };
};

/** `add-nodes N [voters=(…)] [learners=(…)] [index=…] [content=…] [option=…]…`; what it does not know is named and passed over. */
export const addNodes = (group: Group, notes: string[], args: readonly Argument[]): void => {
  const count = firstId(args, 'the number of nodes');
  const rest = args.slice(1);
  const options: GroupOptions = { applied: wholeNumber(argumentNamed(rest, 'index') ?? '0', 'index') };
  const chosen = rest.flatMap(({ key, values }) => {
    const option = groupOptions[key];
    if (option === undefined && !ofSnapshot.includes(key)) notes.push(`add-nodes does not know ${key}, and goes on without it`);
    return option === undefined ? [] : [option(values[0] ?? '')];
  });
  group.add(count, Object.assign({}, options, ...chosen), bootSnapshot(rest));
};
