/** What one run of AVA said in TAP 13 (`ava --tap`). */
export interface TapReport {
  readonly passed: number;
  /** The title of each test that failed, and of each test file that crashed. */
  readonly failed: readonly TapFailure[];
  readonly skipped: readonly string[];
  /** false: the run ended before its summary, so more may have failed than was said. */
  readonly complete: boolean;
}

export interface TapFailure {
  readonly title: string;
  /** The YAML block below the result, without its indentation; may be empty. */
  readonly diagnosis: string;
}

const resultLine = /^(?<verdict>ok|not ok) \d+ - (?<title>.*)$/;
const skipMark = / # SKIP\b.*$/;

/** Reads the text of a whole run. Counts results, not the summary: the summary leaves out crashed files. */
export const parseTap = (text: string): TapReport => {
  let passed = 0;
  const failed: { title: string; diagnosis: string[] }[] = [];
  const skipped: string[] = [];
  let open: { title: string; diagnosis: string[] } | undefined;
  let complete = false;
  for (const line of text.split('\n')) {
    const { verdict, title = '' } = resultLine.exec(line)?.groups ?? {};
    if (verdict !== undefined) {
      open = undefined;
      if (verdict === 'not ok') {
        open = { title, diagnosis: [] };
        failed.push(open);
      } else if (skipMark.test(title)) {
        skipped.push(title.replace(skipMark, ''));
      } else {
        passed += 1;
      }
    } else if (/^# fail \d+$/.test(line)) {
      complete = true;
      open = undefined;
    } else if (open !== undefined && line.startsWith('  ') && line !== '  ---' && line !== '  ...') {
      open.diagnosis.push(line.slice(2));
    }
  }
  return {
    passed,
    failed: failed.map(({ title, diagnosis }) => ({ title, diagnosis: diagnosis.join('\n') })),
    skipped,
    complete,
  };
};
