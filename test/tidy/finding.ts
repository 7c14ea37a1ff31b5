/** One place where a rule is broken: what is wrong there, what to write in its stead, and why the rule exists. */
export interface Finding {
  readonly path: string;
  readonly line?: number;
  readonly message: string;
}

export const describeFindings = (findings: readonly Finding[]): string =>
  findings.map(({ path, line, message }) => `${path}${line === undefined ? '' : `:${line}`}: ${message}`).join('\n');
