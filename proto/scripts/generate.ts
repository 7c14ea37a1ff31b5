// Makes src/gen from tso/v1/*.proto: protobufjs-cli's static module (the wire codec), and beside it the plain,
// readonly types and the method table that the rest of the house uses. protobufjs-cli's own types mark every field
// optional and nullable, which would put a check before each use; ours follow the rule in types.proto.
//
//   node proto/scripts/generate.ts           write
//   node proto/scripts/generate.ts --check   exit 1 when src/gen is not what the .proto files give
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import protobuf from 'protobufjs';

const packageDir = join(import.meta.dirname, '..');
const protoDir = join(packageDir, 'tso/v1');
const header = '// Made by proto/scripts/generate.ts from tso/v1/*.proto. Do not edit.\n';

const scalars: Readonly<Record<string, string>> = {
  double: 'number',
  float: 'number',
  int32: 'number',
  uint32: 'number',
  sint32: 'number',
  fixed32: 'number',
  sfixed32: 'number',
  int64: 'number',
  uint64: 'number',
  sint64: 'number',
  fixed64: 'number',
  sfixed64: 'number',
  bool: 'boolean',
  string: 'string',
  bytes: 'Uint8Array',
};

const typeName = (type: string): string => scalars[type] ?? type.split('.').at(-1) ?? type;
const lowerFirst = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);

const loadRoot = (): protobuf.Root => {
  const root = new protobuf.Root();
  root.resolvePath = (_origin, target) =>
    target.startsWith('google/')
      ? join(createRequire(import.meta.url).resolve('protobufjs/package.json'), '..', target)
      : join(packageDir, target);
  const files = readdirSync(protoDir)
    .filter((file) => file.endsWith('.proto'))
    .sort();
  root.loadSync(files.map((file) => `tso/v1/${file}`));
  root.resolveAll();
  root.remove(root.lookup('google') as protobuf.Namespace);
  const ours = root.lookup('tso.v1') as protobuf.Namespace;
  for (const extension of ours.nestedArray.filter((it) => it instanceof protobuf.Field)) ours.remove(extension);
  return root;
};

const isAlwaysPresent = (field: protobuf.Field): boolean =>
  field.resolvedType instanceof protobuf.Type && !field.repeated && !field.map && field.partOf === null;

const enumSource = (type: protobuf.Enum): string => {
  const values = Object.entries(type.values)
    .map(([name, value]) => `  ${name}: ${value},`)
    .join('\n');
  return `export const ${type.name} = {\n${values}\n} as const;\nexport type ${type.name} = (typeof ${type.name})[keyof typeof ${type.name}];\n`;
};

const messageSource = (type: protobuf.Type): string => {
  const fields = type.fieldsArray.map((field) => {
    const base = typeName(field.type);
    if (field instanceof protobuf.MapField) return `  readonly ${field.name}: Readonly<Record<string, ${base}>>;`;
    if (field.repeated) return `  readonly ${field.name}: readonly ${base}[];`;
    return `  readonly ${field.name}${field.partOf === null ? '' : '?'}: ${base};`;
  });
  return `export interface ${type.name} {\n${fields.join('\n')}\n}\n`;
};

const messageTypes = (root: protobuf.Root): protobuf.Type[] =>
  (root.lookup('tso.v1') as protobuf.Namespace).nestedArray.filter((it) => it instanceof protobuf.Type);

const typesSource = (root: protobuf.Root): string => {
  const nested = (root.lookup('tso.v1') as protobuf.Namespace).nestedArray;
  const parts = [
    ...nested.filter((it) => it instanceof protobuf.Enum).map(enumSource),
    ...messageTypes(root).map(messageSource),
    `export interface Messages {\n${messageTypes(root)
      .map((it) => `  readonly ${it.name}: ${it.name};`)
      .join('\n')}\n}\n`,
  ];
  return `${header}\n${parts.join('\n')}`;
};

