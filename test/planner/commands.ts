import { HealthState, NodeAvailability, NodeState, present, ServiceVerb, TaskState, TsoError } from '@tso/proto';
import { rebalanceChanges } from '../../manager/src/api/rebalance.ts';
import { movesAhead } from '../../manager/src/moves-ahead.ts';
import { PlannerMemory, plan } from '../../manager/src/planner.ts';
import { explainPlacement } from '../../manager/src/scheduler/verdicts.ts';
import { nodeNamed } from '../../manager/src/testing/specs.ts';
import type { Argument, Block } from '../scenario/scenario-file.ts';
import { parseCommand } from '../scenario/scenario-file.ts';
import { BadCommand, bareWords, bytesIn, firstWord, millisecondsIn, numberIn, onlyKeys, textOf, valuesOf } from './arguments.ts';
import { nodeKeys, nodeOfLine, nodeWith } from './cluster.ts';
import { stackOfText } from './compose-in-memory.ts';
import { changeLines, elapsedText, nodeLines, planLines, serviceLine, sleepText } from './shown.ts';
import { Stage } from './stage.ts';
import { usualStack } from './told.ts';

/** Does something, and returns what is to be read before what was told of it. */
type Handler = (stage: Stage, args: readonly Argument[], input: readonly string[]) => readonly string[];

const states: Readonly<Record<string, TaskState>> = {
  preparing: TaskState.PREPARING,
  ready: TaskState.READY,
  starting: TaskState.STARTING,
  running: TaskState.RUNNING,
  complete: TaskState.COMPLETE,
  shutdown: TaskState.SHUTDOWN,
  failed: TaskState.FAILED,
  rejected: TaskState.REJECTED,
};

const healths: Readonly<Record<string, HealthState>> = {
  none: HealthState.HEALTH_NONE,
  starting: HealthState.HEALTH_STARTING,
  healthy: HealthState.HEALTHY,
  unhealthy: HealthState.UNHEALTHY,
};

const availabilities: Readonly<Record<string, NodeAvailability>> = {
  active: NodeAvailability.ACTIVE,
  pause: NodeAvailability.PAUSE,
  drain: NodeAvailability.DRAIN,
};

const nodeStates: Readonly<Record<string, NodeState>> = {
  up: NodeState.NODE_READY,
  down: NodeState.NODE_DOWN,
  disconnected: NodeState.NODE_DISCONNECTED,
};

const oneOf = <V>(table: Readonly<Record<string, V>>, word: string, what: string): V => {
  const found = table[word];
  if (found === undefined) throw new BadCommand(`${what} is one of ${Object.keys(table).join(', ')}; not ${word}`);
  return found;
};

/** What is refused is part of the story; anything else that is thrown is a bug. */
const orRefused = (work: () => readonly string[]): readonly string[] => {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof TsoError)) throw error;
    const hint = error.hint === undefined ? '' : ` (${error.hint})`;
    return [`refused, ${error.code}: ${error.message}${hint}`];
  }
};

const up: Handler = ({ world }, args, input) => {
  onlyKeys(args, ['stack', 'services']);
  const loaded = stackOfText(`${input.join('\n')}\n`, textOf(args, 'stack'));
  if (!loaded.ok) return loaded.problems;
  const options = {
    removeOrphans: bareWords(args).includes('remove-orphans'),
    services: valuesOf(args, 'services'),
    files: loaded.contents,
  };
  return orRefused(() => [...loaded.warnings, ...changeLines(world.up(loaded.spec, options))]);
};

const scale: Handler = ({ world }, args) =>
  orRefused(() =>
    args
      .filter(({ key }) => key !== 'stack')
      .flatMap(({ key, values: [count = ''] }) =>
        changeLines(world.scale(textOf(args, 'stack') ?? usualStack, key, numberIn(count, 'the number of tasks'))),
      ),
  );

