import { type ChildProcess, spawn } from 'node:child_process';
import { createPrivateKey, sign } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programPath, runCommand } from '../../../node-agent/src/host-command.ts';
import type { BlobFixture, ImageFixture } from './image-fixtures.ts';

/** htpasswd -nbB puller right:horse */
const htpasswd = 'puller:$2y$05$MWMEIdMZ3Z523dyEWJQt..ZGRxPeToN98a7LoOYgG0xBb5s7me0bS\n';
export const rightCredentials = { username: 'puller', password: 'right:horse' };

const basic = ({ username, password }: typeof rightCredentials): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;

const listen = (server: Server): Promise<number> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));

const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

/** A key and its self-signed certificate for 127.0.0.1, by openssl. */
export const makeCertificate = async (dir: string): Promise<{ readonly key: string; readonly cert: string }> => {
  const key = join(dir, 'key.pem');
  const cert = join(dir, 'cert.pem');
  const subject = ['-subj', '/CN=tso-lab', '-addext', 'subjectAltName=IP:127.0.0.1'];
  await runCommand('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', cert, ...subject]);
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
};

type Authentication = 'none' | 'basic' | 'token';

/** Debian's docker-registry on a port of its own, storing in a temporary folder. */
export class RegistryLab {
  readonly dir = mkdtempSync(join(tmpdir(), 'tso-registry-'));
  readonly #authentication: Authentication;
  #process: ChildProcess | undefined;
  #tokens: TokenServer | undefined;
  port = 0;

  constructor(authentication: Authentication = 'none') {
    this.#authentication = authentication;
  }

  get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  get tokensGiven(): number {
    return this.#tokens?.given ?? 0;
  }

