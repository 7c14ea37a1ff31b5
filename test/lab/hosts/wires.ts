import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { command, succeed } from '../support/command.ts';

/** By its path: a package of ours brings another program of that name into PATH. */
export const nft = '/usr/sbin/nft';

/** A new network namespace, kept by a file until that is unmounted. */
export const makeNetworkNamespace = async (pin: string): Promise<void> => {
  await mkdir(dirname(pin), { recursive: true });
  await writeFile(pin, '');
  await succeed('unshare', [`--net=${pin}`, 'true']);
};

/** Runs a program in the network namespace of that file. */
export const inNetwork = (pin: string, program: string, args: readonly string[], input?: string): Promise<string> =>
  succeed('nsenter', [`--net=${pin}`, '--', program, ...args], input === undefined ? {} : { input });

/** A folder below which namespaces can be kept by files: its mount does not propagate. */
export const makePrivate = async (folder: string): Promise<void> => {
  await succeed('mount', ['--bind', folder, folder]);
  await succeed('mount', ['--make-private', folder]);
};

interface Plug {
  readonly address: string;
  /** Of eth0, whichever namespace that is in: a host that was booted anew is known to its neighbours. */
  readonly mac: string;
  readonly port: string;
}

/**
 * One switch, a bridge in a network namespace of its own, and a cable from it to each host. Links are cut at the switch, where no host
 * can see or mend it: what one address sends to another is dropped in silence, one way or both. The bridge has an address too: whoever
 * runs in the switch's namespace is a client outside of all hosts.
 */
export class Wires {
  /** The file that keeps the switch's namespace. */
  readonly pin: string;
  /** Of the bridge: the default gateway of all hosts, where outside clients are. */
  readonly gateway = '10.79.0.254';
  readonly #plugs = new Map<string, Plug>();
  /** `from>to`, names of hosts. */
  readonly #cuts = new Set<string>();
  #ports = 0;

  private constructor(pin: string) {
    this.pin = pin;
  }

  /** @param folder below a mount that does not propagate */
  static async create(folder: string): Promise<Wires> {
    const wires = new Wires(join(folder, 'switch'));
    await makeNetworkNamespace(wires.pin);
    await wires.#ip('link', 'set', 'lo', 'up');
    await wires.#ip('link', 'add', 'switch', 'type', 'bridge');
    await wires.#ip('address', 'add', `${wires.gateway}/24`, 'dev', 'switch');
    await wires.#ip('link', 'set', 'switch', 'up');
    return wires;
  }

  /** The address of a host, the same each time it is plugged in. */
  addressOf(name: string): string {
    return this.#plug(name).address;
  }

  /** Reserves an address and a port of the switch. */
  reserve(name: string): string {
    this.#ports += 1;
    const address = `10.79.0.${this.#ports}`;
    const mac = `02:4f:00:00:00:${this.#ports.toString(16).padStart(2, '0')}`;
    this.#plugs.set(name, { address, mac, port: `port${this.#ports}` });
    return address;
  }

  /** A cable from the switch to eth0 of that namespace, which gets its address and the switch as its gateway. */
  async connect(name: string, pin: string): Promise<void> {
    const { address, mac, port } = this.#plug(name);
    await inNetwork(pin, 'ip', ['link', 'set', 'lo', 'up']);
    await inNetwork(pin, 'ip', ['link', 'add', 'eth0', 'address', mac, 'type', 'veth', 'peer', 'name', port, 'netns', this.pin]);
    await inNetwork(pin, 'ip', ['address', 'add', `${address}/24`, 'dev', 'eth0']);
    await inNetwork(pin, 'ip', ['link', 'set', 'eth0', 'up']);
    await inNetwork(pin, 'ip', ['route', 'add', 'default', 'via', this.gateway]);
    await this.#ip('link', 'set', port, 'master', 'switch', 'up');
  }

  /** Takes the cable away, both ends. It may be gone already. */
  async disconnect(name: string): Promise<void> {
    await command('nsenter', [`--net=${this.pin}`, '--', 'ip', 'link', 'delete', this.#plug(name).port]);
  }

  /** The link of a host is down, as with its cable pulled, or up again. */
  async setLink(name: string, up: boolean): Promise<void> {
    await this.#ip('link', 'set', this.#plug(name).port, up ? 'up' : 'down');
  }

  /** From now on nothing that `from` sends reaches `to`. */
  async cutOneWay(from: string, to: string): Promise<void> {
    this.#cuts.add(`${from}>${to}`);
    await this.#filter();
  }

  /** Two groups that do not reach each other any more; within each all is well. */
  async cut(ones: readonly string[], others: readonly string[]): Promise<void> {
    for (const [one, other] of pairs(ones, others)) {
      this.#cuts.add(`${one}>${other}`);
      this.#cuts.add(`${other}>${one}`);
    }
    await this.#filter();
  }

  /** Undoes what cut() did between these. */
  async join(ones: readonly string[], others: readonly string[]): Promise<void> {
    for (const [one, other] of pairs(ones, others)) {
      this.#cuts.delete(`${one}>${other}`);
      this.#cuts.delete(`${other}>${one}`);
    }
    await this.#filter();
  }

  async joinOneWay(from: string, to: string): Promise<void> {
    this.#cuts.delete(`${from}>${to}`);
    await this.#filter();
  }

  /** Everybody reaches everybody again. */
  async heal(): Promise<void> {
    if (this.#cuts.size === 0) return;
    this.#cuts.clear();
    await this.#filter();
  }

  /** Whether nothing is cut between these two, either way. */
  reaches(one: string, other: string): boolean {
    return !this.#cuts.has(`${one}>${other}`) && !this.#cuts.has(`${other}>${one}`);
  }

  async #filter(): Promise<void> {
    const dropped = [...this.#cuts].map((cut) => {
      const [from = '', to = ''] = cut.split('>');
      return `${this.addressOf(from)} . ${this.addressOf(to)}`;
    });
    const rule = dropped.length === 0 ? '' : `ip saddr . ip daddr { ${dropped.join(', ')} } drop\n`;
    const chain = `chain passing {\ntype filter hook forward priority 0; policy accept;\n${rule}}\n`;
    await inNetwork(this.pin, nft, ['-f', '-'], `add table bridge cuts\ndelete table bridge cuts\ntable bridge cuts {\n${chain}}\n`);
  }

  #plug(name: string): Plug {
    const plug = this.#plugs.get(name);
    if (plug === undefined) throw new Error(`the switch has no port for ${name}`);
    return plug;
  }

  #ip(...args: readonly string[]): Promise<string> {
    return inNetwork(this.pin, 'ip', args);
  }
}

const pairs = (ones: readonly string[], others: readonly string[]): readonly (readonly [string, string])[] =>
  ones.flatMap((one) => others.map((other) => [one, other] as const));