/** Which message fields must be there, by message: what the codec checks after decoding. */
const presenceSource = (root: protobuf.Root): string => {
  const rows = messageTypes(root).map((type) => {
    const fields = type.fieldsArray.filter((field) => field.resolvedType instanceof protobuf.Type);
    const cells = fields.map((field) => {
      const kind = field.map ? 'map' : field.repeated ? 'list' : isAlwaysPresent(field) ? 'present' : 'optional';
      return `['${field.name}', '${typeName(field.type)}', '${kind}']`;
    });
    return `  ${type.name}: [${cells.join(', ')}],`;
  });
  return `${header}import type { Messages } from './types.ts';\n\nexport type Presence = 'present' | 'optional' | 'list' | 'map';\n\nexport const messageFields: Readonly<Record<keyof Messages, readonly (readonly [name: string, type: keyof Messages, presence: Presence])[]>> = {\n${rows.join('\n')}\n};\n`;
};

const rolesOf = (method: protobuf.Method): string[] =>
  (method.parsedOptions ?? [])
    .map((option: Record<string, unknown>) => option['(roles)'] ?? option['(tso.v1.roles)'])
    .filter((role) => typeof role === 'string');

const servicesSource = (root: protobuf.Root): string => {
  const services = (root.lookup('tso.v1') as protobuf.Namespace).nestedArray.filter((it) => it instanceof protobuf.Service);
  const parts = services.map((service) => {
    const methods = service.methodsArray.map((method) => {
      const kind = method.requestStream
        ? method.responseStream
          ? 'bidi'
          : 'client-stream'
        : method.responseStream
          ? 'server-stream'
          : 'unary';
      const roles = rolesOf(method);
      if (roles.length === 0) throw new Error(`${service.name}.${method.name} names no role: add option (roles) beside it`);
      return `  ${lowerFirst(method.name)}: { path: '/tso.v1.${service.name}/${method.name}', kind: '${kind}', request: '${typeName(method.requestType)}', response: '${typeName(method.responseType)}', roles: ${JSON.stringify(roles)} },`;
    });
    return `export const ${service.name} = {\n${methods.join('\n')}\n} as const;\n`;
  });
  return `${header}\n${parts.join('\n')}`;
};

const staticModule = async (root: protobuf.Root): Promise<string> => {
  const pbjs = createRequire(import.meta.url)('protobufjs-cli/pbjs') as {
    main: (args: string[], done: (error: Error | null, output: string) => void) => void;
  };
  const dir = mkdtempSync(join(tmpdir(), 'tso-proto-'));
  try {
    const input = join(dir, 'root.json');
    writeFileSync(input, JSON.stringify(root.toJSON()));
    const args = [
      '-t',
      'static-module',
      '-w',
      'es6',
      '--no-comments',
      '--no-create',
      '--no-verify',
      '--no-delimited',
      '--no-service',
      '--no-typeurl',
      '--es6',
      input,
    ];
    const output = await new Promise<string>((resolve, reject) =>
      pbjs.main(args, (error, text) => (error === null ? resolve(text) : reject(error))),
    );
    return header + output.replace('"protobufjs/minimal"', '"protobufjs/minimal.js"');
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
};

const root = loadRoot();
const outputs: Readonly<Record<string, string>> = {
  'types.ts': typesSource(root),
  'message-fields.ts': presenceSource(root),
  'services.ts': servicesSource(root),
  'codec.js': await staticModule(root),
  'codec.d.ts': `${header}import type { Reader, Writer } from 'protobufjs/minimal.js';\ninterface MessageType {\n  encode(message: object, writer?: Writer): Writer;\n  decode(reader: Reader | Uint8Array, length?: number): object;\n  fromObject(object: object): object;\n  toObject(message: object, options: object): object;\n}\nexport const tso: { readonly v1: Readonly<Record<string, MessageType>> };\n`,
};
const genDir = join(packageDir, 'src/gen');
const stale = Object.entries(outputs).filter(([file, text]) => {
  try {
    return readFileSync(join(genDir, file), 'utf8') !== text;
  } catch {
    return true;
  }
});
if (process.argv.includes('--check')) {
  if (stale.length > 0) {
    console.error(`proto/src/gen is out of date (${stale.map(([file]) => file).join(', ')}): run npm run generate`);
    process.exit(1);
  }
} else {
  for (const [file, text] of stale) writeFileSync(join(genDir, file), text);
  console.log(stale.length === 0 ? 'proto/src/gen is up to date' : `wrote ${stale.map(([file]) => file).join(', ')}`);
}