  async start(): Promise<void> {
    const auth = await this.#auth();
    const config = {
      version: 0.1,
      log: { level: 'info' },
      storage: { filesystem: { rootdirectory: join(this.dir, 'data') } },
      http: { addr: '127.0.0.1:0' },
      ...auth,
    };
    const path = join(this.dir, 'config.yml');
    // JSON is YAML.
    writeFileSync(path, JSON.stringify(config));
    const child = spawn(programPath('docker-registry'), ['serve', path], { stdio: ['ignore', 'ignore', 'pipe'], env: {} });
    this.#process = child;
    this.port = await new Promise((resolve, reject) => {
      let text = '';
      child.on('exit', () => reject(new Error(`docker-registry ended: ${text}`)));
      child.stderr.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        const port = /listening on 127\.0\.0\.1:(\d+)/.exec(text)?.[1];
        if (port !== undefined) resolve(Number(port));
      });
    });
  }

  async #auth(): Promise<object> {
    mkdirSync(join(this.dir, 'auth'));
    if (this.#authentication === 'basic') {
      const path = join(this.dir, 'auth/htpasswd');
      writeFileSync(path, htpasswd);
      return { auth: { htpasswd: { realm: 'lab', path } } };
    }
    if (this.#authentication === 'token') {
      this.#tokens = new TokenServer(await makeCertificate(join(this.dir, 'auth')));
      const realm = `http://127.0.0.1:${await this.#tokens.start()}/token`;
      return { auth: { token: { realm, service: 'lab-registry', issuer: 'lab-issuer', rootcertbundle: join(this.dir, 'auth/cert.pem') } } };
    }
    return {};
  }

  async #authorization(repository: string): Promise<Readonly<Record<string, string>>> {
    if (this.#authentication === 'basic') return { authorization: basic(rightCredentials) };
    if (this.#tokens !== undefined) return { authorization: `Bearer ${this.#tokens.token(repository, ['pull', 'push'])}` };
    return {};
  }

  /** Pushes by the distribution protocol: blobs in one piece, then the manifest under each tag and its digest. */
  async push(repository: string, image: ImageFixture, tags: readonly string[]): Promise<void> {
    for (const blob of [image.config, ...image.layers]) await this.#pushBlob(repository, blob);
    await this.pushManifest(repository, image.manifest, tags);
  }

  async pushManifest(repository: string, manifest: BlobFixture, tags: readonly string[]): Promise<void> {
    for (const name of [manifest.digest, ...tags]) {
      await this.#send('PUT', `http://${this.host}/v2/${repository}/manifests/${name}`, repository, manifest.bytes, {
        'content-type': manifest.mediaType,
      });
    }
  }

  async #pushBlob(repository: string, blob: BlobFixture): Promise<void> {
    const begun = await this.#send('POST', `http://${this.host}/v2/${repository}/blobs/uploads/`, repository);
    const target = new URL(begun.headers.get('location') ?? '', `http://${this.host}`);
    target.searchParams.set('digest', blob.digest);
    await this.#send('PUT', target.href, repository, blob.bytes, { 'content-type': 'application/octet-stream' });
  }

  async #send(
    method: string,
    url: string,
    repository: string,
    body?: Uint8Array,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const content = body === undefined ? {} : { body: Buffer.from(body) };
    const response = await fetch(url, { method, headers: { ...headers, ...(await this.#authorization(repository)) }, ...content });
    if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`);
    return response;
  }

  /** Where the registry keeps a blob. */
  blobFile(digest: string): string {
    const hex = digest.slice('sha256:'.length);
    return join(this.dir, 'data/docker/registry/v2/blobs/sha256', hex.slice(0, 2), hex, 'data');
  }

  async stop(): Promise<void> {
    const child = this.#process;
    if (child !== undefined && child.exitCode === null) {
      child.removeAllListeners('exit');
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
    }
    await this.#tokens?.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Gives anyone the right to pull from `public/…`, and the right user the right to pull from anywhere (distribution's token specification). */
class TokenServer {
  readonly #pair: { readonly key: string; readonly cert: string };
  readonly #server: Server;
  given = 0;

  constructor(pair: { readonly key: string; readonly cert: string }) {
    this.#pair = pair;
    this.#server = createServer((asked, answer) => this.#answer(asked, answer));
  }

  start(): Promise<number> {
    return listen(this.#server);
  }

  stop(): Promise<void> {
    return close(this.#server);
  }

  #answer(asked: IncomingMessage, answer: ServerResponse): void {
    const url = new URL(asked.url ?? '', 'http://token');
    const [kind, repository = '', actions] = (url.searchParams.get('scope') ?? '').split(':');
    const { authorization } = asked.headers;
    const known = authorization === basic(rightCredentials);
    if (
      (authorization !== undefined && !known) ||
      kind !== 'repository' ||
      actions !== 'pull' ||
      url.searchParams.get('service') !== 'lab-registry'
    ) {
      answer.writeHead(401).end();
      return;
    }
    this.given += 1;
    const granted = known || repository.startsWith('public/') ? ['pull'] : [];
    answer
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ token: this.token(repository, granted), expires_in: 300 }));
  }

  token(repository: string, actions: readonly string[]): string {
    const now = Math.floor(Date.now() / 1000);
    const certificate = this.#pair.cert.replace(/-----[^-]+-----|\s/g, '');
    const claims = {
      iss: 'lab-issuer',
      sub: '',
      aud: 'lab-registry',
      exp: now + 300,
      nbf: now - 10,
      iat: now,
      jti: `${now}`,
      access: [{ type: 'repository', name: repository, actions }],
    };
    const text = `${base64url({ typ: 'JWT', alg: 'RS256', x5c: [certificate] })}.${base64url(claims)}`;
    return `${text}.${sign('sha256', Buffer.from(text), createPrivateKey(this.#pair.key)).toString('base64url')}`;
  }
}

/** What the proxy does with one request instead of passing it on; true: done. */
export type Fault = (asked: IncomingMessage, answer: ServerResponse) => boolean;

/** Stands between the agent and a registry: writes down what is asked, and fails where the test says. */
export class RegistryProxy {
  readonly #server: Server;
  readonly asked: { readonly method: string; readonly path: string; readonly authorization: string | undefined }[] = [];
  fault: Fault = () => false;
  port = 0;

  constructor(upstreamPort: number, tls?: { readonly key: string; readonly cert: string }) {
    const pass = (asked: IncomingMessage, answer: ServerResponse): void => {
      this.asked.push({ method: asked.method ?? '', path: asked.url ?? '', authorization: asked.headers.authorization });
      if (this.fault(asked, answer)) return;
      const onward = request(
        { host: '127.0.0.1', port: upstreamPort, path: asked.url, method: asked.method, headers: asked.headers },
        (response) => {
          answer.writeHead(response.statusCode ?? 500, response.headers);
          response.pipe(answer);
        },
      );
      onward.on('error', () => answer.destroy());
      asked.pipe(onward);
    };
    this.#server = tls === undefined ? createServer(pass) : createTlsServer(tls, pass);
  }

  get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    this.port = await listen(this.#server);
  }

  /** Digests of the blobs asked for so far. */
  blobs(): readonly string[] {
    return this.asked.flatMap(({ path }) => (path.includes('/blobs/') ? [path.slice(path.lastIndexOf('/') + 1)] : []));
  }

  stop(): Promise<void> {
    return close(this.#server);
  }
}
