import { type Command, InvalidArgumentError, Option } from 'commander';
import type { CaOptions, IssueOptions } from '../cluster/authority.ts';
import { addPlaceOptions, type Call, type CommandHost, example, formatOption, type Registrar } from '../command-host.ts';
import { parseDuration, parseTimeout } from '../options.ts';

const authority = () => import('../cluster/authority.ts');

const parseLife = (text: string): number => {
  const ms = parseDuration(text);
  if (ms === undefined || ms < 3_600_000) throw new InvalidArgumentError('It is a duration of at least an hour, such as 90d.');
  return Math.round(ms);
};

const addOperators = (ca: Command, host: CommandHost): void => {
  const issue = ca
    .command('issue')
    .description('a certificate for an operator who works from another machine; tso context create takes the file')
    .argument('<name>', 'who it is for; the audit log has it')
    .requiredOption('-o, --output <file>', 'where it goes, with its key: only its owner may read it')
    .option('--expiry <duration>', 'how long it is good for (default 365d)', parseLife)
    .addOption(formatOption())
    .action(host.act(async (call: Call<IssueOptions>) => (await authority()).issueClient(call)));
  example(addPlaceOptions(issue), 'tso ca issue alice -o alice.tso', 'tso ca issue ci -o ci.tso --expiry 30d');
  const revoke = ca
    .command('revoke')
    .description('refuse the certificates of an operator at once')
    .argument('<name>', 'the name it was issued for')
    .option('-q, --quiet', 'say nothing')
    .addOption(formatOption())
    .action(host.act(async (call: Call<object>) => (await authority()).revokeClient(call)));
  example(addPlaceOptions(revoke), 'tso ca revoke alice');
};

export const registerCa: Registrar = (program, host) => {
  const ca = program
    .command('ca')
    .description('what vouches for the members of the cluster: its root, and another one with --rotate')
    .option('--rotate', 'another root, without a moment of downtime, and wait until every node has a certificate of it')
    .option('--ca-cert <file>', 'certificate of the new root (default: one is made)')
    .option('--ca-key <file>', 'its key')
    .option(
      '--cert-expiry <duration>',
      'how long certificates of nodes are good for from now on (default: as it is, 90d at first)',
      parseLife,
    )
    .option('-d, --detach', 'return once the rotation has begun')
    .option('--timeout <seconds>', 'give up waiting after this long, exit code 3', parseTimeout)
    .addOption(new Option('--progress <mode>', 'live view or lines').choices(['auto', 'plain', 'quiet']))
    .option('-q, --quiet', "the root's digest only")
    .addOption(formatOption())
    .action(host.act(async (call: Call<CaOptions>) => (await authority()).authority(call)));
  addPlaceOptions(ca);
  addOperators(ca, host);
  example(
    ca,
    'tso ca',
    'tso ca --cert-expiry 30d',
    'tso ca --rotate',
    'tso ca --rotate --ca-cert root.pem --ca-key root.key',
    'tso ca issue alice -o alice.tso',
  );
};
