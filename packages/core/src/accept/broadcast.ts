import { systemError, type SystemError } from '../shared/errors.ts';
import type { AcceptOptions } from './accept-options.ts';
import type { Definition } from '../peer/definitions.ts';
import { checkOutbound } from '../peer/validate.ts';
import type { Codec, Encoded } from '../wire/codec.ts';
import { Kind } from '../wire/frame.ts';
import type { HostedPeer } from './hosted-peer.ts';

/** What a broadcast needs to know of its server. */
type BroadcastOptions = Pick<AcceptOptions<unknown, unknown>, 'clock' | 'validation' | 'onProblem'>;

/** Messages for every session of an accepting side: encoded once per codec, and written in one turn for all. */
export class Broadcast {
  readonly #options: BroadcastOptions;
  readonly #peers: ReadonlyMap<string, HostedPeer>;
  readonly #outgoing: ReadonlyMap<string, Definition>;
  readonly #topics: { flush(): void };
  #awake = false;

  /** @param topics - what was published meanwhile shares the packets */
  constructor(
    options: BroadcastOptions,
    peers: ReadonlyMap<string, HostedPeer>,
    outgoing: ReadonlyMap<string, Definition>,
    topics: { flush(): void },
  ) {
    this.#options = options;
    this.#peers = peers;
    this.#outgoing = outgoing;
    this.#topics = topics;
  }

  /**
   * Queues one message for every session. A peer that cannot take it is reported and skipped.
   *
   * @throws HawserError `UNIMPLEMENTED` for a name that is no message of the server, `INVALID_INPUT`
   */
  send(name: string, data: unknown): void {
    const { validation, onProblem, clock } = this.#options;
    const def = this.#outgoing.get(name);
    if (def?.kind !== 'message') {
      throw systemError('UNIMPLEMENTED', `The contract has no message "${name}" that the server may send.`);
    }
    checkOutbound(validation === 'both', name, def.data, data);
    const encoded = new Map<Codec, Encoded>();
    // Before the first is queued: what one codec cannot carry reaches nobody.
    for (const { codec } of this.#peers.values()) {
      if (!encoded.has(codec)) encoded.set(codec, codec.encodeFrame([Kind.message, name, data]));
    }
    for (const peer of this.#peers.values()) {
      try {
        peer.sendEncoded(name, encoded.get(peer.codec) as Encoded);
      } catch (error) {
        // One client that accepts only small messages must not keep the others from theirs.
        onProblem({ kind: 'dropped', name, error: error as SystemError });
      }
    }
    if (this.#awake) return;
    this.#awake = true;
    clock.defer(() => {
      this.#awake = false;
      this.#topics.flush();
      for (const peer of this.#peers.values()) peer.writeQueued();
    });
  }
}
