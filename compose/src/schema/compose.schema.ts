/**
 * The shape of a compose file as a JSON schema, written from the text of the Compose Specification.
 * Version: the rolling specification as of commit 170098b (2026-07), https://github.com/compose-spec/compose-spec:
 * 04-version-and-name, 05-services, 06-networks, 07-volumes, 08-configs, 09-secrets, 14-include, 15-profiles, build, deploy,
 * develop, models; plus `pre_start` and `build.no_cache_filter`, which the reference implementation reads beyond that text.
 */
import { anyKeyTo, boolean, listOf, listOrMap, namesTo, object, type Schema, scalar, text } from './build.ts';
import { included, service } from './service.schema.ts';

/** `external: true`, or the old `external: {name: x}`. */
const external: Schema = object({ name: text }, { or: ['boolean', 'string'] });
const driverOptions = anyKeyTo({ type: ['string', 'number'] });

const network = object(
  {
    name: text,
    driver: text,
    driver_opts: driverOptions,
    ipam: object({
      driver: text,
      config: listOf(object({ subnet: text, ip_range: text, gateway: text, aux_addresses: anyKeyTo(text) })),
      options: anyKeyTo(text),
    }),
    external,
    internal: boolean,
    enable_ipv4: boolean,
    enable_ipv6: boolean,
    attachable: boolean,
    labels: listOrMap,
  },
  { or: ['null'] },
);

const volume = object({ name: text, driver: text, driver_opts: driverOptions, external, labels: listOrMap }, { or: ['null'] });

const secret = object({
  name: text,
  environment: text,
  file: text,
  external,
  labels: listOrMap,
  driver: text,
  driver_opts: driverOptions,
  template_driver: text,
});

const config = object({
  name: text,
  content: text,
  environment: text,
  file: text,
  external,
  labels: listOrMap,
  template_driver: text,
});

const model = object(
  { name: text, model: text, context_size: { type: ['integer', 'string'] }, runtime_flags: listOf(scalar) },
  { required: ['model'], or: ['null'] },
);

export const composeSchema: Schema = object({
  version: { type: ['string', 'number'] },
  name: text,
  include: listOf(included),
  services: namesTo(service),
  networks: namesTo(network),
  volumes: namesTo(volume),
  secrets: namesTo(secret),
  configs: namesTo(config),
  models: namesTo(model),
});
