import { type Attribute, acts, below, noModels, refuses, warns, withAll } from './attribute.ts';

/** What a service runs, and how it starts and ends. */
const process: readonly Attribute[] = [
  acts('image', 'both', 'each node pulls it for itself; the name of what is built, when there is build'),
  acts('command', 'both', 'instead of the CMD of the image; text is split into words and read by no shell'),
  acts('entrypoint', 'both', 'instead of the ENTRYPOINT of the image, whose CMD is then left out'),
  acts(
    'environment',
    'both',
    'a key without a value takes the one from where the command runs',
    '{{.Task.Slot}} and the like are filled in',
  ),
  acts('env_file', 'both', 'read where the command runs; the last file wins, environment over all'),
  acts('env_file[].path', 'compose', 'relative to the compose file'),
  acts('env_file[].required', 'compose', 'false: may be missing'),
  acts('env_file[].format', 'compose', 'raw: neither quotes nor variables are looked at', 'E202: another one'),
  acts('working_dir', 'both', 'the folder in the container'),
  acts('user', 'both', 'name or number, as the image knows it'),
  acts('group_add', 'compose', 'groups more, by name of the image or number'),
  acts('init', 'both', 'a small first process hands signals on and buries the dead'),
  acts('tty', 'both', 'a terminal for the process'),
  acts('stdin_open', 'both', 'standard input stays open'),
  acts('stop_signal', 'both', 'what a task is sent first; the one of the image unless said, else SIGTERM'),
  acts('stop_grace_period', 'both', 'how long it has until it is killed, hooks included; 10s unless said'),
  acts('restart', 'both', 'what deploy.restart_policy says, when that is not there; a task is replaced by a new one, on a node that fits'),
  acts('platform', 'compose', 'the variant of the image, and which nodes fit'),
  acts(
    'pull_policy',
    'compose',
    'on each node by itself, and never what is built: always, never, missing, build, refresh, daily, weekly, every_12h',
    'E306: build without build, refresh without pull_refresh_after',
  ),
  acts(
    'pull_refresh_after',
    'compose',
    'with pull_policy: refresh, an image pulled longer ago is pulled again before a start',
    'W400: without that',
  ),
  acts('runtime', 'compose', 'crun or runc instead of the one of the node', 'E401: another one'),
  acts('scale', 'compose', 'the same as deploy.replicas', 'E304: both, and not the same'),
  acts('container_name', 'compose', 'the name of the one task', 'E303: with several replicas'),
  acts('hostname', 'both', 'the name that the task has for itself', '{{.Task.Slot}}, {{.Node.Hostname}} and the like are filled in'),
  acts('domainname', 'compose', 'the domain that the task is in for itself'),
  acts('labels', 'both', 'labels of the containers; those of the service are deploy.labels'),
  acts('label_file', 'compose', 'read where the command runs; labels win'),
  acts('annotations', 'compose', 'handed to the runtime'),
  warns('attach', 'compose', 'no command follows the output of tasks by itself', 'follow logs with tso logs -f'),
  acts('profiles', 'compose', 'the service takes part when one of them is asked for (--profile, COMPOSE_PROFILES)'),
  acts('extends', 'compose', 'another service is taken as it is, and this one laid over it'),
  acts('extends.service', 'compose', 'its name'),
  acts('extends.file', 'compose', 'the file it is in; this one unless said', 'E401: what lies elsewhere (git, oci, http)'),
  ...withAll(refuses('provider', 'compose', 'no program of the host is asked to provide a service', 'run what it provides as a service'), [
    '.type',
    '.options',
  ]),
  refuses('models', 'compose', noModels, 'run the model as a service and pass its URL in environment'),
  refuses('models.*.endpoint_var', 'compose', noModels, 'pass the URL in environment'),
  refuses('models.*.model_var', 'compose', noModels, 'pass the name in environment'),
  refuses(
    'use_api_socket',
    'compose',
    'a task has no credentials for the cluster',
    'mount the socket as a volume if the container must have it',
  ),
];

const dependencies: readonly Attribute[] = [
  acts('depends_on', 'compose', 'tasks wait for those of the other service on whatever node; down takes the dependants away first'),
  acts(
    'depends_on.*.condition',
    'compose',
    'service_started, service_healthy (one task is), service_completed_successfully (it ended with 0; unless it says restart it runs once)',
  ),
  acts('depends_on.*.restart', 'compose', 'when the other service is replaced, this one is too'),
  acts('depends_on.*.required', 'compose', 'false: it may be missing or in a profile that is not active'),
];

const health: readonly Attribute[] = [
  acts('healthcheck', 'both', 'run by the node in the task; only a healthy task serves, an unhealthy one is replaced'),
  acts(
    'healthcheck.test',
    'both',
    'a text is read by the shell of the image; a list begins with CMD, CMD-SHELL or NONE',
    'E202: it begins with anything else',
  ),
  acts('healthcheck.interval', 'both', '30s unless said'),
  acts('healthcheck.timeout', 'both', 'then the probe is killed and has failed; 30s unless said'),
  acts('healthcheck.retries', 'both', 'so many failures in a row make it unhealthy; 3 unless said'),
  acts('healthcheck.start_period', 'both', 'failures from the start on that are not counted'),
  acts('healthcheck.start_interval', 'both', 'how often meanwhile; 5s unless said'),
  acts('healthcheck.disable', 'both', 'not even the one of the image is run'),
];

/** One kind of hook; which keys mean something follows from where it runs. */
const hook = (key: 'pre_start' | 'post_start' | 'pre_stop', when: string): readonly Attribute[] => [
  acts(key, 'compose', when),
  ...below(`${key}[]`, [
    acts('command', 'compose', 'as command of a service'),
    acts('user', 'compose', 'the one of the container unless said'),
    acts('privileged', 'compose', 'with all capabilities'),
    acts('working_dir', 'compose', 'the one of the container unless said'),
    acts('environment', 'compose', 'behind that of the container'),
  ]),
];

const hooks: readonly Attribute[] = [
  ...hook(
    'pre_start',
    'one after the other before each start of a task, in containers of their own with its mounts and networks; each must end with 0',
  ),
  acts('pre_start[].image', 'compose', 'the image of the service unless said'),
  acts(
    'pre_start[].per_replica',
    'compose',
    'true: before every task, wherever it starts',
    'W401: with several tasks a hook that does not say so runs before every one too',
  ),
  ...hook('post_start', 'in the container, right after its start; one that fails fails the task'),
  ...['post_start', 'pre_stop'].flatMap((key) => [
    warns(`${key}[].image`, 'neither', 'the command runs in the container of the service', 'remove it'),
    warns(`${key}[].per_replica`, 'neither', 'the command runs in every container of the service', 'remove it'),
  ]),
  ...hook('pre_stop', 'in the container, before the stop signal and within stop_grace_period'),
];

const watch = withAll(warns('develop', 'compose', 'sources are not watched', 'run tso up --build after a change'), [
  '.watch',
  ...['path', 'action', 'target', 'exec', 'ignore', 'include', 'initial_sync'].map((key) => `.watch[].${key}`),
  ...['command', 'user', 'privileged', 'working_dir', 'environment'].map((key) => `.watch[].exec.${key}`),
]);

export const processAttributes: readonly Attribute[] = below('services.*', [...process, ...dependencies, ...health, ...hooks, ...watch]);
