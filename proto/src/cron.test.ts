import test from 'ava';
import fc from 'fast-check';
import { cronProblem, lastFiring, nextFiring } from './cron.ts';

const shown = (atMs: number | undefined, timeZone: string): string =>
  atMs === undefined
    ? 'never'
    : `${new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' }).format(atMs)} ${new Date(atMs).toISOString().slice(11, 16)}Z`;

/** The next ones after an instant, each by the clocks of the zone and of UTC. */
const firings = (cron: string, timeZone: string, after: string, count: number): readonly string[] => {
  const found: string[] = [];
  let at: number | undefined = Date.parse(after);
  while (found.length < count && at !== undefined) {
    at = nextFiring({ cron, timeZone }, at);
    found.push(shown(at, timeZone === '' ? 'UTC' : timeZone));
  }
  return found;
};

test('five fields are due at the minute, six at the second, and a name is what it says', (t) => {
  t.deepEqual(firings('*/5 4 * * *', '', '2026-01-01T04:52:00Z', 2), ['2026-01-01 04:55:00 04:55Z', '2026-01-02 04:00:00 04:00Z']);
  t.deepEqual(firings('*/20 * * * * *', '', '2026-01-01T04:52:19Z', 2), ['2026-01-01 04:52:20 04:52Z', '2026-01-01 04:52:40 04:52Z']);
  t.deepEqual(
    ['@hourly', '@daily', '@midnight', '@weekly', '@monthly', '@yearly', '@annually'].map(
      (name) => firings(name, '', '2026-01-01T00:00:00Z', 1)[0],
    ),
    [
      '2026-01-01 01:00:00 01:00Z',
      '2026-01-02 00:00:00 00:00Z',
      '2026-01-02 00:00:00 00:00Z',
      '2026-01-04 00:00:00 00:00Z',
      '2026-02-01 00:00:00 00:00Z',
      '2027-01-01 00:00:00 00:00Z',
      '2027-01-01 00:00:00 00:00Z',
    ],
  );
});

test('an instant that is due is not the next one after itself, a moment before it is', (t) => {
  const atMs = Date.parse('2026-01-01T05:00:00Z');
  t.is(nextFiring({ cron: '0 * * * *', timeZone: '' }, atMs), atMs + 3_600_000);
  t.is(nextFiring({ cron: '0 * * * *', timeZone: '' }, atMs - 1), atMs);
});

test('hours are those of the zone, whole or not', (t) => {
  t.deepEqual(firings('0 9 * * MON-FRI', 'Asia/Kolkata', '2026-05-01T12:00:00Z', 2), [
    '2026-05-04 09:00:00 03:30Z',
    '2026-05-05 09:00:00 03:30Z',
  ]);
  t.deepEqual(firings('0 0 1 1 *', 'Pacific/Auckland', '2026-05-01T12:00:00Z', 1), ['2027-01-01 00:00:00 11:00Z']);
});

test('a day of the month and a day of the week are due on either', (t) => {
  t.deepEqual(firings('0 12 13 * FRI', '', '2026-03-06T12:00:00Z', 4), [
    '2026-03-13 12:00:00 12:00Z',
    '2026-03-20 12:00:00 12:00Z',
    '2026-03-27 12:00:00 12:00Z',
    '2026-04-03 12:00:00 12:00Z',
  ]);
});

test('in Berlin in spring a time that clocks leave out is due an hour later, once', (t) => {
  t.deepEqual(firings('30 2 * * *', 'Europe/Berlin', '2026-03-28T00:00:00Z', 3), [
    '2026-03-28 02:30:00 01:30Z',
    '2026-03-29 03:30:00 01:30Z',
    '2026-03-30 02:30:00 00:30Z',
  ]);
  // What is due an hour later anyhow is not due twice.
  t.deepEqual(firings('30 2,3 * * *', 'Europe/Berlin', '2026-03-29T00:00:00Z', 2), [
    '2026-03-29 03:30:00 01:30Z',
    '2026-03-30 02:30:00 00:30Z',
  ]);
  // What is late does not push aside what is due meanwhile.
  t.deepEqual(firings('0,45 2,3 * * *', 'Europe/Berlin', '2026-03-29T00:00:00Z', 3), [
    '2026-03-29 03:00:00 01:00Z',
    '2026-03-29 03:45:00 01:45Z',
    '2026-03-30 02:00:00 00:00Z',
  ]);
  t.deepEqual(firings('45 2 * * *', 'Europe/Berlin', '2026-03-29T01:10:00Z', 1), ['2026-03-29 03:45:00 01:45Z']);
});

