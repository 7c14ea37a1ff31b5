import type { Call } from '../command-host.ts';
import { withCluster } from '../control-client.ts';
import { exitCodes, UsageError } from '../exit-codes.ts';
import type { Io } from './../io.ts';
import { jsonDocument } from '../output/json.ts';

/** What is said beside the key whenever it is shown. */
export const keepKeyText =
  'Each manager asks for this key after a restart (tso unlock). Keep it apart from these machines: without it and without\nanother manager that runs, the cluster cannot be opened again.\n';

const printKey = (io: Io, key: string, json: boolean, quiet: boolean): void => {
  if (json) io.stdout.write(jsonDocument({ autolock: key !== '', unlockKey: key === '' ? null : key }));
  else if (key === '') io.stderr.write('Autolock is off: managers start without being unlocked. Turn it on with tso autolock on.\n');
  else {
    io.stdout.write(`${key}\n`);
    if (!quiet) io.stderr.write(keepKeyText);
  }
};

/** `tso unlock-key`. Asking for the key of a cluster without one is answered, with nothing on stdout. */
export const showUnlockKey = async ({ io, options, context, json }: Call<{ readonly rotate?: boolean }>): Promise<number> => {
  const { key } = await withCluster(context, io.uid, async ({ control, ca }) => {
    if (!options.rotate) return ca.getUnlockKey({});
    // Another key where there was none would turn autolock on unasked.
    const { autolock } = await control.getInfo({});
    return autolock ? ca.setAutolock({ enabled: true, rotate: true }) : { key: '' };
  });
  printKey(io, key, json, options.quiet ?? false);
  return exitCodes.done;
};

/** `tso autolock [on|off]`. */
export const setAutolock = async ({ io, options, args, context, json }: Call<object>): Promise<number> => {
  const [wish] = args;
  if (wish !== undefined && wish !== 'on' && wish !== 'off') throw new UsageError(`autolock is on or off, not ${wish}`);
  return withCluster(context, io.uid, async ({ control, ca }) => {
    if (wish === undefined) {
      const { autolock } = await control.getInfo({});
      io.stdout.write(json ? jsonDocument({ autolock }) : `${autolock ? 'on' : 'off'}\n`);
      return exitCodes.done;
    }
    const { key } = await ca.setAutolock({ enabled: wish === 'on', rotate: false });
    if (wish === 'on') printKey(io, key, json, options.quiet ?? false);
    else if (json) io.stdout.write(jsonDocument({ autolock: false, unlockKey: null }));
    else if (!options.quiet)
      io.stderr.write('Autolock is off: managers start without being unlocked, and whoever has their disk can read it.\n');
    return exitCodes.done;
  });
};
