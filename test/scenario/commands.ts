import {
  type ConfState,
  describeEntry,
  describeMessage,
  emptyConfState,
  message,
  type NodeId,
  noBytes,
  parseSteps,
  type Snapshot,
  type StepResult,
  type Transition,
  unlimited,
} from '@tso/manager/raft-core';
import { Group, type GroupOptions, proposalDropped, type Recipient } from './group.ts';
import { logLevels, Output, type ScenarioLogLevel } from './output.ts';
import { type Argument, type Block, type Command, parseCommand, ScenarioError } from './scenario-file.ts';

/** What went wrong in a command as the scenario itself may expect it. */
class Failure extends Error {
  override readonly name = 'Failure';
}

const wholeNumber = (text: string | undefined, what: string): number => {
  const value = Number(text);
  if (text === undefined || text === '' || !Number.isSafeInteger(value) || value < 0)
    throw new Failure(`${what} must be a whole number, not ${text ?? 'missing'}`);
  return value;
};

const bareIds = (args: readonly Argument[]): readonly NodeId[] =>
  args.filter(({ values }) => values.length === 0).map(({ key }) => wholeNumber(key, 'node id'));

const firstId = (args: readonly Argument[]): NodeId => wholeNumber(args[0]?.key, 'node id');

const argumentNamed = (args: readonly Argument[], key: string): string | undefined => args.find((arg) => arg.key === key)?.values[0];

const flag = (text: string | undefined): boolean => text === 'true' || text === '1' || text === 't';

const levelNamed = (name: string | undefined): ScenarioLogLevel => {
  const level = logLevels.find((it) => it === name?.toLowerCase());
  if (level === undefined) throw new Failure(`log levels must be either of [${logLevels.map((it) => it.toUpperCase()).join(' ')}]`);
  return level;
};

const groupOptions: Readonly<Record<string, (value: string) => GroupOptions>> = {
  inflight: (value) => ({ maxInflightMessages: wholeNumber(value, 'inflight') }),
  'inflight-bytes': (value) => ({ maxInflightBytes: wholeNumber(value, 'inflight-bytes') }),
  prevote: (value) => ({ preVote: flag(value) }),
  checkquorum: (value) => ({ checkQuorum: flag(value) }),
  'max-committed-size-per-ready': (value) => ({ maxCommittedSizePerReadyBytes: wholeNumber(value, 'max-committed-size-per-ready') }),
  'max-uncommitted-size': (value) => ({ maxUncommittedSizeBytes: wholeNumber(value, 'max-uncommitted-size') || unlimited }),
  'max-size-per-msg': (value) => ({ maxSizePerMessageBytes: wholeNumber(value, 'max-size-per-msg') }),
  'disable-conf-change-validation': (value) => ({ validateConfChange: !flag(value) }),
  'guard-membership': (value) => ({ guardMembership: flag(value) }),
  'step-down-on-removal': (value) => ({ stepDownOnRemoval: flag(value) }),
  'read-only': (value) => {
    if (value !== 'safe' && value !== 'lease-based') throw new Failure(`invalid read-only option ${JSON.stringify(value)}`);
    return { readOnly: value === 'safe' ? 'quorum' : 'lease' };
  },
};

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

const transitions: Readonly<Record<string, Transition>> = { auto: 'auto', implicit: 'implicit', explicit: 'explicit' };

type Handler = (scenario: Scenario, args: readonly Argument[]) => void;

const each = (scenario: Scenario, ids: readonly NodeId[], what: string, run: (id: NodeId) => void): void => {
  for (const id of ids) {
    if (ids.length === 1) {
      run(id);
      continue;
    }
    scenario.output.write(`> ${id} ${what}\n`);
    scenario.output.indented(() => run(id));
  }
};

