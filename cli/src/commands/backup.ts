import type { BackupOptions, RestoreOptions } from '../cluster/backup.ts';
import { addPlaceOptions, type Call, example, formatOption, type Registrar } from '../command-host.ts';

export const registerBackup: Registrar = (program, host) => {
  const command = program
    .command('backup')
    .description('the whole state of the cluster, keys and all, as one file')
    .requiredOption('-o, --output <file>', 'where it goes; - is standard output')
    .option('--passphrase-file <file>', 'seal it with the passphrase in this file; - is standard input')
    .option('-q, --quiet', 'say nothing')
    .addOption(formatOption())
    .action(host.act(async (call: Call<BackupOptions>) => (await import('../cluster/backup.ts')).backup(call)));
  addPlaceOptions(command);
  example(command, 'sudo tso backup -o cluster.tso --passphrase-file passphrase', 'sudo tso backup -o - | ssh vault dd of=cluster.tso');
};

export const registerRestore: Registrar = (program, host) => {
  const command = program
    .command('restore')
    .description('start a cluster on this host from a backup')
    .argument('<file>', 'what tso backup wrote; - is standard input')
    .option('--passphrase-file <file>', 'the passphrase that it was sealed with; - is standard input')
    .option('-f, --force', 'replace the manager state that this host has')
    .option('--advertise-addr <addr[:port]>', 'the address that other hosts reach this one by')
    .option('--listen-addr <addr:port>', 'where members and joiners are listened for (default 0.0.0.0:2478)')
    .addOption(formatOption())
    .action(host.act(async (call: Call<RestoreOptions>) => (await import('../cluster/backup.ts')).restore(call)));
  addPlaceOptions(command);
  example(
    command,
    'sudo tso restore cluster.tso --passphrase-file passphrase',
    'sudo tso restore --force cluster.tso',
    'sudo tso restore --advertise-addr 10.0.0.1 cluster.tso',
  );
};
