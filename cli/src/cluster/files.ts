import { fileBounds, TsoError } from '@tso/proto';
import type { Call } from '../command-host.ts';
import { type ControlClient, withControl } from '../control-client.ts';
import { exitCodes } from '../exit-codes.ts';
import { type Io, writeOut } from '../io.ts';
import { jsonDocument } from '../output/json.ts';
import { renderTable } from '../output/table.ts';
import { bytesOf } from '../read-bytes.ts';
import { detailsText } from '../view-model/detail-lines.ts';
import { configRow, dataText, type FileRow, fileCells, fileColumns, fileDetails, secretRow } from '../view-model/file-row.ts';

/** `tso secrets` and `tso configs`: the same but for who may see what they hold. */

export type FileWord = 'secret' | 'config';

/** A larger file is not even read. */
const mostBytes: Readonly<Record<FileWord, number>> = { secret: fileBounds.secretBytes, config: fileBounds.configBytes };

const allRows = async (control: ControlClient, word: FileWord): Promise<readonly FileRow[]> => {
  if (word === 'secret') return (await control.listSecrets({})).secrets.map(secretRow);
  const { configs, uses } = await control.listConfigs({});
  return configs.map((config, at) => configRow(config, uses[at] ?? { sizeBytes: 0, usedBy: [] }));
};

const printRows = async (io: Io, rows: readonly FileRow[]): Promise<void> =>
  writeOut(io.stdout, renderTable(fileColumns, rows.map(fileCells), io.stdout.isTTY ? io.stdout.columns : undefined));

/** `ls`. */
export const listFiles =
  (word: FileWord) =>
  async ({ io, options, context, json }: Call<object>): Promise<number> => {
    const rows = await withControl(context, io.uid, (control) => allRows(control, word));
    if (json) await writeOut(io.stdout, jsonDocument(rows));
    else if (options.quiet) await writeOut(io.stdout, rows.map(({ name }) => `${name}\n`).join(''));
    else await printRows(io, rows);
    return exitCodes.done;
  };

export interface CreateFileOptions {
  readonly label?: readonly (readonly [name: string, value: string])[];
  readonly replace?: boolean;
}

const existsAlready = (word: FileWord, name: string, cause: TsoError): TsoError =>
  new TsoError('CONFLICT', `${word} ${name} exists already`, {
    hint: 'With --replace it is given another content; services take that up when their stack is applied again',
    details: cause.details,
    cause,
  });

/** What a stack that is there made is changed in its file: the next `tso up` would undo this. The managers see to it for secrets. */
const refuseOwned = async (control: ControlClient, name: string): Promise<void> => {
  const { configs } = await control.listConfigs({});
  const stack = configs.find((config) => config.name === name)?.stack ?? '';
  if (stack === '' || !(await control.getStack({ name: stack })).exists) return;
  throw new TsoError('FAILED_PRECONDITION', `config ${name} belongs to stack ${stack}`, {
    hint: `Change the file of stack ${stack} and apply it again`,
    details: { name, stack, outcome: 'refused' },
  });
};

/** `create`: what it holds comes from a file or from standard input, never from the command line. Prints the name. */
export const createFile =
  (word: FileWord) =>
  async ({ io, options, args, context, json }: Call<CreateFileOptions>): Promise<number> => {
    const [name = '', file = ''] = args;
    const labels = Object.fromEntries(options.label ?? []);
    const data = await bytesOf(io, file, { what: `a ${word}`, mostBytes: mostBytes[word] });
    const request = { name, data, labels, ...(options.replace === true ? {} : { expectedVersion: 0 }) };
    const { version } = await withControl(context, io.uid, async (control) => {
      if (word === 'config' && options.replace === true) await refuseOwned(control, name);
      try {
        return await (word === 'secret' ? control.putSecret(request) : control.putConfig(request));
      } catch (error) {
        throw error instanceof TsoError && error.code === 'CONFLICT' && error.details.expected === 0
          ? existsAlready(word, name, error)
          : error;
      }
    });
    await writeOut(io.stdout, json ? jsonDocument({ name, version }) : `${name}\n`);
    return exitCodes.done;
  };

const page = (row: FileRow): string => detailsText(fileDetails(row), 10);

const noConfig = (name: string): TsoError =>
  new TsoError('NOT_FOUND', `there is no config ${name}`, { hint: 'tso configs ls lists them', details: { name } });

/** `inspect`: an array as JSON, a page for each otherwise. */
const inspectRows = async ({ io, json }: Call<object>, rows: readonly object[], pages: readonly string[]): Promise<number> => {
  await writeOut(io.stdout, json ? jsonDocument(rows) : pages.join('\n'));
  return exitCodes.done;
};

/** `tso secrets inspect`: all but what it holds, which nobody is told. */
export const inspectSecrets = async (call: Call<object>): Promise<number> => {
  const rows = await withControl(call.context, call.io.uid, async (control) => {
    const found: FileRow[] = [];
    for (const name of new Set(call.args)) found.push(secretRow(await control.getSecret({ name })));
    return found;
  });
  return inspectRows(call, rows, rows.map(page));
};

export interface InspectConfigOptions {
  readonly data?: boolean;
}

/** `tso configs inspect`: with `--data` what they hold, byte by byte; as JSON always. */
export const inspectConfigs = async (call: Call<InspectConfigOptions>): Promise<number> => {
  const { io, args, context, options, json } = call;
  const found = await withControl(context, io.uid, async (control) => {
    const rows = new Map((await allRows(control, 'config')).map((row) => [row.name, row]));
    const shown: { readonly row: FileRow; readonly data: Uint8Array }[] = [];
    for (const name of new Set(args)) {
      const row = rows.get(name);
      if (row === undefined) throw noConfig(name);
      const { data } = await control.getConfig({ name });
      shown.push({ row, data });
    }
    return shown;
  });
  if (options.data === true && !json) {
    for (const { data } of found) await writeOut(io.stdout, data);
    return exitCodes.done;
  }
  return inspectRows(
    call,
    found.map(({ row, data }) => ({ ...row, ...dataText(data) })),
    found.map(({ row }) => page(row)),
  );
};

export interface RemoveFileOptions {
  readonly force?: boolean;
}

/** `rm`: prints the names of those that are gone, as they go. */
export const removeFiles =
  (word: FileWord) =>
  async ({ io, options, args, context, json }: Call<RemoveFileOptions>): Promise<number> => {
    const removed = await withControl(context, io.uid, async (control) => {
      const names: string[] = [];
      for (const name of new Set(args)) {
        try {
          await (word === 'secret' ? control.removeSecret({ name }) : control.removeConfig({ name }));
        } catch (error) {
          if (!(error instanceof TsoError) || error.code !== 'NOT_FOUND' || options.force !== true) throw error;
          continue;
        }
        names.push(name);
        if (!json) await writeOut(io.stdout, `${name}\n`);
      }
      return names;
    });
    if (json) await writeOut(io.stdout, jsonDocument(removed.map((name) => ({ name }))));
    return exitCodes.done;
  };