const printLog: Handler = ({ group, output }, args) => {
  const { storage } = group.member(firstId(args));
  const [first, last] = [storage.firstIndex(), storage.lastIndex()];
  if (last < first) {
    output.write(`log is empty: first index=${first}, last index=${last}`);
    return;
  }
  const entries = storage.entries(first, last + 1, unlimited);
  if (typeof entries !== 'string') output.write(entries.map((entry) => `${describeEntry(entry)}\n`).join(''));
};

const taken = (result: StepResult): void => {
  if (!result.accepted) throw new Failure(proposalDropped);
};

const handlers: Readonly<Record<string, Handler>> = {
  _breakpoint: () => {},
  'add-nodes': ({ group, notes }, args) => {
    const options: GroupOptions = { applied: wholeNumber(argumentNamed(args, 'index') ?? '0', 'index') };
    const chosen = args.slice(1).flatMap(({ key, values }) => {
      const option = groupOptions[key];
      if (option === undefined && !['voters', 'learners', 'index', 'content'].includes(key))
        notes.push(`add-nodes does not know ${key}, and goes on without it`);
      return option === undefined ? [] : [option(values[0] ?? '')];
    });
    group.add(firstId(args), Object.assign({}, options, ...chosen), bootSnapshot(args.slice(1)));
  },
  campaign: ({ group }, args) => group.member(firstId(args)).core.campaign(),
  compact: (scenario, args) => {
    scenario.group.member(firstId(args)).storage.compact(wholeNumber(args[1]?.key, 'index'));
    printLog(scenario, args);
  },
  'deliver-msgs': ({ group, output }, args) => {
    const delivered = bareIds(args).map((id): Recipient => ({ id, drop: false }));
    const dropped = (args.find(({ key }) => key === 'drop')?.values ?? []).map(
      (value): Recipient => ({ id: wholeNumber(value, 'node id'), drop: true }),
    );
    const both = dropped.find(({ id }) => delivered.some((it) => it.id === id));
    if (both) throw new Failure(`can't both deliver and drop msgs to ${both.id}`);
    if (group.deliver([...delivered, ...dropped], argumentNamed(args, 'type')) === 0) output.write('no messages\n');
  },
  'process-ready': (scenario, args) => each(scenario, bareIds(args), 'handling Ready', (id) => scenario.group.processReady(id)),
  'log-level': ({ output }, args) => {
    output.level = levelNamed(args[0]?.key);
  },
  'raft-log': printLog,
  'raft-state': ({ group, output }) => {
    for (const id of group.ids) output.write(`${id}: ${group.member(id).core.status().text}\n`);
  },
  'set-randomized-election-timeout': ({ group }, args) =>
    group.member(firstId(args)).core.overrideElectionTimeout(wholeNumber(argumentNamed(args, 'timeout'), 'timeout')),
  stabilize: ({ group, output }, args) => {
    const before = output.level;
    const level = argumentNamed(args, 'log-level');
    if (level !== undefined) output.level = levelNamed(level);
    const ids = bareIds(args);
    group.stabilize(ids.length > 0 ? ids : group.ids);
    output.level = before;
  },
  status: ({ group, output }, args) => {
    for (const { id, text } of group.member(firstId(args)).core.status().progress) output.write(`${id}: ${text}\n`);
  },
  'tick-election': ({ group }, args) => {
    const { core, options } = group.member(firstId(args));
    for (let ticks = 0; ticks < options.electionTicks; ticks += 1) core.tick();
  },
  'tick-heartbeat': ({ group }, args) => {
    const { core, options } = group.member(firstId(args));
    for (let ticks = 0; ticks < options.heartbeatTicks; ticks += 1) core.tick();
  },
  'transfer-leadership': ({ group }, args) =>
    group.member(wholeNumber(argumentNamed(args, 'from'), 'from')).core.transferLeadership(wholeNumber(argumentNamed(args, 'to'), 'to')),
  'forget-leader': ({ group }, args) => group.member(firstId(args)).core.forgetLeader(),
  'send-snapshot': ({ group, output }, args) => {
    const [from, to] = bareIds(args);
    if (from === undefined || to === undefined) throw new Failure('send-snapshot takes two node ids');
    const { core, storage } = group.member(from);
    const snapshot = message('MsgSnap', { from, to, term: core.status().hardState.term, snapshot: storage.snapshot() });
    group.enqueue(snapshot);
    output.write(describeMessage(snapshot));
  },
  propose: ({ group }, args) => {
    const [, data] = args;
    if (args.length !== 2 || data === undefined) throw new Failure('expected exactly one key with no vals: propose ID DATA');
    const text = data.values.length === 0 ? data.key : `${data.key}=${data.values.join(',')}`;
    taken(group.member(firstId(args)).core.propose(new TextEncoder().encode(text)));
  },
  'report-unreachable': ({ group }, args) => {
    const [id, peer] = bareIds(args);
    if (id === undefined || peer === undefined) throw new Failure('must specify exactly two node IDs');
    group.member(id).core.reportUnreachable(peer);
  },
  'report-leader-unreachable': ({ group }, args) => {
    const [id, leader] = bareIds(args);
    if (id === undefined || leader === undefined) throw new Failure('must specify exactly two node IDs');
    group.member(id).core.reportLeaderUnreachable(leader);
  },
  'report-snapshot': ({ group }, args) => {
    const [id, peer] = bareIds(args);
    if (id === undefined || peer === undefined) throw new Failure('must specify exactly two node IDs');
    group.member(id).core.reportSnapshot(peer, argumentNamed(args, 'outcome') === 'failed' ? 'failed' : 'finished');
  },
  'read-index': ({ group }, args) => taken(group.member(firstId(args)).core.readIndex(args[1]?.key ?? 'read')),
};