const rebalance: Handler = (stage, args) =>
  orRefused(() => {
    const { world } = stage;
    const changes = rebalanceChanges(world.tables, textOf(args, 'stack') ?? usualStack, bareWords(args), world.now, movesAhead);
    const lines = changeLines(changes);
    if (changes.actions.length > 0) world.commit(changes.actions);
    world.settle();
    return lines;
  });

/** A verb of services: of those named, or of all of the stack. */
const verb =
  (which: ServiceVerb): Handler =>
  ({ world }, args) => {
    onlyKeys(args, ['stack']);
    return orRefused(() => changeLines(world.verb(textOf(args, 'stack') ?? usualStack, which, bareWords(args))));
  };

const explain: Handler = (stage, args) =>
  bareWords(args).flatMap((name) => {
    const { tables, now } = stage.world;
    const task = stage.task(name);
    const service = present(tables.service(task.serviceId), task.serviceId);
    const { sentence, nodes } = explainPlacement(tables, now, service, task);
    return [`${name}: ${sentence}`, ...nodes.map(({ hostname, fits, reason }) => `  ${hostname} ${fits ? 'fits' : 'does not'}: ${reason}`)];
  });

const node: Handler = ({ world }, [name, ...args]) => {
  const id = name?.key ?? '';
  const before = world.tables.node(id);
  if (before === undefined) throw new BadCommand(`there is no node ${id}`);
  let after = before;
  const isAbout = ({ key, values }: Argument): boolean => values.length > 0 || nodeKeys.some((known) => known === key);
  for (const { key: word } of args.filter((arg) => !isAbout(arg))) {
    if (word === 'remove') after = { ...after, removing: true };
    else if (word in nodeStates) after = { ...after, state: oneOf(nodeStates, word, 'a state') };
    else after = { ...after, availability: oneOf(availabilities, word, 'what a node is to do') };
  }
  world.changeNode(id, nodeWith(after, args.filter(isAbout)));
  return [];
};

const report: Handler = (stage, [name, word, ...rest]) => {
  onlyKeys(rest, ['health', 'error', 'exit']);
  const task = stage.task(name?.key ?? '');
  const state = oneOf(states, word?.key ?? '', 'a state');
  const [health, error, exit] = [textOf(rest, 'health'), textOf(rest, 'error'), textOf(rest, 'exit')];
  stage.world.report(task, {
    state,
    ...(health === undefined ? {} : { health: oneOf(healths, health, 'a health') }),
    ...(error === undefined ? {} : { error }),
    ...(exit === undefined ? {} : { exitCode: Number(exit) }),
  });
  return [];
};

const ending =
  (state: TaskState, usual: string): Handler =>
  (stage, args) => {
    onlyKeys(args, ['error']);
    for (const name of bareWords(args)) stage.world.report(stage.task(name), { state, error: textOf(args, 'error') ?? usual });
    return [];
  };

/** So many CPUs, and so much memory, that all tasks of a service take together, for as long as is said. */
const load: Handler = (stage, args) => {
  onlyKeys(args, ['cpus', 'memory', 'for']);
  const [cpus, memory, time] = [textOf(args, 'cpus'), textOf(args, 'memory'), textOf(args, 'for')];
  const taken = { cpus: cpus === undefined ? 0 : numberIn(cpus, 'the load'), memoryBytes: memory === undefined ? 0 : bytesIn(memory) };
  for (const name of bareWords(args)) stage.loads.set(stage.service(name).id, taken);
  return stage.runUnderLoad(millisecondsIn(time ?? '0s'));
};

