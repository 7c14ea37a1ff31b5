import type { Report } from './diagnostics.ts';

/** What takes findings about places of a file, says what was found before, and which name was meant. */
export type Told = Pick<Report, 'at' | 'hasAny' | 'meantHint'>;

/** For a model that is only shown: what `up` would refuse is no error but a warning (W402); warnings stay what they are. */
export const onlyShown = (report: Report): Told => ({
  hasAny: (codes) => report.hasAny(codes),
  meantHint: (word, known) => report.meantHint(word, known),
  at: (code, place, which, path, message, extra) =>
    code.startsWith('W')
      ? report.at(code, place, which, path, message, extra)
      : report.at('W402', place, which, path, `tso up refuses this: ${message}`, extra),
});
