import { version as clientVersion, TsoError } from '@tso/proto';
import { addPlaceOptions, type Call, example, formatOption, type Registrar } from '../command-host.ts';
import { exitCodes } from '../exit-codes.ts';
import { jsonDocument } from '../output/json.ts';

interface EngineVersion {
  readonly Version?: string;
  readonly ApiVersion?: string;
  readonly KernelVersion?: string;
  readonly Arch?: string;
}

/** The daemon's version, or why there is none: a command line without a daemon still has a version of its own. */
const askDaemon = async ({ engine, context, io }: Call<object>): Promise<EngineVersion | TsoError> => {
  try {
    if (context.remote !== undefined) {
      const { withControl } = await import('../control-client.ts');
      return { Version: (await withControl(context, io.uid, (control) => control.getInfo({}))).engineVersion };
    }
    return await engine.call<EngineVersion>({ method: 'GET', path: '/version' });
  } catch (error) {
    if (error instanceof TsoError && (error.code === 'UNAVAILABLE' || error.code === 'PERMISSION_DENIED')) return error;
    throw error;
  }
};

const showVersion = async (call: Call<object>): Promise<number> => {
  const { io, json } = call;
  const answer = await askDaemon(call);
  const server = answer instanceof TsoError ? undefined : answer;
  if (json) {
    io.stdout.write(
      jsonDocument({
        client: { version: clientVersion, node: process.version },
        server:
          server === undefined
            ? null
            : { version: server.Version ?? '', apiVersion: server.ApiVersion ?? '', kernel: server.KernelVersion ?? '' },
      }),
    );
  } else {
    io.stdout.write(`tso ${clientVersion} (node ${process.version})\n`);
    io.stdout.write(server === undefined ? '' : `daemon ${server.Version ?? 'of unknown version'}\n`);
    if (answer instanceof TsoError) io.stderr.write(`daemon: ${answer.message}\n`);
  }
  return exitCodes.done;
};

export const registerVersion: Registrar = (program, host) => {
  const command = program
    .command('version')
    .description('versions of this program and of the daemon')
    .addOption(formatOption())
    .action(host.act(showVersion));
  addPlaceOptions(command);
  example(command, 'tso version', 'tso version --format json');
};