const handlers: Readonly<Record<string, Handler>> = {
  up,
  scale,
  rebalance,
  restart: verb(ServiceVerb.VERB_RESTART),
  stop: verb(ServiceVerb.VERB_STOP),
  start: verb(ServiceVerb.VERB_START),
  pause: verb(ServiceVerb.VERB_PAUSE),
  unpause: verb(ServiceVerb.VERB_UNPAUSE),
  rollback: verb(ServiceVerb.VERB_ROLLBACK),
  continue: verb(ServiceVerb.VERB_CONTINUE),
  remove: verb(ServiceVerb.VERB_REMOVE),
  explain,
  load,
  node,
  report,
  down: ({ world }, args) =>
    orRefused(() => changeLines(world.down(textOf(args, 'stack') ?? usualStack, bareWords(args).includes('volumes')))),
  join: ({ world }, _args, input) => {
    world.now += 1_000;
    world.commit(input.map((line) => ({ putNode: nodeOfLine(parseCommand(line, 'join')) })));
    world.settle();
    return [];
  },
  forget: ({ world }, args) => {
    const id = firstWord(args, 'the node');
    world.commit([{ remove: { kind: 'node', id } }]);
    world.settle();
    return [];
  },
  image: ({ agents }, args) => {
    const [image, behaviour] = bareWords(args);
    agents.set(image ?? '', behaviour ?? '');
    return [];
  },
  agents: ({ agents }) => {
    agents.round();
    return [];
  },
  run: (stage, args) => {
    onlyKeys(args, ['for']);
    const time = textOf(args, 'for');
    if (time === undefined) stage.agents.rest();
    else stage.runFor(millisecondsIn(time));
    return [];
  },
  complete: ending(TaskState.COMPLETE, ''),
  fail: ending(TaskState.FAILED, 'exit code 1'),
  reject: ending(TaskState.REJECTED, 'no such image'),
  health: (stage, [name, word]) => {
    const task = stage.task(name?.key ?? '');
    stage.world.report(task, { state: TaskState.RUNNING, health: oneOf(healths, word?.key ?? '', 'a health') });
    return [];
  },
  advance: ({ world }, args) => {
    world.advance(millisecondsIn(firstWord(args, 'how long')));
    return [];
  },
  sleep: ({ world }) => [sleepText(world.sleep())],
  'change-leader': (stage, args) => {
    const { world } = stage;
    for (let plans = Number(textOf(args, 'after') ?? 0); plans > 0; plans -= 1) world.planOnce();
    world.changeLeader();
    stage.loads.forget();
    world.settle();
    return [];
  },
  tasks: (stage, args) => stage.tasks(bareWords(args)[0]).map((task) => stage.told.taskLine(task)),
  service: (stage, args) => bareWords(args).map((name) => serviceLine(stage, stage.service(name))),
  nodes: (stage) => nodeLines(stage),
  clock: ({ world, beganAtMs }) => [elapsedText(world.now - beganAtMs)],
  plan: ({ world }) =>
    planLines(
      plan(world.tables, world.now, (count) => new Uint8Array(count), new PlannerMemory()),
      world.now,
    ),
};

/** Every command, in alphabetical order. */
export const commandNames: readonly string[] = [...Object.keys(handlers), 'cluster'].sort();

const clusterOf = (args: readonly Argument[], input: readonly string[]): Stage =>
  new Stage([...bareWords(args).map((id) => nodeNamed(id)), ...input.map((line) => nodeOfLine(parseCommand(line, 'cluster')))]);

/** Runs the blocks of one story in order. */
export class Run {
  #stage: Stage | undefined;

  /** What the block prints. Errors: BadCommand where it makes no sense as it stands. */
  block({ command: { name, args }, input }: Block): string {
    if (name === 'cluster') {
      this.#stage = clusterOf(args, input);
      return 'ok';
    }
    if (this.#stage === undefined) throw new BadCommand('a story begins with its cluster');
    const handler = Object.hasOwn(handlers, name) ? handlers[name] : undefined;
    if (handler === undefined) throw new BadCommand(`there is no such command; there are ${commandNames.join(', ')}`);
    const said = handler(this.#stage, args, input);
    const lines = [...said, ...this.#stage.told.take()];
    return lines.length === 0 ? 'ok' : lines.join('\n');
  }
}
