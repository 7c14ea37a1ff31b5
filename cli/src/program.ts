import { version } from '@tso/proto';
import { Command, CommanderError } from 'commander';
import { addListedPlaceOptions, createCommandHost, example, type Registrar } from './command-host.ts';
import { registerBackup, registerRestore } from './commands/backup.ts';
import { registerBuild } from './commands/build.ts';
import { registerCa } from './commands/ca.ts';
import { registerCompletion } from './commands/completion.ts';
import { registerConfig } from './commands/config.ts';
import { registerContext } from './commands/context.ts';
import { registerCp } from './commands/cp.ts';
import { registerDaemon } from './commands/daemon.ts';
import { registerDiff } from './commands/diff.ts';
import { registerDoctor } from './commands/doctor.ts';
import { registerDown } from './commands/down.ts';
import { registerEvents } from './commands/events.ts';
import { registerExec } from './commands/exec.ts';
import { registerConfigs, registerSecrets } from './commands/files.ts';
import { registerImage } from './commands/image.ts';
import { registerInfo } from './commands/info.ts';
import { registerInit } from './commands/init.ts';
import { registerJoin, registerLeave } from './commands/join.ts';
import { registerKill } from './commands/kill.ts';
import { registerLogs } from './commands/logs.ts';
import { registerLs } from './commands/ls.ts';
import { registerNetwork } from './commands/network.ts';
import { registerNode } from './commands/node.ts';
import { registerPort } from './commands/port.ts';
import { registerPs } from './commands/ps.ts';
import { registerRebalance } from './commands/rebalance.ts';
import { registerScale } from './commands/scale.ts';
import { registerService } from './commands/service.ts';
import { registerStats } from './commands/stats.ts';
import { registerToken } from './commands/token.ts';
import { registerTop } from './commands/top.ts';
import { registerAutolock, registerUnlock, registerUnlockKey } from './commands/unlock.ts';
import { registerUp } from './commands/up.ts';
import { registerPause, registerRestart, registerStart, registerStop, registerUnpause } from './commands/verbs.ts';
import { registerVersion } from './commands/version.ts';
import { registerWait } from './commands/wait.ts';
import { exitCodes } from './exit-codes.ts';
import type { Io } from './io.ts';

/** Which command each word is, in the order that help lists them. */
const groups: readonly { readonly title: string; readonly registrars: Readonly<Record<string, Registrar>> }[] = [
  {
    title: 'Stacks:',
    registrars: {
      up: registerUp,
      build: registerBuild,
      down: registerDown,
      diff: registerDiff,
      ps: registerPs,
      logs: registerLogs,
      exec: registerExec,
      cp: registerCp,
      top: registerTop,
      stats: registerStats,
      port: registerPort,
      events: registerEvents,
      scale: registerScale,
      restart: registerRestart,
      stop: registerStop,
      start: registerStart,
      kill: registerKill,
      pause: registerPause,
      unpause: registerUnpause,
      wait: registerWait,
      rebalance: registerRebalance,
      ls: registerLs,
      service: registerService,
      network: registerNetwork,
      secrets: registerSecrets,
      configs: registerConfigs,
      config: registerConfig,
    },
  },
  {
    title: 'Cluster:',
    registrars: {
      init: registerInit,
      join: registerJoin,
      leave: registerLeave,
      token: registerToken,
      node: registerNode,
      ca: registerCa,
      autolock: registerAutolock,
      unlock: registerUnlock,
      'unlock-key': registerUnlockKey,
      backup: registerBackup,
      restore: registerRestore,
    },
  },
  {
    title: 'This host:',
    registrars: {
      image: registerImage,
      images: registerImage,
      pull: registerImage,
      daemon: registerDaemon,
      context: registerContext,
      info: registerInfo,
      doctor: registerDoctor,
      version: registerVersion,
      completion: registerCompletion,
    },
  },
];

/** Every word that is a command. */
export const commandNames: readonly string[] = groups.flatMap(({ registrars }) => Object.keys(registrars));

/** The one command that is meant, or all: making sixty to use one would take longer than most of them run. */
const wanted = (word: string | undefined): typeof groups => {
  const only = groups
    .map(({ registrars }) => (word === undefined || !Object.hasOwn(registrars, word) ? undefined : registrars[word]))
    .find(Boolean);
  // A completion script is about all of them.
  return only === undefined || word === undefined || word === 'completion' ? groups : [{ title: '', registrars: { [word]: only } }];
};

/** Every command inherits what is set here, so it must be set before they are added. */
const createProgram = (io: Io, told: (text: string) => void): Command => {
  const program = new Command('tso')
    .description('A multi-container orchestrator: the compose file you have, on all your machines.')
    .version(version, '-V, --version', 'the version of this program')
    .enablePositionalOptions()
    .exitOverride()
    .showSuggestionAfterError()
    .configureHelp({ helpWidth: io.stdout.columns ?? 100 })
    .configureOutput({ writeOut: (text) => void io.stdout.write(text), writeErr: told, outputError: (text, write) => write(text) });
  return example(addListedPlaceOptions(program), 'tso up -f stack.yml', 'tso ps', 'tso logs -f', 'tso down');
};

/** Help was asked for, or printed because a group of commands was named without one. */
const isHelp = (error: CommanderError): boolean =>
  error.code === 'commander.helpDisplayed' || error.code === 'commander.help' || error.code === 'commander.version';

const tellUsage = (io: Io, error: CommanderError, text: string, argv: readonly string[]): void => {
  const json = argv.some((argument, index) => argument === '--format=json' || (argument === '--format' && argv[index + 1] === 'json'));
  const message = text.replace(/^error: /, '').trim();
  const hint = 'tso COMMAND --help says what it takes.';
  if (json) io.stderr.write(`${JSON.stringify({ error: { code: 'INVALID_ARGUMENT', message, hint, details: { usage: error.code } } })}\n`);
  else io.stderr.write(`error: ${message.endsWith('.') || message.endsWith('?)') ? message : `${message}.`} ${hint}\n`);
};

/** Runs one command line (without the program's name) and resolves with its exit code. Never throws. */
export const run = async (argv: readonly string[], io: Io): Promise<number> => {
  let exitCode: number = exitCodes.done;
  let text = '';
  const program = createProgram(io, (part) => {
    text += part;
  });
  const host = createCommandHost(io, (code) => {
    exitCode = code;
  });
  for (const { title, registrars } of wanted(argv[0])) {
    program.commandsGroup(title);
    for (const register of new Set(Object.values(registrars))) register(program, host);
  }
  // Made here, it is listed with the last group instead of in one of its own.
  program.helpCommand('help [command]', 'what a command does and takes');
  if (argv.length === 0) {
    program.outputHelp();
    return exitCodes.done;
  }
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (!isHelp(error)) tellUsage(io, error, text, argv);
    else if (text !== '') io.stdout.write(text);
    return isHelp(error) ? exitCodes.done : exitCodes.usage;
  }
};
