/** What a registry asks for in `WWW-Authenticate` (RFC 9110 11.6.1; distribution's token specification). */
export interface Challenge {
  /** Lower case: `bearer`, `basic`. */
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const token = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;

/** Reads a header that may hold several challenges. What is not understood is passed over, never guessed at. */
export const parseChallenges = (header: string): readonly Challenge[] => {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  let at = 0;
  const word = (): string => {
    token.lastIndex = at;
    const found = token.exec(header)?.[0] ?? '';
    at += found.length;
    return found;
  };
  const blanks = (): void => {
    while (/[\s,]/.test(header.charAt(at))) at += 1;
  };
  const quoted = (): string => {
    let text = '';
    for (at += 1; at < header.length && header.charAt(at) !== '"'; at += 1) {
      if (header.charAt(at) === '\\') at += 1;
      text += header.charAt(at);
    }
    at += 1;
    return text;
  };
  for (blanks(); at < header.length; blanks()) {
    const name = word();
    if (name === '') at += 1;
    else if (header.charAt(at) === '=') {
      at += 1;
      const value = header.charAt(at) === '"' ? quoted() : word();
      const last = challenges.at(-1);
      if (last !== undefined) last.parameters[name.toLowerCase()] = value;
    } else challenges.push({ scheme: name.toLowerCase(), parameters: {} });
  }
  return challenges;
};