test('in Berlin in autumn a time that comes twice is due the first time alone, whenever one asks', (t) => {
  t.deepEqual(firings('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', 2), [
    '2026-10-25 02:30:00 00:30Z',
    '2026-10-26 02:30:00 01:30Z',
  ]);
  t.deepEqual(firings('30 2 * * *', 'Europe/Berlin', '2026-10-25T01:10:00Z', 1), ['2026-10-26 02:30:00 01:30Z']);
  t.deepEqual(firings('0 */2 * * *', 'Europe/Berlin', '2026-10-24T23:00:00Z', 2), [
    '2026-10-25 02:00:00 00:00Z',
    '2026-10-25 04:00:00 03:00Z',
  ]);
});

test('in New York it is the same, at its own instants', (t) => {
  t.deepEqual(firings('15 2 * * *', 'America/New_York', '2026-03-07T12:00:00Z', 2), [
    '2026-03-08 03:15:00 07:15Z',
    '2026-03-09 02:15:00 06:15Z',
  ]);
  t.deepEqual(firings('15 1 * * *', 'America/New_York', '2026-10-31T12:00:00Z', 2), [
    '2026-11-01 01:15:00 05:15Z',
    '2026-11-02 01:15:00 06:15Z',
  ]);
});

test('what is due in every hour goes on through both, neither missing an hour nor hurrying', (t) => {
  t.deepEqual(firings('*/30 * * * *', 'Europe/Berlin', '2026-10-25T00:00:00Z', 5), [
    '2026-10-25 02:30:00 00:30Z',
    '2026-10-25 02:00:00 01:00Z',
    '2026-10-25 02:30:00 01:30Z',
    '2026-10-25 03:00:00 02:00Z',
    '2026-10-25 03:30:00 02:30Z',
  ]);
  t.deepEqual(firings('@hourly', 'America/New_York', '2026-03-08T05:30:00Z', 3), [
    '2026-03-08 01:00:00 06:00Z',
    '2026-03-08 03:00:00 07:00Z',
    '2026-03-08 04:00:00 08:00Z',
  ]);
});

test('midnight that does not exist is due an hour later, and a day that does not exist a day later', (t) => {
  t.deepEqual(firings('@daily', 'America/Havana', '2026-03-07T12:00:00Z', 2), ['2026-03-08 01:00:00 05:00Z', '2026-03-09 00:00:00 04:00Z']);
  t.deepEqual(firings('0 12 30 12 *', 'Pacific/Apia', '2011-01-01T00:00:00Z', 2), [
    '2011-12-31 12:00:00 22:00Z',
    '2012-12-30 12:00:00 22:00Z',
  ]);
});

test('what is no schedule is said in a sentence', (t) => {
  const problems: readonly (readonly [string, string, RegExp])[] = [
    ['', '', /^a schedule says when: five fields/],
    ['* * * *', '', /^"\* \* \* \*" has 4 fields: a schedule has five/],
    ['0 0 12 1 1 * 2030', '', /has 7 fields/],
    ['2026-01-01T00:00:00', '', /has 1 field:/],
    ['60 * * * *', '', /^"60 \* \* \* \*" is no schedule: invalid value for minute: 60$/],
    ['* 25 * * *', '', /invalid value for hour: 25/],
    ['5/15 * * * *', '', /stepping with numeric prefix .*; use wildcard/i],
    ['*/0 * * * *', '', /illegal stepping/],
    ['a b c d e', '', /illegal characters$/],
    ['@every 5m', '', /^"@every 5m" is no schedule that is known: those with a name are @hourly, /],
    ['@reboot', '', /is no schedule that is known/],
    ['0 0 31 2 *', '', /^"0 0 31 2 \*" never comes$/],
    ['0 0 * * *', 'Mars/Olympus', /^"Mars\/Olympus" is no time zone: they have the names of the IANA database/],
    ['0 0 * * *', '+02:00', /^"\+02:00" is no time zone/],
  ];
  for (const [cron, timeZone, expected] of problems) t.regex(cronProblem(cron, timeZone) ?? 'none', expected);
  for (const cron of ['*/5 * * * *', ' 0  3 * * 1-5 ', '0 0 29 2 *', '0 0 L * *', '@Hourly', '15 30 4 * * SUN'])
    t.is(cronProblem(cron, 'Europe/Berlin'), undefined);
});

