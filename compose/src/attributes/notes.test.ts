import test from 'ava';
import { loadFrom } from '../load.ts';
import { memoryFiles } from '../testing/memory-files.ts';
import { oneService } from '../testing/spec-parts.ts';
import { catalogue } from './catalogue.ts';

/** For each code that a note of the catalogue names, by attribute, a file that is told of with it. */

const other = (lines: string): string => `  other: {image: o, ${lines}}\n`;
const net = (lines: string): string => oneService('networks: [n]', `networks: {n: {${lines}}}\n`);
const vol = (lines: string): string => oneService('volumes: ["v:/v"]', `volumes: {v: {${lines}}}\n`);
const deploy = (lines: string): string => oneService(`deploy: {${lines}}`);
const build = (lines: string): string => oneService(`build: {context: ., ${lines}}`);
const held = (kind: string, lines: string): string => oneService(`${kind}: [f]`, `${kind}: {f: {${lines}}}\n`);

const files: Readonly<Record<string, string>> = {
  'services.*.build.context E401': oneService('build: https://example.org/x.git'),
  'services.*.build.dockerfile_inline E303': build('dockerfile: a, dockerfile_inline: FROM scratch'),
  'services.*.build.cache_from W400': build('cache_from: [type=gha]'),
  'services.*.build.no_cache_filter W401': build('no_cache_filter: [a]'),
  'services.*.build.additional_contexts E401': build('additional_contexts: {a: https://example.org/x.git}'),
  'services.*.build.additional_contexts E304': oneService(
    'build: {context: ., additional_contexts: {a: service:other}}',
    other('tty: true'),
  ),
  'services.*.build.network E401': build('network: front'),
  'services.*.build.entitlements E401': build('entitlements: [device]'),
  'services.*.build.secrets E401': oneService('build: {context: ., secrets: [f]}', 'secrets: {f: {external: true}}\n'),
  'services.*.build.platforms E304': oneService('platform: linux/arm64\nbuild: {context: ., platforms: [linux/amd64]}'),
  'services.*.networks.*.ipv4_address E304': oneService(
    'networks: {n: {ipv4_address: 10.1.0.9}}',
    'networks: {n: {ipam: {config: [{subnet: 10.9.0.0/24}]}}}\n',
  ),
  'services.*.networks.*.ipv6_address E304': oneService(
    'networks: {n: {ipv6_address: "fd01::9"}}',
    'networks: {n: {enable_ipv6: true, ipam: {config: [{subnet: "fd00::/64"}]}}}\n',
  ),
  'services.*.networks.*.mac_address E304': oneService(
    'scale: 2\nnetworks: {n: {mac_address: "02:42:ac:11:65:43"}}',
    'networks: {n: {}}\n',
  ),
  'services.*.network_mode W401': oneService('network_mode: bridge'),
  'services.*.network_mode E401': oneService('network_mode: ns:/x'),
  'services.*.network_mode E303': oneService('network_mode: host\nnetworks: [default]'),
  'services.*.mac_address E304': oneService('scale: 2\nmac_address: "02:42:ac:11:65:43"'),
  'services.*.dns W401': oneService('dns: 127.0.0.1'),
  'services.*.extra_hosts E202': oneService('extra_hosts: [a=b]'),
  'services.*.expose W401': oneService('expose: ["1000-1200"]'),
  'services.*.links W400': oneService('links: [other]\nnetworks: [n]', `${other('tty: true')}networks: {n: {}}\n`),
  'services.*.external_links W400': oneService('external_links: [boxed]'),
  'services.*.ports[].host_ip E401': oneService('ports: [{target: 80, published: "80", host_ip: "fd00::1"}]'),
  'services.*.volumes[].type E401': oneService('volumes: [{type: cluster, source: x, target: /a}]'),
  'services.*.volumes[].source E401': oneService('volumes: [{type: bind, source: "C:\\\\x", target: /a}]'),
  'services.*.volumes[].target E305': oneService('volumes: ["/a:/x"]\ntmpfs: /x'),
  'services.*.volumes[].bind.recursive E304': oneService('volumes: [{type: bind, source: /a, target: /a, bind: {recursive: readonly}}]'),
  'services.*.tmpfs E401': oneService('tmpfs: "/a:huge=always"'),
  'services.*.volumes_from E401': oneService('volumes_from: [other]', other('volumes: [/anonymous]')),
  'services.*.deploy.mode E303': deploy('mode: global, replicas: 2'),
  'services.*.deploy.mode E202': deploy('mode: globl'),
  'services.*.deploy.endpoint_mode E303': oneService('ports: ["80:80"]\ndeploy: {endpoint_mode: dnsrr}'),
  'services.*.deploy.replicas E202': deploy('replicas: -1'),
  'services.*.deploy.rollback_config E303': deploy('mode: global-job, rollback_config: {parallelism: 1}'),
  'services.*.deploy.update_config E303': deploy('mode: replicated-job, update_config: {parallelism: 1}'),
  'services.*.deploy.placement.max_replicas_per_node E303': deploy('mode: global, placement: {max_replicas_per_node: 1}'),
  'services.*.deploy.restart_policy.condition W401': deploy('mode: replicated-job, restart_policy: {condition: any}'),
  'services.*.deploy.resources.limits.cpus E402': deploy('resources: {limits: {cpus: 0.0001}}'),
  'services.*.deploy.resources.reservations.cpus E402': deploy('resources: {reservations: {cpus: 0.0001}}'),
  'services.*.deploy.resources.reservations.memory E402': deploy('resources: {reservations: {memory: 1m}}'),
  'services.*.deploy.resources.reservations.generic_resources E202': deploy(
    'resources: {reservations: {generic_resources: [{discrete_resource_spec: {kind: gpu, value: 0}}]}}',
  ),
  'services.*.deploy.resources.limits.memory E402': deploy('resources: {limits: {memory: 1m}}'),
  'services.*.security_opt W400': oneService('security_opt: [label=disable]'),
  'services.*.security_opt E401': oneService('security_opt: [apparmor=mine]'),
  'services.*.userns_mode E401': oneService('userns_mode: keep'),
  'services.*.uts E401': oneService('uts: other'),
  'services.*.pid E401': oneService('pid: other'),
  'services.*.ipc E401': oneService('ipc: other'),
  'services.*.ipc E304': oneService('ipc: service:other', other('ipc: private')),
  'services.*.cgroup E202': oneService('cgroup: other'),
  'services.*.cgroup_parent E401': oneService('cgroup_parent: ../x'),
  'services.*.devices E401': oneService('devices: ["vendor.com/class=name"]'),
  'services.*.shm_size W400': oneService('ipc: service:other\nshm_size: 1m', other('ipc: shareable')),
  'services.*.cpus E402': oneService('cpus: -1'),
  'services.*.cpu_quota E402': oneService('cpu_quota: 7'),
  'services.*.mem_reservation E402': oneService('mem_reservation: 1m'),
  'services.*.mem_limit E402': oneService('mem_limit: 1m'),
  'services.*.mem_swappiness E402': oneService('mem_swappiness: 101'),
  'services.*.blkio_config.weight E402': oneService('blkio_config: {weight: 5}'),
  'services.*.logging.driver W401': oneService('logging: {driver: syslog}'),
  'services.*.logging.options W400': oneService('logging: {options: {tag: x}}'),
  'services.*.logging.options W401': oneService('logging: {options: {max-size: "-1"}}'),
  'services.*.env_file[].format E202': oneService('env_file: [{path: vars.env, format: x}]'),
  'services.*.runtime E401': oneService('runtime: kata'),
  'services.*.container_name E303': oneService('container_name: boxed\nscale: 2'),
  'services.*.extends.file E401': oneService('extends: {service: a, file: "https://example.org/x.git"}'),
  'services.*.pull_policy E306': oneService('pull_policy: build'),
  'services.*.pull_refresh_after W400': oneService('pull_refresh_after: 1h'),
  'services.*.scale E304': oneService('scale: 2\ndeploy: {replicas: 3}'),
  'services.*.healthcheck.test E202': oneService('healthcheck: {test: [true]}'.replace('true', 'sh')),
  'services.*.pre_start[].per_replica W401': oneService('scale: 2\npre_start: [{command: x}]'),
  'include[].path E401': oneService('tty: true', 'include: ["https://example.org/x.git"]\n'),
  'networks.*.driver W401': net('driver: bridge'),
  'networks.*.driver E401': net('driver: ipvlan'),
  'networks.*.driver_opts W400': net('driver: bridge, driver_opts: {parent: eth0}'),
  'networks.*.driver_opts E401': net('driver: macvlan, driver_opts: {parent: eth0, macvlan_mode: vepa}'),
  'networks.*.enable_ipv4 E400': net('enable_ipv4: false'),
  'networks.*.ipam.driver E401': net('ipam: {driver: mine}'),
  'networks.*.ipam.config E401': net('ipam: {config: [{subnet: 10.9.0.0/24}, {subnet: 10.8.0.0/24}]}'),
  'networks.*.ipam.config[].subnet E402': net('ipam: {config: [{subnet: 10.9.0.0/30}]}'),
  'networks.*.ipam.config[].subnet W401': net('ipam: {config: [{subnet: 10.9.0.7/24}]}'),
  'networks.*.ipam.config[].ip_range E304': net('ipam: {config: [{subnet: 10.9.0.0/24, ip_range: 10.8.0.0/25}]}'),
  'networks.*.ipam.config[].gateway E304': net('ipam: {config: [{subnet: 10.9.0.0/24, gateway: 10.8.0.1}]}'),
  'volumes.*.driver E401': vol('driver: plug'),
  'volumes.*.driver_opts E401': vol('driver_opts: {size: 1g}'),
  'volumes.*.driver_opts E306': vol('driver_opts: {device: /x}'),
  'configs.*.file E402': held('configs', 'file: ./large'),
  'secrets.*.file E402': held('secrets', 'file: ./large'),
  'configs.*.template_driver E401': held('configs', 'content: x, template_driver: mustache'),
  'secrets.*.template_driver E401': held('secrets', 'file: ./vars.env, template_driver: mustache'),
};

