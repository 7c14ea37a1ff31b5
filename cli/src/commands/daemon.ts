import { Option } from 'commander';
import { addPlaceOptions, type Call, example, type Registrar } from '../command-host.ts';
import { asText, collect } from '../options.ts';

interface DaemonOptions {
  readonly listenAddr?: string;
  readonly advertiseAddr?: string;
  readonly metricsAddr?: string;
  readonly cgroupParent?: string;
  readonly runtime?: string;
  readonly logLevel?: string;
  readonly usernsRemap?: string;
  readonly tunnelRotation?: string;
  readonly insecureRegistry?: readonly string[];
  readonly genericResource?: readonly string[];
  readonly managerOption?: readonly string[];
}

/** The agent's own arguments. Only what was said is passed on: the defaults are the agent's. */
export const daemonArguments = (options: DaemonOptions, dirs: { readonly dataDir: string; readonly runDir: string }): readonly string[] => {
  const flags: readonly (readonly [string, string | undefined])[] = [
    ['--data-dir', dirs.dataDir],
    ['--run-dir', dirs.runDir],
    ['--listen-addr', options.listenAddr],
    ['--advertise-addr', options.advertiseAddr],
    ['--metrics-addr', options.metricsAddr],
    ['--cgroup-parent', options.cgroupParent],
    ['--runtime', options.runtime],
    ['--log-level', options.logLevel],
    ['--userns-remap', options.usernsRemap],
    ['--tunnel-rotation', options.tunnelRotation],
  ];
  return [
    ...flags.flatMap(([flag, value]) => (value === undefined ? [] : [flag, value])),
    ...(options.insecureRegistry ?? []).flatMap((registry) => ['--insecure-registry', registry]),
    ...(options.genericResource ?? []).flatMap((resource) => ['--generic-resource', resource]),
    ...(options.managerOption ?? []).flatMap((option) => ['--manager-option', option]),
  ];
};

const daemon = async ({ io, options, context }: Call<DaemonOptions>): Promise<number> => {
  const { becomeAgent } = await import('../become-agent.ts');
  return becomeAgent(daemonArguments(options, context), io.env);
};

export const registerDaemon: Registrar = (program, host) => {
  const command = program
    .command('daemon')
    .description('the node agent, in the foreground')
    .option('--listen-addr <addr:port>', 'where a manager on this node listens for other nodes (0.0.0.0:2478)')
    .option('--advertise-addr <addr>', 'the address that other nodes reach this one at')
    .option('--metrics-addr <addr:port>', 'serve figures and health to scrapers; on a network address by mutual TLS')
    .option('--cgroup-parent <path>', 'cgroup that all containers are under')
    .addOption(new Option('--runtime <name>', 'what runs containers').choices(['crun', 'runc']))
    .addOption(
      new Option('--log-level <level>', 'least serious message to log').choices([
        'trace',
        'debug',
        'info',
        'warn',
        'error',
        'fatal',
        'silent',
      ]),
    )
    .option('--userns-remap <base:size>', 'run containers with their ids moved to these, such as 100000:65536')
    .option('--tunnel-rotation <time>', 'how old a key of encrypted networks may become, such as 30m (12h)')
    .option('--insecure-registry <host>', 'registry that is spoken to without TLS (repeatable)', collect(asText))
    .option(
      '--generic-resource <kind=count|kind=id,id>',
      'countable things of this host that services can reserve, such as gpu=4 or ssd=fast1,fast2 (repeatable)',
      collect(asText),
    )
    .option(
      '--manager-option <name=number>',
      'setting of the manager on this node, such as election-ticks=30 (repeatable)',
      collect(asText),
    )
    .action(host.act(daemon));
  addPlaceOptions(command);
  example(command, 'sudo tso daemon', 'sudo tso daemon --data-dir /srv/b --run-dir /run/b --cgroup-parent /tso-b');
};
