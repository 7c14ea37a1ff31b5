import { type Platform, type Task, TsoError } from '@tso/proto';
import { commonFunctions } from './template-functions.ts';
import { evaluateTemplate, parseTemplate, type TemplateFunction, type TemplateRecord } from './template-language.ts';

/** The node that a task is on, as templates see it. */
export interface TemplateNode {
  readonly hostname: string;
  readonly platform: Pick<Platform, 'os' | 'architecture'>;
}

/** What only the content of a secret or config may take in; undefined for a name that does not exist. */
export interface FileFunctions {
  /** A variable of the container. */
  readonly env: (name: string) => string | undefined;
  /** What a secret or config of the same task holds, by the file name that it has in the container. */
  readonly secret: (target: string) => string | undefined;
  readonly config: (target: string) => string | undefined;
}

/** Where it runs among the tasks of its service: its slot, or with one on each node the node (SwarmKit template/context.go). */
const placeOf = ({ slot, nodeId }: Task): string => (slot === 0 ? nodeId : String(slot));

const fieldsOf = (task: Task, node: TemplateNode): TemplateRecord => {
  const service = `${task.stack}_${task.serviceName}`;
  const { os, architecture } = node.platform;
  return {
    Service: { ID: task.serviceId, Name: service, Labels: task.serviceLabels },
    Node: { ID: task.nodeId, Hostname: node.hostname, Platform: { OS: os, Architecture: architecture } },
    Task: { ID: task.id, Name: `${service}.${placeOf(task)}.${task.id}`, Slot: placeOf(task) },
  };
};

/** A name is repeated only where it stands in the template: one that comes of something else may be a secret. */
const lookup =
  (what: string, find: (name: string) => string | undefined, quoted: ReadonlySet<string>): TemplateFunction =>
  (args) => {
    const [name] = args;
    if (args.length !== 1 || typeof name !== 'string') throw new TsoError('INVALID_ARGUMENT', `${what} needs one name, in quotes`);
    const found = find(name);
    if (found !== undefined) return found;
    const which = quoted.has(name) ? name : 'of the name that the template comes to';
    throw new TsoError('INVALID_ARGUMENT', `there is no ${what === 'env' ? 'variable' : what} ${which}`);
  };

const common = new Map(commonFunctions);

/**
 * A text with everything in double braces filled in for a task: `.Service.Name .Service.ID .Service.Labels .Node.ID .Node.Hostname
 * .Node.Platform.OS .Node.Platform.Architecture .Task.ID .Task.Name .Task.Slot` (SwarmKit template/context.go), with the functions `index join
 * print printf len eq ne not and or`, and `if`. INVALID_ARGUMENT names the action that cannot be filled in.
 * @param functions of the content of secrets and configs: `env secret config`
 */
export const expandTemplate = (text: string, task: Task, node: TemplateNode, functions?: FileFunctions): string => {
  if (!text.includes('{{')) return text;
  const template = parseTemplate(text);
  const known =
    functions === undefined
      ? common
      : new Map([
          ...commonFunctions,
          ...(['env', 'secret', 'config'] as const).map((name) => [name, lookup(name, functions[name], template.quoted)] as const),
        ]);
  return evaluateTemplate(template, fieldsOf(task, node), known);
};

const ours = /\{\{[^{}]*\.(Service|Node|Task)\./;

/**
 * Whether a variable's value is a template of ours, rather than one of a program in the container: `--format {{.Names}}` is to reach it as it is. One of
 * ours names the service, the node or the task.
 */
export const isOurTemplate = (text: string): boolean => ours.test(text);

const named = <T>(what: string, work: () => T): T => {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof TsoError)) throw cause;
    throw new TsoError(cause.code, `${what}: ${cause.message}`, { cause, ...(cause.hint === undefined ? {} : { hint: cause.hint }) });
  }
};

const hostnamePattern = /^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$/;

const expandedHostname = (task: Task, node: TemplateNode): string => {
  const { hostname } = task.spec.container;
  if (!hostname.includes('{{')) return hostname;
  const name = named('hostname', () => expandTemplate(hostname, task, node));
  if (name.length <= 64 && hostnamePattern.test(name)) return name;
  throw new TsoError('INVALID_ARGUMENT', `hostname: ${hostname} comes to "${name}", which cannot be a host's name`, {
    hint: 'Letters, digits, dashes and dots, at most 64',
  });
};

/** The task with what its hostname and variables say of service, node and task filled in. INVALID_ARGUMENT: they cannot be. */
export const withTemplates = (task: Task, node: TemplateNode): Task => {
  const { container } = task.spec;
  if (!container.hostname.includes('{{') && !container.env.some(isOurTemplate)) return task;
  const env = container.env.map((entry) => {
    if (!isOurTemplate(entry)) return entry;
    return named(`environment ${entry.split('=', 1)[0]}`, () => expandTemplate(entry, task, node));
  });
  return { ...task, spec: { ...task.spec, container: { ...container, env, hostname: expandedHostname(task, node) } } };
};

/** The source of a mount, filled in. INVALID_ARGUMENT: it cannot be. */
export const expandedSource = (source: string, task: Task, node: TemplateNode): string =>
  named('the source of a mount', () => expandTemplate(source, task, node));
