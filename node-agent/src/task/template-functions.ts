import { TsoError } from '@tso/proto';
import { isTrue, requireLength, type TemplateFunction, type TemplateValue, templateText } from './template-language.ts';

const need = (name: string, args: readonly TemplateValue[], least: number): void => {
  if (args.length < least) throw new TsoError('INVALID_ARGUMENT', `${name} needs ${least === 1 ? 'a value' : `${least} values`}`);
};

const index: TemplateFunction = (args) => {
  need('index', args, 2);
  let [value = ''] = args;
  for (const key of args.slice(1)) {
    if (typeof value !== 'object') throw new TsoError('INVALID_ARGUMENT', 'index looks into something that has no keys');
    // A key that is not there is the empty text, as a map of texts has it in Go.
    value = Object.hasOwn(value, String(key)) ? (value[String(key)] ?? '') : '';
  }
  return value;
};

/** Looked at before: a value may be as long as a file, and stand in a template as often as there is room for its name. */
const together = (values: readonly TemplateValue[], separator = ''): string => {
  const texts = values.map(templateText);
  requireLength(texts.reduce((length, text) => length + text.length + separator.length, -separator.length));
  return texts.join(separator);
};

const verbs: Readonly<Record<string, (value: TemplateValue) => string>> = {
  s: templateText,
  v: templateText,
  d: (value) => templateText(value),
  q: (value) => JSON.stringify(templateText(value)),
};

/** Its text may come of a secret, so no message repeats any of it. */
const printf: TemplateFunction = (args) => {
  need('printf', args, 1);
  const [format = '', ...rest] = args;
  let at = 0;
  let length = 0;
  const text = templateText(format).replaceAll(/%(.?)/g, (_, verb: string) => {
    if (verb === '%') return '%';
    const print = verbs[verb];
    const value = rest[at];
    if (print === undefined)
      throw new TsoError('INVALID_ARGUMENT', 'printf does not know one of its verbs; it knows %s, %v, %d, %q and %%');
    if (value === undefined) throw new TsoError('INVALID_ARGUMENT', 'printf has fewer values than its text asks for');
    at += 1;
    const printed = print(value);
    length += printed.length;
    requireLength(length);
    return printed;
  });
  if (at < rest.length) throw new TsoError('INVALID_ARGUMENT', 'printf has more values than its text asks for');
  return text;
};

/** Go's built-in functions that make sense of texts, and SwarmKit's `join`, whose separator comes first. */
export const commonFunctions: readonly (readonly [name: string, work: TemplateFunction])[] = [
  ['index', index],
  ['printf', printf],
  ['print', (args) => together(args)],
  ['join', ([separator = '', ...rest]) => together(rest, templateText(separator))],
  [
    'len',
    (args) => {
      need('len', args, 1);
      const [value = ''] = args;
      return typeof value === 'object' ? Object.keys(value).length : new TextEncoder().encode(templateText(value)).length;
    },
  ],
  [
    'eq',
    (args) => {
      need('eq', args, 2);
      return args.slice(1).some((one) => one === args[0]);
    },
  ],
  [
    'ne',
    (args) => {
      need('ne', args, 2);
      return args[0] !== args[1];
    },
  ],
  [
    'not',
    (args) => {
      need('not', args, 1);
      return !isTrue(args[0] ?? '');
    },
  ],
  [
    'and',
    (args) => {
      need('and', args, 1);
      return args.find((one) => !isTrue(one)) ?? args.at(-1) ?? '';
    },
  ],
  [
    'or',
    (args) => {
      need('or', args, 1);
      return args.find(isTrue) ?? args.at(-1) ?? '';
    },
  ],
];
