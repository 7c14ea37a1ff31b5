import { parseArgs } from 'node:util';
import { type Focus, focuses } from './schedule.ts';

export interface SimulateArguments {
  readonly from: number;
  readonly seeds: number;
  readonly steps: number;
  readonly nodes: number | undefined;
  readonly focus: Focus | undefined;
  readonly driver: boolean;
  readonly only: readonly number[] | undefined;
  readonly shrinks: boolean;
  readonly trace: boolean;
  readonly json: boolean;
}

export type Parsed<T> =
  | { readonly kind: 'run'; readonly options: T }
  | { readonly kind: 'help' }
  | { readonly kind: 'refused'; readonly why: string };

export const simulateHelp = `usage: npm run simulate -- [options]

Runs whole clusters of managers in one process on seeded time, network and disks, and checks every invariant after every step.

  --seed S        run seed S alone, or with --seeds K the seeds S to S+K-1
  --from S        the same first seed, for a long run that goes on where another one ended
  --seeds K       how many seeds (100; 1 with --seed)
  --steps N       events of each run before all is healed: deliveries, ticks, writes of a disk, actions (4000)
  --nodes 1|3|5|7 voters at the beginning (drawn from these by the seed)
  --focus F       what the schedules look at most closely: ${focuses.join(', ')} (drawn by the seed)
  --driver        nodes that run the real driver of manager/src/raft/io, not the core alone
  --only 3,7,12   only these actions of the schedule, or none
  --no-shrink     do not cut a failing schedule
  --trace         print what happens
  --format json   one object at the end, for machines; progress goes to stderr

Exit 0: every invariant held. 1: one did not, and a line to replay it is printed. 2: the arguments make no sense.`;

export class Refusal extends Error {}

/** A whole number of at least `least`, or a refusal that names the option. */
export const wholeNumber = (option: string, text: string, least: number): number => {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least)
    throw new Refusal(`--${option} must be a whole number of at least ${least}, not "${text}"`);
  return value;
};

export const refuseUnless = (condition: boolean, why: string): void => {
  if (!condition) throw new Refusal(why);
};

/** What the reading of arguments gives, or a refusal in one sentence. */
export const parsed = <T>(read: () => T | 'help'): Parsed<T> => {
  try {
    const options = read();
    return options === 'help' ? { kind: 'help' } : { kind: 'run', options };
  } catch (error) {
    const isMisuse = error instanceof Refusal || (error instanceof TypeError && 'code' in error);
    if (!isMisuse) throw error;
    return { kind: 'refused', why: error.message.split(/\.\s|\n/)[0] ?? error.message };
  }
};

const onlyOf = (text: string | undefined): readonly number[] | undefined => {
  if (text === undefined) return undefined;
  return text === 'none' ? [] : text.split(',').map((it) => wholeNumber('only', it, 0));
};

export const parseSimulate = (args: readonly string[]): Parsed<SimulateArguments> =>
  parsed(() => {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seed: { type: 'string' },
        from: { type: 'string' },
        seeds: { type: 'string' },
        steps: { type: 'string', default: '4000' },
        nodes: { type: 'string' },
        focus: { type: 'string' },
        driver: { type: 'boolean', default: false },
        only: { type: 'string' },
        'no-shrink': { type: 'boolean', default: false },
        trace: { type: 'boolean', default: false },
        format: { type: 'string', default: 'text' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return 'help';
    refuseUnless(values.seed === undefined || values.from === undefined, '--seed and --from both name the first seed: give one of them');
    refuseUnless(values.format === 'text' || values.format === 'json', `--format is text or json, not "${values.format}"`);
    const nodes = values.nodes === undefined ? undefined : wholeNumber('nodes', values.nodes, 1);
    refuseUnless(nodes === undefined || [1, 3, 5, 7].includes(nodes), `--nodes is 1, 3, 5 or 7, not ${nodes}`);
    const focus = focuses.find((it) => it === values.focus);
    refuseUnless(values.focus === undefined || focus !== undefined, `--focus is ${focuses.join(', ')}, not "${values.focus}"`);
    return {
      focus,
      from: wholeNumber(values.from === undefined ? 'seed' : 'from', values.from ?? values.seed ?? '1', 0),
      seeds: wholeNumber('seeds', values.seeds ?? (values.seed === undefined ? '100' : '1'), 1),
      steps: wholeNumber('steps', values.steps, 1),
      nodes,
      driver: values.driver,
      only: onlyOf(values.only),
      shrinks: !values['no-shrink'] && !values.trace && values.only === undefined,
      trace: values.trace,
      json: values.format === 'json',
    };
  });
