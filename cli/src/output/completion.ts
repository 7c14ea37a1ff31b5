export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

export interface OptionShape {
  /** Long first. */
  readonly flags: readonly string[];
  readonly description: string;
  readonly choices: readonly string[];
}

/** What a completion script knows of a command. */
export interface CommandShape {
  readonly name: string;
  readonly description: string;
  readonly options: readonly OptionShape[];
  /** Words that its arguments are chosen from. */
  readonly words: readonly string[];
  readonly commands: readonly CommandShape[];
}

const placeFlags = ['--host', '--context', '--run-dir', '--data-dir', '--help'];

const wordsOf = (command: CommandShape): string => {
  const own = command.options.flatMap((option) => option.flags);
  return [...command.commands.map((one) => one.name), ...command.words, ...own, ...placeFlags.filter((flag) => !own.includes(flag))].join(
    ' ',
  );
};

/** Every command by its full path, the program itself first with an empty one. */
const paths = (command: CommandShape, path: readonly string[] = []): readonly (readonly [readonly string[], CommandShape])[] => [
  [path, command],
  ...command.commands.flatMap((child) => paths(child, [...path, child.name])),
];

/** Options whose value is a file. */
const fileFlags = [
  ...['-f', '--file', '--env-file', '-i', '--input', '-o', '--output', '--run-dir', '--data-dir'],
  ...['--token-file', '--passphrase-file', '--ca-cert', '--ca-key'],
];

/** Options whose value is one of some words, with all that any command knows of it. */
const choicesByFlag = (program: CommandShape): ReadonlyMap<string, readonly string[]> => {
  const choices = new Map<string, readonly string[]>();
  for (const [, { options }] of paths(program)) {
    for (const option of options.filter((one) => one.choices.length > 0)) {
      for (const flag of option.flags) choices.set(flag, [...new Set([...(choices.get(flag) ?? []), ...option.choices])]);
    }
  }
  return choices;
};

const bash = (program: CommandShape): string => {
  const chosen = [...choicesByFlag(program)].map(
    ([flag, words]) => `    ${flag}) COMPREPLY=($(compgen -W "${words.join(' ')}" -- "$cur")); return ;;`,
  );
  const cases = paths(program).map(([path, command]) => `    "${path.join(' ')}") words="${wordsOf(command)}" ;;`);
  const groups = program.commands.filter((command) => command.commands.length > 0).map((command) => command.name);
  return `# bash completion for tso
_tso() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} path="" words="" i word
  case "$prev" in
    ${fileFlags.join('|')}) COMPREPLY=($(compgen -f -- "$cur")); return ;;
${chosen.join('\n')}
  esac
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case "$word" in
      -*) ;;
      *)
        case "$path" in
          "") path=$word ;;
${groups.map((name) => `          ${name}) path="${name} $word" ;;\n`).join('')}        esac ;;
    esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  if [[ \${#COMPREPLY[@]} -eq 0 ]]; then COMPREPLY=($(compgen -f -- "$cur")); fi
}
complete -F _tso tso
`;
};

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
const zshItem = (name: string, description: string): string => quoted(`${name}:${description.replaceAll(':', '\\:')}`);

const zsh = (program: CommandShape): string => {
  const cases = paths(program).map(([path, command]) => {
    const items = [
      ...command.commands.map((child) => zshItem(child.name, child.description)),
      ...command.words.map((word) => zshItem(word, command.description)),
      ...command.options.flatMap((option) => option.flags.map((flag) => zshItem(flag, option.description))),
    ];
    return `    ${quoted(path.join(' '))}) items=(${items.join(' ')}) ;;`;
  });
  const groups = program.commands.filter((command) => command.commands.length > 0).map((command) => command.name);
  return `#compdef tso
# zsh completion for tso
_tso() {
  local -a items
  local path_="" word
  for word in \${words[2,CURRENT-1]}; do
    [[ $word == -* ]] && continue
    case $path_ in
      '') path_=$word ;;
${groups.map((name) => `      ${name}) path_="${name} $word" ;;\n`).join('')}    esac
  done
  case $path_ in
${cases.join('\n')}
  esac
  _describe 'tso' items || _files
}
compdef _tso tso
`;
};

const fish = (program: CommandShape): string => {
  const top = program.commands.map((command) => command.name).join(' ');
  const lines = paths(program).flatMap(([path, command]) => {
    const last = path.at(-1);
    const condition =
      last === undefined
        ? `not __fish_seen_subcommand_from ${top}`
        : path.map((name) => `__fish_seen_subcommand_from ${name}`).join('; and ');
    const children = command.commands.map(
      (child) => `complete -c tso -f -n ${quoted(condition)} -a ${child.name} -d ${quoted(child.description)}`,
    );
    const options = command.options.map((option) => {
      const flags = option.flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`)).join(' ');
      const choices = option.choices.length > 0 ? ` -x -a ${quoted(option.choices.join(' '))}` : '';
      return `complete -c tso -n ${quoted(condition)} ${flags} -d ${quoted(option.description)}${choices}`;
    });
    const words = command.words.map((word) => `complete -c tso -f -n ${quoted(condition)} -a ${word} -d ${quoted(command.description)}`);
    return [...children, ...words, ...options];
  });
  return `# fish completion for tso\n${lines.join('\n')}\n`;
};

/** The script that teaches a shell what can be typed after `tso`. */
export const completionScript = (shell: Shell, program: CommandShape): string => {
  switch (shell) {
    case 'bash':
      return bash(program);
    case 'zsh':
      return zsh(program);
    case 'fish':
      return fish(program);
    default:
      return shell satisfies never;
  }
};