const present = memoryFiles({ '/project/vars.env': 'A=1\n', '/project/large': 'x'.repeat(2 ** 20 + 1) });

const codesOf = (text: string): readonly string[] => {
  const at = { ...present, read: (path: string) => (path === '/project/compose.yaml' ? text : present.read(path)) };
  const port = { ...at, isFile: (path: string) => path === '/project/compose.yaml' || present.isFile(path) };
  const result = loadFrom({ files: ['compose.yaml'], cwd: '/project', env: {} }, port);
  return (result.ok ? result.warnings : result.diagnostics).map(({ code }) => code);
};

const noted = catalogue.flatMap(({ path, notes }) =>
  notes.flatMap((note) => /^[EW]\d{3}(?=: )/.exec(note)?.map((code) => `${path} ${code}`) ?? []),
);

test('every value that the catalogue notes as refused or warned of is', (t) => {
  t.deepEqual(
    noted.filter((name) => files[name] === undefined),
    [],
    'noted, and no file shows it',
  );
  t.deepEqual(
    Object.keys(files).filter((name) => !noted.includes(name)),
    [],
    'shown, and not noted',
  );
  for (const [name, text] of Object.entries(files)) {
    const code = name.split(' ')[1] ?? '';
    t.true(codesOf(text).includes(code), `${name}: ${codesOf(text).join(', ')}`);
  }
});
