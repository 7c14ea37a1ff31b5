import {
  describeEntry,
  describeMessage,
  message,
  type NodeId,
  parseSteps,
  type StepResult,
  type Transition,
  unlimited,
} from '@tso/manager/raft-core';
import { addNodes } from './add-nodes.ts';
import { argumentNamed, BadCommand, bareIds, firstId, flag, twoIds, wholeNumber } from './arguments.ts';
import { Group, proposalDropped, type Recipient } from './group.ts';
import { Failure, logLevels, Output, type ScenarioLogLevel } from './output.ts';
import { type Argument, type Block, type Command, parseCommand, ScenarioError } from './scenario-file.ts';

const levelNamed = (name: string | undefined): ScenarioLogLevel => {
  const level = logLevels.find((it) => it === name?.toLowerCase());
  if (level === undefined) throw new Failure(`log levels must be either of [${logLevels.map((it) => it.toUpperCase()).join(' ')}]`);
  return level;
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

const tickTimes = ({ group }: Scenario, id: NodeId, ticks: number): void => {
  const { core } = group.member(id);
  for (let done = 0; done < ticks; done += 1) core.tick();
};

const taken = (result: StepResult): void => {
  if (!result.accepted) throw new Failure(proposalDropped);
};

const handlers: Readonly<Record<string, Handler>> = {
  _breakpoint: () => {},
  'add-nodes': ({ group, notes }, args) => addNodes(group, notes, args),
  campaign: ({ group }, args) => group.member(firstId(args)).core.campaign(),
  compact: (scenario, args) => {
    scenario.group.member(firstId(args)).storage.compact(wholeNumber(args[1]?.key, 'the index'));
    printLog(scenario, args);
  },
  'deliver-msgs': ({ group, output }, args) => {
    const delivered = bareIds(args).map((id): Recipient => ({ id, drop: false }));
    const dropped = (args.find(({ key }) => key === 'drop')?.values ?? []).map(
      (value): Recipient => ({ id: wholeNumber(value, 'drop'), drop: true }),
    );
    const both = dropped.find(({ id }) => delivered.some((it) => it.id === id));
    if (both) throw new BadCommand(`can't both deliver and drop msgs to ${both.id}`);
    if (group.deliver([...delivered, ...dropped], argumentNamed(args, 'type')) === 0) output.write('no messages\n');
  },
  'process-ready': (scenario, args) => each(scenario, bareIds(args), 'handling Ready', (id) => scenario.group.processReady(id)),
  'process-append-thread': (scenario, args) =>
    each(scenario, bareIds(args), 'processing append thread', (id) => scenario.group.processThread(id, 'append')),
  'process-apply-thread': (scenario, args) =>
    each(scenario, bareIds(args), 'processing apply thread', (id) => scenario.group.processThread(id, 'apply')),
  'log-level': ({ output }, args) => {
    output.level = levelNamed(args[0]?.key);
  },
  'raft-log': printLog,
  'raft-state': ({ group, output }) => {
    for (const id of group.ids) output.write(`${id}: ${group.member(id).core.status().text}\n`);
  },
  restart: ({ group }, args) => group.restart(firstId(args)),
  'set-randomized-election-timeout': ({ group }, args) =>
    group.member(firstId(args)).core.overrideElectionTimeout(wholeNumber(argumentNamed(args, 'timeout'), 'timeout')),
  stabilize: ({ group, output }, args) => {
    const before = output.level;
    const level = argumentNamed(args, 'log-level');
    if (level !== undefined) output.level = levelNamed(level);
    const ids = bareIds(args);
    try {
      group.stabilize(ids.length > 0 ? ids : group.ids);
    } finally {
      output.level = before;
    }
  },
  status: ({ group, output }, args) => {
    for (const { id, text } of group.member(firstId(args)).core.status().progress) output.write(`${id}: ${text}\n`);
  },
  tick: (scenario, args) => tickTimes(scenario, firstId(args), wholeNumber(args[1]?.key ?? '1', 'the number of ticks')),
  'tick-election': (scenario, args) => tickTimes(scenario, firstId(args), scenario.group.member(firstId(args)).options.electionTicks),
  'tick-heartbeat': (scenario, args) => tickTimes(scenario, firstId(args), scenario.group.member(firstId(args)).options.heartbeatTicks),
  'transfer-leadership': ({ group }, args) =>
    group.member(wholeNumber(argumentNamed(args, 'from'), 'from')).core.transferLeadership(wholeNumber(argumentNamed(args, 'to'), 'to')),
  'forget-leader': ({ group }, args) => group.member(firstId(args)).core.forgetLeader(),
  'send-snapshot': ({ group, output }, args) => {
    const [from, to] = twoIds(args);
    const { core, storage } = group.member(from);
    const snapshot = message('MsgSnap', { from, to, term: core.status().hardState.term, snapshot: storage.snapshot() });
    group.enqueue(snapshot);
    output.write(describeMessage(snapshot));
  },
  propose: ({ group }, args) => {
    const [, data] = args;
    if (args.length !== 2 || data === undefined) throw new BadCommand('it takes a node id and one word: propose ID DATA');
    const text = data.values.length === 0 ? data.key : `${data.key}=${data.values.join(',')}`;
    taken(group.member(firstId(args)).core.propose(new TextEncoder().encode(text)));
  },
  'report-unreachable': ({ group }, args) => {
    const [id, peer] = twoIds(args);
    group.member(id).core.reportUnreachable(peer);
  },
  'report-leader-unreachable': ({ group }, args) => {
    const [id, leader] = twoIds(args);
    group.member(id).core.reportLeaderUnreachable(leader);
  },
  'report-snapshot': ({ group }, args) => {
    const [id, peer] = twoIds(args);
    const outcome = argumentNamed(args, 'outcome') ?? 'finished';
    if (outcome !== 'finished' && outcome !== 'failed') throw new BadCommand(`outcome must be finished or failed, not ${outcome}`);
    group.member(id).core.reportSnapshot(peer, outcome);
  },
  'read-index': ({ group }, args) => taken(group.member(firstId(args)).core.readIndex(args[1]?.key ?? 'read')),
};

/** Every command, in alphabetical order. */
export const commandNames: readonly string[] = [...Object.keys(handlers), 'propose-conf-change']
  .filter((it) => it !== '_breakpoint')
  .sort();

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
  private readonly file: string;

  constructor(file: string) {
    this.file = file;
  }

  /** Errors: ScenarioError naming file and line where a command is unknown or its arguments make no sense. */
  run(block: Block): Result {
    const pieces: { name: string; output: string }[] = [];
    const attempt = (name: string, line: number, run: () => void): boolean => {
      const failed = this.attempt(`${this.file}:${line}: ${name}`, run);
      pieces.push({ name, output: this.output.take() });
      return !failed;
    };
    const { name } = block.command;
    if (name === 'propose-conf-change') attempt(name, block.line, () => this.proposeConfChange(block));
    else if (attempt(name, block.line, () => this.runOne(block.command))) {
      for (const [at, text] of block.input.entries()) {
        const line = block.line + block.head.length + at;
        const command = parseCommand(text, `${this.file}:${line}`);
        attempt(command.name, line, () => this.runOne(command));
      }
    }
    const output = pieces.map((piece) => piece.output).join('');
    return { output: output === '' ? 'ok' : output, pieces };
  }

  /** True when it failed in a way that a scenario may be about: what is refused, or what breaks. The text is its output. */
  private attempt(what: string, run: () => void): boolean {
    try {
      run();
      return false;
    } catch (error) {
      if (error instanceof BadCommand) throw new ScenarioError(`${what}: ${error.message}`, { cause: error });
      if (error instanceof ScenarioError || !(error instanceof Error)) throw error;
      this.output.force(error.message);
      return true;
    }
  }

  private runOne(command: Command): void {
    const handler = Object.hasOwn(handlers, command.name) ? handlers[command.name] : undefined;
    if (handler === undefined) throw new BadCommand('there is no such command');
    handler(this, command.args);
  }

  private proposeConfChange({ command: { args }, input }: Block): void {
    const steps = parseSteps(input.join(' '));
    if ('unknown' in steps) throw new BadCommand(`${steps.unknown} is no step: they are like v4, l5, r2 and u3`);
    const named = argumentNamed(args, 'transition') ?? 'auto';
    const transition = Object.hasOwn(transitions, named) ? transitions[named] : undefined;
    if (transition === undefined) throw new BadCommand(`transition must be auto, implicit or explicit, not ${named}`);
    const legacy = flag(argumentNamed(args, 'v1'), 'v1');
    if (legacy && (steps.length !== 1 || transition !== 'auto'))
      throw new BadCommand('v1 conf change can only have one operation and no transition');
    taken(this.group.member(firstId(args)).core.proposeConfChange({ transition, steps }, legacy));
  }
}
