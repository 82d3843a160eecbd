import type { Contract } from '../../src/peer/contract.ts';
import { ManualClock } from '../../src/testing/manual-clock.ts';
import { jsonCodec } from '../../src/wire/json-codec.ts';
import { Acceptor } from '../../src/accept/acceptor.ts';
import { acceptDefaults } from '../../src/accept/defaults.ts';
import { PeerRegistrations } from '../../src/accept/peer-registrations.ts';

// An accepting side with one client over a socket that the test holds, for tests.

/** The socket of a client; whoever plays the client calls `onmessage`. */
export interface HeldSocket {
  bufferedAmount: number;
  onmessage: ((event: { data: string }) => void) | null;
  ondrain: (() => void) | null;
}

/** What {@link acceptedSocket} made. */
export interface Accepted {
  readonly acceptor: Acceptor<unknown, undefined>;
  readonly clock: ManualClock;
  readonly socket: HeldSocket;
  /** How much was written since this was called last. */
  readonly written: () => number;
}

/** A client that takes chunks, welcomed and quiet. */
export async function acceptedSocket(contract: Contract): Promise<Accepted> {
  const clock = new ManualClock();
  const acceptor = new Acceptor<unknown, undefined>(
    {
      ...acceptDefaults,
      contract,
      clock,
      authenticate: () => undefined,
      principal: () => '',
      codecs: [jsonCodec],
      hash: (token) => token,
      onProblem: () => undefined,
    },
    new PeerRegistrations(() => undefined),
  );
  let sent = 0;
  const written = (): number => {
    const count = sent;
    sent = 0;
    return count;
  };
  const socket = {
    binaryType: '',
    readyState: 1,
    bufferedAmount: 0,
    protocol: jsonCodec.subprotocol,
    onopen: null,
    onmessage: null as HeldSocket['onmessage'],
    onerror: null,
    onclose: null,
    ondrain: null,
    send: () => void (sent += 1),
    close: () => undefined,
  };
  acceptor.accept(socket, undefined);
  socket.onmessage?.({
    data: '[0,0,[32,{"v":0,"caps":["chunk"],"lim":{"frame":262144,"msg":1048576,"inflight":8}}]]',
  });
  await clock.settle();
  written();
  return { acceptor, clock, socket, written };
}