/** The commands whose output `--check` holds to the letter. */
export const checkedCommands: ReadonlySet<string> = new Set(['raft-log', 'raft-state', 'status']);

export interface Result {
  readonly output: string;
  /** What each command of the block printed, in order. */
  readonly pieces: readonly { readonly name: string; readonly output: string }[];
}

/** A run of one scenario file, block by block. */
export class Scenario {
  readonly output = new Output();
  readonly group = new Group(this.output);
  /** What was passed over, for whoever runs the scenario. */
  readonly notes: string[] = [];

  run(block: Block): Result {
    const pieces: { name: string; output: string }[] = [];
    const attempt = (name: string, run: () => void): boolean => {
      let failed = false;
      try {
        run();
      } catch (error) {
        // A scenario may be about what is refused or what breaks: the text is its output.
        if (error instanceof ScenarioError || !(error instanceof Error)) throw error;
        this.output.force(error.message);
        failed = true;
      }
      pieces.push({ name, output: this.output.take() });
      return !failed;
    };
    if (block.command.name === 'propose-conf-change') attempt(block.command.name, () => this.proposeConfChange(block));
    else if (attempt(block.command.name, () => this.runOne(block.command))) {
      for (const line of block.input) {
        const command = parseCommand(line, `line ${block.line}`);
        attempt(command.name, () => this.runOne(command));
      }
    }
    const output = pieces.map((piece) => piece.output).join('');
    return { output: output === '' ? 'ok' : output, pieces };
  }

  private runOne(command: Command): void {
    const handler = handlers[command.name];
    if (handler === undefined) throw new Failure('unknown command');
    handler(this, command.args);
  }

  private proposeConfChange({ command: { args }, input }: Block): void {
    const steps = parseSteps(input.join(' '));
    if ('unknown' in steps) throw new Failure(`unknown input: ${steps.unknown}`);
    const named = argumentNamed(args, 'transition') ?? 'auto';
    const transition = transitions[named];
    if (transition === undefined) throw new Failure(`unknown transition ${named}`);
    const legacy = flag(argumentNamed(args, 'v1'));
    if (legacy && (steps.length > 1 || transition !== 'auto'))
      throw new Failure('v1 conf change can only have one operation and no transition');
    taken(this.group.member(firstId(args)).core.proposeConfChange({ transition, steps }, legacy));
  }
}
