import { type Command, Option } from 'commander';
import { type Context, contextOf } from './context.ts';
import { processUser } from './contexts.ts';
import { EngineClient } from './engine-client.ts';
import { printFailure } from './failure.ts';
import type { Io } from './io.ts';

/** Options that every command takes, before or after its name. */
export interface CommonOptions {
  readonly host?: string;
  readonly context?: string;
  readonly runDir?: string;
  readonly dataDir?: string;
  readonly format?: string;
  readonly quiet?: boolean;
}

/** One running command: what was asked, and the world it runs in. */
export interface Call<O> {
  readonly io: Io;
  readonly options: O & CommonOptions;
  readonly args: readonly string[];
  readonly context: Context;
  readonly engine: EngineClient;
  /** Whether one JSON document is wanted on stdout, and errors as JSON. */
  readonly json: boolean;
}

/** Hands commands their call, and takes the exit code that each ends with. */
export interface CommandHost {
  readonly io: Io;
  act<O>(run: (call: Call<O>) => Promise<number>): (...parameters: unknown[]) => Promise<void>;
}

/** Adds a command to the tree. */
export type Registrar = (program: Command, host: CommandHost) => void;

export const createCommandHost = (io: Io, finish: (exitCode: number) => void): CommandHost => ({
  io,
  act:
    <O>(run: (call: Call<O>) => Promise<number>) =>
    async (...parameters) => {
      // Commander hands the command itself last, behind its arguments and options.
      const command = parameters.at(-1) as Command;
      const options = command.optsWithGlobals() as O & CommonOptions;
      const json = options.format === 'json';
      try {
        const context = contextOf(options, io.env, processUser);
        finish(await run({ io, options, args: command.args, context, engine: new EngineClient(context, io.uid), json }));
      } catch (error) {
        finish(printFailure(io, error, json));
      }
    },
});

const placeOptions = (command: Command, hidden: boolean): Command => {
  for (const [flags, text] of [
    ['--host <address>', 'the daemon, as unix:///run/tso/tso.sock or tcp://manager:2478[,…] (TSO_HOST)'],
    ['--context <name>', 'a cluster that tso context create made known (TSO_CONTEXT)'],
    ['--run-dir <dir>', 'where the daemon keeps its socket (TSO_RUN_DIR, default /run/tso)'],
    ['--data-dir <dir>', 'where the daemon keeps its data (TSO_DATA_DIR, default /var/lib/tso)'],
  ] as const) {
    command.addOption(new Option(flags, text).hideHelp(hidden));
  }
  return command;
};

/** On the program they are listed; on each command they only work, so that help stays about the command. */
export const addPlaceOptions = (command: Command): Command => placeOptions(command, true);
export const addListedPlaceOptions = (command: Command): Command => placeOptions(command, false);

export const formatOption = (choices: readonly string[] = ['table', 'json']): Option =>
  new Option('--format <format>', 'how to print the result').choices([...choices]);

/** `Example:` at the end of a command's help. */
export const example = (command: Command, ...lines: readonly string[]): Command =>
  command.addHelpText('after', `\nExample${lines.length > 1 ? 's' : ''}:\n${lines.map((line) => `  ${line}`).join('\n')}`);
