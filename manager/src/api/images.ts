import {
  type Clock,
  type FetchImageRequest,
  type ImageInOptions,
  type ImageOutOptions,
  isDigest,
  type LoadImageRequest,
  type LoadImageStart,
  type Logger,
  type Node,
  NodeState,
  type RelayFrame,
  sentenceOf,
  TsoError,
} from '@tso/proto';
import { limits } from '../limits.ts';
import { hasPrepared, imageHolders, imageTakers, mayFetchImage } from '../rules/image-holders.ts';
import { forwardArchive } from './forward-archive.ts';
import { GivenImages } from './given-images.ts';
import { nodeLabel, nodeOf } from './node-ref.ts';
import { relayFailure } from './relay-failure.ts';
import type { RelayConnection } from './relays.ts';
import { openNodeStream, type TaskStreamPorts } from './task-stream.ts';
import { Turns, TurnsByKey } from './turns.ts';

export interface ImagesPorts extends TaskStreamPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  /** The manager's own node. */
  readonly nodeId: string;
}

/** A place among those that have an image on its way, and what gives it back. */
interface Turn {
  readonly signal: AbortSignal;
  readonly leave: () => void;
}

/** The images that the cluster built: put on one node, from where the others have them. Nothing of them is kept here. */
export class BuiltImages {
  readonly #ports: ImagesPorts;
  /** The nodes that took an image in, by its digest. Of others, and by the next leader, all are asked. */
  readonly #loadedOn = new Map<string, Set<string>>();
  readonly #givingAway = new Map<string, number>();
  readonly #given = new GivenImages();
  readonly #turns = new Turns(limits.imageTransfers);
  readonly #turnsOfNode = new TurnsByKey(limits.imageTransfersOfNode);

  constructor(ports: ImagesPorts) {
    this.#ports = ports;
  }

