import type { Command } from 'commander';
import { addPlaceOptions, type Call, type CommandHost, example, formatOption, type Registrar } from '../command-host.ts';
import type { EngineImage } from '../engine-client.ts';
import { exitCodes } from '../exit-codes.ts';
import { openInput, showTransfer } from '../image-transfer.ts';
import { asText, collect } from '../options.ts';
import { jsonDocument } from '../output/json.ts';
import { renderTable, sizeText } from '../output/table.ts';
import { imageCells, imageColumns, imageRow, isNamed } from '../view-model/image-row.ts';

interface ImportOptions {
  readonly change?: readonly string[];
}

const importImage = async ({ io, engine, options, args, json }: Call<ImportOptions>): Promise<number> => {
  const [file = '-', name = ''] = args;
  const lines = engine.lines({
    method: 'POST',
    path: '/images/create',
    query: { fromSrc: '-', repo: name, changes: options.change },
    body: openInput(io, file),
  });
  const said = await showTransfer(io, lines, true);
  const id = said.at(-1) ?? '';
  io.stdout.write(json ? jsonDocument({ id, name }) : `${id}\n`);
  return exitCodes.done;
};

const load = async ({ io, engine, options, args, json }: Call<{ readonly input?: string }>): Promise<number> => {
  const body = openInput(io, options.input ?? args[0] ?? '-');
  const said = await showTransfer(io, engine.lines({ method: 'POST', path: '/images/load', body }), true);
  if (json) io.stdout.write(jsonDocument({ messages: said }));
  else if (!options.quiet) io.stdout.write(said.map((text) => `${text}\n`).join(''));
  return exitCodes.done;
};

const pull = async ({ io, engine, options, args, json }: Call<{ readonly platform?: string }>): Promise<number> => {
  const [name = ''] = args;
  const lines = engine.lines({ method: 'POST', path: '/images/create', query: { fromImage: name, platform: options.platform } });
  const said = await showTransfer(io, lines, json || options.quiet === true);
  if (json) io.stdout.write(jsonDocument({ name, messages: said }));
  else io.stdout.write(`${name}\n`);
  return exitCodes.done;
};

const list = async ({ io, engine, options, args, json }: Call<object>): Promise<number> => {
  const images = await engine.call<readonly EngineImage[]>({ method: 'GET', path: '/images/json' });
  const [wanted] = args;
  const rows = images.map(imageRow).filter((row) => wanted === undefined || isNamed(row, wanted));
  if (json) io.stdout.write(jsonDocument(rows));
  else if (options.quiet) io.stdout.write(rows.map((row) => `${row.id}\n`).join(''));
  else {
    const cells = rows.flatMap((row) => imageCells(row, io.clock.now(), sizeText));
    io.stdout.write(renderTable(imageColumns, cells, undefined));
  }
  return exitCodes.done;
};

const remove = async ({ io, engine, args, json }: Call<object>): Promise<number> => {
  const removed: string[] = [];
  for (const name of args) {
    await engine.call<unknown>({ method: 'DELETE', path: `/images/${encodeName(name)}` });
    removed.push(name);
    if (!json) io.stdout.write(`${name}\n`);
  }
  if (json) io.stdout.write(jsonDocument(removed));
  return exitCodes.done;
};

/** A name keeps its slashes in the path, as the Engine API has it. */
const encodeName = (name: string): string => name.split('/').map(encodeURIComponent).join('/');

const addPull = (parent: Command, host: CommandHost): Command =>
  addPlaceOptions(
    parent
      .command('pull')
      .description('fetch an image from its registry')
      .argument('<image>', 'name[:tag] or name@digest')
      .option('--platform <platform>', 'os/architecture[/variant]')
      .option('-q, --quiet', 'no progress')
      .addOption(formatOption())
      .action(host.act(pull)),
  );

const addList = (parent: Command, name: string, host: CommandHost): Command =>
  addPlaceOptions(
    parent
      .command(name)
      .description('list the images of this host')
      .argument('[name]', 'only those of this name')
      .option('-q, --quiet', 'ids only')
      .addOption(formatOption())
      .action(host.act(list)),
  );

export const registerImage: Registrar = (program, host) => {
  const image = program.command('image').description('images of this host');
  example(
    addPlaceOptions(
      image
        .command('import')
        .description('make an image from a root filesystem archive')
        .argument('<file>', 'tar archive, plain or compressed, - for stdin')
        .argument('<name>', 'name[:tag] of the image')
        .option(
          '-c, --change <instruction>',
          'Dockerfile instruction: CMD, ENTRYPOINT, ENV, EXPOSE, USER, WORKDIR, … (repeatable)',
          collect(asText),
        )
        .addOption(formatOption())
        .action(host.act(importImage)),
    ),
    `tso image import rootfs.tar mine:1 --change 'CMD ["/bin/sh"]'`,
  );
  example(
    addPlaceOptions(
      image
        .command('load')
        .description('bring in images from an OCI archive or a docker-archive')
        .argument('[file]', 'the archive; stdin without it')
        .option('-i, --input <file>', 'the same, as docker spells it')
        .option('-q, --quiet', 'no progress')
        .addOption(formatOption())
        .action(host.act(load)),
    ),
    'tso image load -i images.tar',
  );
  example(addList(image, 'ls', host), 'tso image ls', 'tso image ls --format json');
  example(addPull(image, host), 'tso image pull registry.example/web:1');
  example(
    addPlaceOptions(
      image
        .command('rm')
        .description('remove images from this host')
        .argument('<image...>', 'names or ids')
        .addOption(formatOption())
        .action(host.act(remove)),
    ),
    'tso image rm mine:1',
  );
  example(image, 'tso image ls');
  example(addList(program, 'images', host), 'tso images');
  example(addPull(program, host), 'tso pull registry.example/web:1');
};
