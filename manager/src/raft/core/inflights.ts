import { assert } from '@tso/proto';

interface Sent {
  readonly lastIndex: number;
  readonly bytes: number;
}

/** Append messages sent to one follower and not yet acknowledged, in order; bounds what a slow follower can have under way. */
export class Inflights {
  private sent: Sent[] = [];
  private bytes = 0;
  readonly maxMessages: number;
  readonly maxBytes: number;

  constructor(maxMessages: number, maxBytes: number) {
    this.maxMessages = maxMessages;
    this.maxBytes = maxBytes;
  }

  get count(): number {
    return this.sent.length;
  }

  get totalBytes(): number {
    return this.bytes;
  }

  /** No further message may be sent. One message may go past the bytes, or one entry larger than the limit would never leave. */
  get full(): boolean {
    return this.sent.length >= this.maxMessages || this.bytes >= this.maxBytes;
  }

  add(lastIndex: number, bytes: number): void {
    assert(!this.full, 'cannot add into full inflights');
    this.sent.push({ lastIndex, bytes });
    this.bytes += bytes;
  }

  /** Forgets the messages that end at or before the acknowledged index. */
  freeUpTo(index: number): void {
    const kept = this.sent.findIndex((it) => it.lastIndex > index);
    const freed = this.sent.splice(0, kept === -1 ? this.sent.length : kept);
    for (const { bytes } of freed) this.bytes -= bytes;
  }

  reset(): void {
    this.sent = [];
    this.bytes = 0;
  }

  /** An independent copy. */
  clone(): Inflights {
    const copy = new Inflights(this.maxMessages, this.maxBytes);
    copy.sent = [...this.sent];
    copy.bytes = this.bytes;
    return copy;
  }
}
