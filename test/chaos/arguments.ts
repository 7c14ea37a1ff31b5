import { parseArgs } from 'node:util';
import { type Parsed, parsed, refuseUnless, wholeNumber } from '../simulation/arguments.ts';

export interface ChaosOptions {
  readonly seed: number;
  /** How long faults go on; the last step is finished whatever it takes. */
  readonly minutes: number;
  /** It goes on for longer where a machine is too slow for so much of it. */
  readonly atLeast?: { readonly steps: number; readonly operations: number; readonly looks: number };
  readonly workers: number;
  /** The kinds of steps to draw from; all when left out. */
  readonly only?: readonly string[];
}

export const chaosHelp = `usage: sudo npm run chaos -- [options]

Makes a cluster of three managers and some workers, each a host of its own with real containers, and does to it what can be done to
hosts and links, one thing after the other by chance, while clients write and read and a service runs. Each fault is undone, then all
must be as promised within a deadline. At the end the history of the clients must be linearizable.

  --seed S        the same faults in the same order for the same seed (1)
  --minutes M     how long faults go on (1)
  --workers N     2 to 5 hosts beside the managers (2)
  --only A,B      only these kinds of steps (--kinds lists them)
  --kinds         list the kinds of steps

Exit 0: every promise held. 1: one did not; the seed, the step, the faults so far and where the logs are kept is printed. 2: the
arguments make no sense.`;

const minutesOf = (text: string): number => {
  const value = Number(text);
  refuseUnless(Number.isFinite(value) && value > 0 && value <= 24 * 60, `--minutes must be a number above 0, not "${text}"`);
  return value;
};

/** @param kinds of steps that there are */
export const parseChaos = (args: readonly string[], kinds: readonly string[]): Parsed<ChaosOptions | 'kinds'> =>
  parsed(() => {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seed: { type: 'string', default: '1' },
        minutes: { type: 'string', default: '1' },
        workers: { type: 'string', default: '2' },
        only: { type: 'string' },
        kinds: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return 'help';
    if (values.kinds) return 'kinds';
    const workers = wholeNumber('workers', values.workers, 2);
    refuseUnless(workers <= 5, `--workers is 2 to 5, not ${workers}`);
    const only = values.only?.split(',');
    const unknown = only?.find((kind) => !kinds.includes(kind));
    refuseUnless(unknown === undefined, `--only names "${unknown}", which is no kind of step (--kinds lists them)`);
    return {
      seed: wholeNumber('seed', values.seed, 0),
      minutes: minutesOf(values.minutes),
      workers,
      ...(only === undefined ? {} : { only }),
    };
  });