  /**
   * Puts the caller's archive into a node's store; the last frame is what became of it, before that may come which parts the node lacks. Errors of the agent are errors of the
   * call. A node that has the image already says so at once, whatever was sent of it.
   */
  async *load(requests: AsyncIterable<LoadImageRequest>, signal: AbortSignal): AsyncGenerator<RelayFrame> {
    const incoming = requests[Symbol.asyncIterator]();
    const first = await incoming.next();
    const start = first.done === true ? undefined : first.value.start;
    if (start === undefined) throw new TsoError('INVALID_ARGUMENT', 'an image that is brought in begins with `start`');
    const { digest } = start.options;
    if (digest !== '') checkDigest(digest);
    const { node, stream } = await this.#openTaker(start, signal);
    try {
      void forwardArchive(incoming, stream);
      for await (const frame of stream.frames) {
        if (frame.error !== undefined) throw relayFailure(frame.error);
        if (frame.wanted !== undefined) yield frame;
        if (frame.image === undefined) continue;
        this.#remember(frame.image.digest, node.id);
        this.#ports.logger.info(
          { digest: frame.image.digest, nodeId: node.id, existed: frame.image.existed },
          'a built image was brought in',
        );
        stream.end();
        yield { image: { ...frame.image, node: nodeLabel(node) } };
        return;
      }
      throw new TsoError('UNAVAILABLE', `the stream to node ${nodeLabel(node)} broke off before the image was there`);
    } catch (error) {
      // Whoever ended it knows why.
      if (!signal.aborted) throw error;
    } finally {
      stream.cancel();
    }
  }

  /**
   * The archive of an image that the cluster built, from a node that has it: first what it is, then its pieces, then `end`.
   * PERMISSION_DENIED: no task of the asking node names it. NOT_FOUND: no node that is there has it. UNAVAILABLE: a node did not say so, or
   * broke off; what it gave may also be something else, so who asks again gets it from another node as far as there is one.
   * @param from the node that asks; undefined: this manager's own
   */
  async *fetch(from: string | undefined, { digest, have }: FetchImageRequest, signal: AbortSignal): AsyncGenerator<RelayFrame> {
    const { proposer, nodeId } = this.#ports;
    checkDigest(digest);
    const asking = from ?? nodeId;
    if (!mayFetchImage(proposer.view, asking, digest)) {
      throw new TsoError('PERMISSION_DENIED', `node ${asking} asks for the image ${digest}, which none of its tasks names`);
    }
    const leaveOwn = await this.#turnsOfNode.take(asking, signal);
    try {
      const leave = await this.#turns.take(signal);
      try {
        yield* this.#fromHolder(asking, { digest, have }, { signal, leave });
      } finally {
        leave();
      }
    } finally {
      leaveOwn();
    }
  }

  async *#fromHolder(asking: string, wish: ImageOutOptions, { signal, leave }: Turn): AsyncGenerator<RelayFrame> {
    const { digest } = wish;
    const asked = new Set([asking]);
    let failure: TsoError | undefined;
    for (;;) {
      // Looked at anew each time: meanwhile another node may have fetched it.
      const node = this.#holders(asking, digest).find(({ id }) => !asked.has(id));
      if (node === undefined) throw failure ?? this.#nowhere(digest);
      asked.add(node.id);
      const silence = new AbortController();
      const frames = this.#framesOf(node, wish, signal, silence);
      let isGiven = false;
      try {
        for await (const frame of frames) {
          if (!isGiven) {
            isGiven = true;
            this.#given.gave(digest, asking, node.id);
            // Who does not read what it is given may hold this call up, but not the others.
            silence.signal.addEventListener('abort', leave, { once: true });
          }
          yield frame;
        }
        return;
      } catch (error) {
        if (signal.aborted) throw error;
        // Whatever it says, another one may have the image.
        if (!(error instanceof TsoError && error.code === 'NOT_FOUND')) failure ??= unreliable(node, error);
        if (isGiven) throw unreliable(node, error);
      }
    }
  }

  #holders(asking: string, digest: string): readonly Node[] {
    const { view } = this.#ports.proposer;
    if (hasPrepared(view, asking, digest)) this.#given.forget(digest, asking);
    return imageHolders(view, digest, {
      except: asking,
      loadedOn: this.#loadedOn.get(digest) ?? new Set(),
      busy: (nodeId) => this.#givingAway.get(nodeId) ?? 0,
      gave: this.#given.givers(digest, asking),
    });
  }

  #nowhere(digest: string): TsoError {
    const gone = [...(this.#loadedOn.get(digest) ?? [])]
      .map((id) => this.#ports.proposer.view.node(id))
      .filter((node) => node !== undefined);
    const away = gone.filter(({ state }) => state !== NodeState.NODE_READY).map(nodeLabel);
    return new TsoError(
      'NOT_FOUND',
      `no node that is there has the built image ${digest}${away.length === 0 ? '' : `; ${away.join(', ')} had it and cannot be asked`}`,
      { hint: 'Build it again: tso up --build' },
    );
  }

  /** What the node's agent sends, until it says the end. `silence`: nothing moved any more, on its side or on that of who reads. */
  async *#framesOf(node: Node, imageOut: ImageOutOptions, signal: AbortSignal, silence: AbortController): AsyncGenerator<RelayFrame> {
    const hostname = nodeLabel(node);
    const over = AbortSignal.any([signal, silence.signal]);
    const stream = await openNodeStream(this.#ports, { id: node.id, hostname }, { taskId: '', imageOut }, over);
    this.#givingAway.set(node.id, (this.#givingAway.get(node.id) ?? 0) + 1);
    const wait = () => this.#ports.clock.setTimer(limits.imageSilenceMs, () => silence.abort());
    let cancelTimer = wait();
    let moved = 0;
    try {
      for await (const frame of stream.frames) {
        if (frame.error !== undefined) throw relayFailure(frame.error);
        moved += frame.archive?.length ?? 0;
        if (moved >= limits.imageMoveBytes) {
          moved = 0;
          cancelTimer();
          cancelTimer = wait();
        }
        yield frame.image === undefined ? frame : { image: { ...frame.image, node: hostname } };
        if (frame.end === true) return stream.end();
      }
      throw new TsoError('UNAVAILABLE', `the stream to node ${hostname} broke off before the end of the image`);
    } catch (error) {
      if (!silence.signal.aborted) throw error;
      throw new TsoError('UNAVAILABLE', `nothing of it, or next to nothing, moved for ${limits.imageSilenceMs / 1000} s`, { cause: error });
    } finally {
      cancelTimer();
      const others = (this.#givingAway.get(node.id) ?? 1) - 1;
      if (others === 0) this.#givingAway.delete(node.id);
      else this.#givingAway.set(node.id, others);
      stream.cancel();
    }
  }

  /** The node that was named, or the first one that can be reached. */
  async #openTaker(
    { node: wanted, options }: LoadImageStart,
    signal: AbortSignal,
  ): Promise<{ readonly node: Node; readonly stream: RelayConnection }> {
    const { view } = this.#ports.proposer;
    const open = async (node: Node) => ({ node, stream: await this.#openIn(node, options, signal) });
    if (wanted !== '') return open(readyNode(nodeOf(view, wanted)));
    let failure = new TsoError('UNAVAILABLE', 'no node is there that could take the image', { hint: 'See tso node ls' });
    for (const node of imageTakers(view, options.digest, this.#ports.nodeId)) {
      try {
        return await open(node);
      } catch (error) {
        if (!(error instanceof TsoError) || error.code !== 'UNAVAILABLE') throw error;
        failure = error;
      }
    }
    throw failure;
  }

  #openIn(node: Node, options: ImageInOptions, signal: AbortSignal): Promise<RelayConnection> {
    return openNodeStream(this.#ports, { id: node.id, hostname: nodeLabel(node) }, { taskId: '', imageIn: options }, signal);
  }

  #remember(digest: string, nodeId: string): void {
    const nodes = this.#loadedOn.get(digest) ?? new Set();
    this.#loadedOn.delete(digest);
    this.#loadedOn.set(digest, nodes.add(nodeId));
    const [oldest] = this.#loadedOn.keys();
    if (this.#loadedOn.size > limits.rememberedImages && oldest !== undefined) this.#loadedOn.delete(oldest);
  }
}

const checkDigest = (digest: string): void => {
  if (!isDigest(digest)) {
    throw new TsoError(
      'INVALID_ARGUMENT',
      `${JSON.stringify(digest.slice(0, 100))} is not the digest of an image: sha256: and 64 hexadecimal digits`,
    );
  }
};

const readyNode = (node: Node): Node => {
  if (node.state === NodeState.NODE_READY) return node;
  throw new TsoError('FAILED_PRECONDITION', `node ${nodeLabel(node)} is not there: it cannot take the image`, { hint: 'See tso node ls' });
};

const unreliable = (node: Node, error: unknown): TsoError =>
  new TsoError('UNAVAILABLE', `node ${nodeLabel(node)} did not give the image: ${sentenceOf(error)}`, { cause: error });
