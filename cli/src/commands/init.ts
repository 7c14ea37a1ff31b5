import { addPlaceOptions, type Call, example, formatOption, type Registrar } from '../command-host.ts';
import { exitCodes } from '../exit-codes.ts';
import { jsonDocument } from '../output/json.ts';

interface InitOptions {
  readonly addressPool?: string;
  readonly forceNewCluster?: boolean;
}

const init = async (call: Call<InitOptions>): Promise<number> => {
  const { io, engine, options, json } = call;
  const { ensureDaemon } = await import('../daemon-start.ts');
  await ensureDaemon(call);
  const nodeId = await engine.call<string>({
    method: 'POST',
    path: '/swarm/init',
    json: {
      ...(options.addressPool === undefined ? {} : { AddressPool: options.addressPool }),
      ...(options.forceNewCluster === true ? { ForceNewCluster: true } : {}),
    },
  });
  io.stdout.write(json ? jsonDocument({ nodeId }) : `${nodeId}\n`);
  return exitCodes.done;
};

export const registerInit: Registrar = (program, host) => {
  const command = program
    .command('init')
    .description('start a cluster with this host as its first manager')
    .option('--address-pool <cidr>', 'where the networks of stacks take their addresses from')
    .option('--force-new-cluster', 'a majority of the managers is lost for ever: go on alone with what this one has')
    .addOption(formatOption())
    .action(host.act(init));
  addPlaceOptions(command);
  example(command, 'tso init', 'tso init --address-pool 10.64.0.0/12');
};
