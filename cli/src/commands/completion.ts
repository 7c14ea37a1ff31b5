import { type Command, InvalidArgumentError } from 'commander';
import { example, type Registrar } from '../command-host.ts';
import { exitCodes } from '../exit-codes.ts';
import { type CommandShape, completionScript, type Shell, shells } from '../output/completion.ts';

const shapeOf = (command: Command): CommandShape => ({
  name: command.name(),
  description: command.description(),
  options: command.options
    .filter((option) => !option.hidden)
    .map(({ long, short, description, argChoices }) => ({
      flags: [long, short].filter((flag): flag is string => typeof flag === 'string'),
      description,
      choices: argChoices ?? [],
    })),
  words: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
  commands: command.commands.map(shapeOf),
});

const parseShell = (text: string): Shell => {
  const shell = shells.find((one) => one === text);
  if (shell === undefined) throw new InvalidArgumentError(`There is completion for ${shells.join(', ')}.`);
  return shell;
};

export const registerCompletion: Registrar = (program, host) => {
  const command = program
    .command('completion')
    .description('a script that completes commands and options in your shell')
    .argument('<shell>', 'bash, zsh or fish', parseShell)
    .action(
      host.act(async ({ io, args }) => {
        io.stdout.write(completionScript(parseShell(args[0] ?? ''), shapeOf(program)));
        return exitCodes.done;
      }),
    );
  example(command, 'tso completion bash > /etc/bash_completion.d/tso', 'tso completion fish > ~/.config/fish/completions/tso.fish');
};