test('a day that comes in none of the months named never comes', (t) => {
  t.is(cronProblem('0 0 31 2,4,6,9,11 *', ''), '"0 0 31 2,4,6,9,11 *" never comes');
  t.is(nextFiring({ cron: '0 0 31 2,4,6,9,11 *', timeZone: '' }, 0), undefined);
});

test('a pattern or a zone without end is refused by its length, and quoted by nobody', (t) => {
  const long = Array.from({ length: 2_000_000 }, () => '1').join(',');
  t.is(cronProblem(`${long} * * * *`, ''), 'a schedule may have 256 characters, and this one has 4000007');
  t.is(cronProblem(`${' '.repeat(256)}* * * * *`, ''), 'a schedule may have 256 characters, and this one has 265');
  t.is(cronProblem('@daily', 'Z'.repeat(65)), 'the name of a time zone may have 64 characters, and this one has 65');
  t.is(nextFiring({ cron: `${long} * * * *`, timeZone: '' }, 0), undefined);
  t.is(cronProblem(`0 0 ${Array.from({ length: 31 }, (_, day) => day + 1).join(',')} * *`, 'America/Argentina/ComodRivadavia'), undefined);
});

test('what is no schedule is never due, and asking stops nobody', (t) => {
  t.is(nextFiring({ cron: 'nonsense', timeZone: '' }, 0), undefined);
  t.is(nextFiring({ cron: '* * * * *', timeZone: 'Mars/Olympus' }, 0), undefined);
  t.is(lastFiring({ cron: 'nonsense', timeZone: '' }, 0, Date.parse('2026-01-01')), undefined);
});

test('the last firing of a long time is found without looking at each', (t) => {
  const [since, now] = [Date.parse('2020-01-01'), Date.parse('2026-05-05T05:05:05.500Z')];
  t.is(lastFiring({ cron: '* * * * * *', timeZone: 'Europe/Berlin' }, since, now), now - 500);
  t.is(lastFiring({ cron: '0 0 1 1 *', timeZone: '' }, since, now), Date.parse('2026-01-01'));
  t.is(lastFiring({ cron: '0 0 1 1 *', timeZone: '' }, Date.parse('2026-01-01'), now), undefined);
});

const crons = fc.constantFrom(
  '*/7 * * * *',
  '30 2 * * *',
  '0 */3 * * *',
  '15 1,2,3 * * *',
  '59 23 * * SUN',
  '*/40 10 2 * * *',
  '0 0 1 * *',
);
const zones = fc.constantFrom(
  '',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'America/St_Johns',
  'Pacific/Chatham',
  'Africa/Casablanca',
);
/** Within two hours of 2026, closer than by chance to where clocks change. */
const instants = fc.oneof(
  fc.integer({ min: Date.parse('2026-01-01'), max: Date.parse('2027-01-01') }),
  fc
    .constantFrom('2026-03-29T01:00Z', '2026-10-25T01:00Z', '2026-03-08T07:00Z', '2026-11-01T06:00Z')
    .chain((at) => fc.integer({ min: Date.parse(at) - 10_800_000, max: Date.parse(at) + 10_800_000 })),
);

test('firings are one set of instants: each lies after what it is asked from, and none between is passed over', (t) => {
  fc.assert(
    fc.property(crons, zones, instants, fc.integer({ min: 1, max: 10_800_000 }), (cron, timeZone, fromMs, stepMs) => {
      const schedule = { cron, timeZone };
      const first = nextFiring(schedule, fromMs) ?? 0;
      if (first <= fromMs) return false;
      // From anywhere before it, it is still the next one unless another one comes between.
      const later = nextFiring(schedule, Math.min(fromMs + stepMs, first - 1));
      const next = nextFiring(schedule, first) ?? 0;
      return later === first && next > first && lastFiring(schedule, fromMs, next - 1) === first;
    }),
    { numRuns: 300 },
  );
  t.pass();
});

/** Minutes of the day by the clocks of a zone at each minute of some hours. */
const wallMinutes = (timeZone: string, fromMs: number, hours: number): readonly number[] => {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  return Array.from({ length: hours * 60 }, (_, minute) => {
    const [hour = '', rest = ''] = format.format(fromMs + minute * 60_000).split(':');
    return Number(hour) * 60 + Number(rest);
  });
};

/** What is due by looking at the clock minute by minute: what it shows again is not due again, what it passes over is due as much later. */
const byLooking = (walls: readonly number[], minutes: ReadonlySet<number>, hours: ReadonlySet<number> | undefined): ReadonlySet<number> => {
  const isDue = (wall: number): boolean => minutes.has(wall % 60) && (hours === undefined || hours.has(Math.floor(wall / 60)));
  const due = new Set<number>();
  const shown = new Set<number>();
  for (const [at, wall] of walls.entries()) {
    const before = walls[at - 1] ?? wall - 1;
    for (let skipped = before + 1; skipped < wall && hours !== undefined; skipped += 1)
      if (isDue(skipped)) due.add(at + skipped - before - 1);
    if (isDue(wall) && (hours === undefined || !shown.has(wall))) due.add(at);
    shown.add(wall);
  }
  return due;
};

test('around each change of clocks it is due as one who looks at them minute by minute says', (t) => {
  const changes = fc.constantFrom(
    ['Europe/Berlin', '2026-03-29T01:00Z'] as const,
    ['Europe/Berlin', '2026-10-25T01:00Z'] as const,
    ['America/New_York', '2026-03-08T07:00Z'] as const,
    ['America/New_York', '2026-11-01T06:00Z'] as const,
    ['Australia/Lord_Howe', '2026-10-03T15:30Z'] as const,
    ['Australia/Lord_Howe', '2026-04-04T15:00Z'] as const,
    ['America/St_Johns', '2026-11-01T04:30Z'] as const,
  );
  const some = (max: number) => fc.uniqueArray(fc.integer({ min: 0, max }), { minLength: 1, maxLength: 8 });
  const hours = fc.option(some(6), { nil: undefined });
  fc.assert(
    fc.property(changes, some(59), hours, ([timeZone, at], minute, hour) => {
      // From half past midnight there: no day begins in these five hours.
      const fromMs = Date.parse(at) - 90 * 60_000;
      const walls = wallMinutes(timeZone, fromMs, 5);
      const schedule = { cron: `${minute.join()} ${hour?.join() ?? '*'} * * *`, timeZone };
      const found = new Set<number>();
      for (
        let next = nextFiring(schedule, fromMs - 1);
        next !== undefined && next < fromMs + walls.length * 60_000;
        next = nextFiring(schedule, next)
      )
        found.add((next - fromMs) / 60_000);
      const expected = byLooking(walls, new Set(minute), hour && new Set(hour));
      return expected.size === found.size && [...expected].every((one) => found.has(one));
    }),
    { numRuns: 300 },
  );
  t.pass();
});

test('each day of a year has a firing of a time of day, never two, whatever clocks do', (t) => {
  for (const timeZone of ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe']) {
    const seen: string[] = [];
    let at: number | undefined = Date.parse('2026-01-01T12:00:00Z');
    for (let day = 0; day < 365 && at !== undefined; day += 1) {
      at = nextFiring({ cron: '10 2 * * *', timeZone }, at);
      seen.push(shown(at, timeZone).slice(0, 10));
    }
    t.is(new Set(seen).size, 365);
    t.deepEqual([...seen].sort(), seen);
  }
});
