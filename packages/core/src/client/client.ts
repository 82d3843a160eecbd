import { explain } from '../shared/explain.ts';
import { systemError } from '../shared/errors.ts';
import { Listeners } from '../shared/listeners.ts';
import type { ConnectionInput } from '../connection/connection-io.ts';
import type { ConnectionState } from '../connection/connection-state.ts';
import { watchEnvironment } from '../driver/environment.ts';
import { Pump } from '../driver/pump.ts';
import { randomId } from '../driver/random-id.ts';
import { Endpoint } from '../endpoint/endpoint.ts';
import { definitionMap, type Contract } from '../peer/contract.ts';
import { interactionsOf } from '../peer/interaction.ts';
import { ContractPeer } from '../peer/peer.ts';
import type { Problem } from '../peer/peer-surface.ts';
import { problem } from '../peer/problem.ts';
import { makeClientSession } from './client-session.ts';
import type { Client, CloseReport, SessionLost } from './client-surface.ts';
import { makeConnector } from './connector.ts';
import type { ResolvedOptions } from './resolve-options.ts';

/** How long `disconnect` waits for acks of what was just sent, milliseconds. */
const disconnectDrain = 1_000;

/** A client before the contract gives it types; its functions need no `this`. */
export type UntypedClient = {
  readonly [K in keyof Client<Contract>]: Client<Contract>[K] extends (...args: never) => unknown
    ? unknown
    : Client<Contract>[K];
} & {
  close(options?: { readonly drain?: number }): Promise<CloseReport>;
};

/** Somebody waits for something. */
interface Waiter {
  readonly isOver: () => boolean;
  /** When waiting ends in any case, epoch milliseconds. */
  readonly deadline: number;
  readonly done: () => void;
}

type Events = {
  state: [now: ConnectionState, before: ConnectionState];
  problem: [problem: Problem];
  lost: [lost: SessionLost];
};

/** Joins connection, session and peer; {@link Client} is its typed face. */
export function makeClient(options: ResolvedOptions): UntypedClient {
  const { clock, contract } = options;
  const leases = new Set<object>();
  let waiters: Waiter[] = [];
  let idleAt = Infinity;
  let leaving: Promise<void> | undefined;
  let closing: Promise<CloseReport> | undefined;

  const listeners = new Listeners<Events>((name, cause) => {
    if (name === 'problem') complain('a listener of onProblem threw', cause);
    else report(problem('handler-error', '', 'INTERNAL', explain && 'A listener threw.', { cause }));
  });
  const pump = new Pump(clock, new Endpoint(options), {
    take(output) {
      if (!('type' in output)) peer.deliver(output);
      else if (output.type === 'lost') session.lose(output.why);
      else if (output.type === 'dropped') report({ kind: output.type, name: output.name, error: output.error });
      else connector.input(output);
    },
    get deadline() {
      return Math.min(connector.deadline, idleAt, ...waiters.map(({ deadline }) => deadline));
    },
    tick(now) {
      if (now >= connector.deadline) connector.input({ type: 'timeout' });
      look(now);
      const idle =
        leaving === undefined &&
        leases.size === 0 &&
        !endpoint.exchanges?.size &&
        endpoint.session.size === 0 &&
        !isAway();
      idleAt = idle ? Math.min(idleAt, now + options.idleTimeout) : Infinity;
      if (now < idleAt) return;
      idleAt = Infinity;
      void disconnect();
    },
  });
  const { endpoint } = pump;
  const session = makeClientSession(options, pump, (lost) => {
    peer.markGap();
    listeners.tell('lost', lost);
  });
  const connector = makeConnector(options, pump, { ...session, changed });
  const peer = new ContractPeer({
    endpoint,
    wake: () => pump.wake(),
    now: () => clock.now(),
    congested: () => pump.congested,
    use,
    lease,
    after(delay, fn) {
      const timer = clock.setTimer(fn, delay);
      return () => clock.clearTimer(timer);
    },
    randomId,
    outgoing: definitionMap(contract.clientToServer),
    incoming: definitionMap(contract.serverToClient),
    topics: definitionMap(contract.topics),
    interactions: interactionsOf(contract.clientToServer, contract.serverToClient, contract.topics),
    validation: options.validate,
    callTimeout: options.callTimeout,
    onProblem: report,
  });
  const watch = watchEnvironment((type) => {
    connector.input({ type });
    // The page or the machine said something about the network: believe it only after a look at the link.
    if (type !== 'frozen') endpoint.probe(clock.now());
    pump.wake();
  });

  /** Whether nothing is dialled and nothing wanted. */
  function isAway(): boolean {
    return /idle|closed/.test(connector.state.status);
  }

  function isOpen(): boolean {
    return connector.state.status !== 'closed' && closing === undefined;
  }

  /** Somebody needs the link: dials if nothing is under way. */
  function use(): void {
    if (!isOpen()) {
      const text = explain && 'The client is closed; make a new one with createClient().';
      throw systemError('UNAVAILABLE', text, { retryable: false });
    }
    if (connector.state.status === 'idle') connector.input({ type: 'connect' });
  }

  function lease(): () => void {
    const held = {};
    use();
    leases.add(held);
    return () => {
      leases.delete(held);
      pump.wake();
    };
  }

  function changed(now: ConnectionState, before: ConnectionState): void {
    watch(!isAway());
    if (now.status === 'closed') {
      session.finish(now.reason === 'client');
      pump.stop();
      peer.clear();
    }
    look(clock.now());
    pump.wake();
    listeners.tell('state', now, before);
    if (now.status === 'closed') listeners.clear();
  }

  /** Resolves when it is over, or at the deadline. */
  function until(isOver: () => boolean, deadline = Infinity): Promise<void> {
    pump.wake();
    return new Promise((done) => {
      waiters.push({ isOver, deadline, done });
    });
  }

  function look(now: number): void {
    waiters = waiters.filter(({ isOver, deadline, done }) => {
      const waits = now < deadline && !isOver();
      if (!waits) done();
      return waits;
    });
  }

  async function connect(): Promise<void> {
    let { state } = connector;
    if (state.status !== 'connected') connector.input({ type: 'connect' });
    await until(() => {
      ({ state } = connector);
      return !('phase' in state);
    });
    if (state.status === 'connected') return;
    const text = explain && `The client did not connect: it is ${state.status}.`;
    throw (
      ('error' in state && state.error) || systemError('UNAVAILABLE', text, { retryable: state.status !== 'closed' })
    );
  }

  /** Resolves when everything queued is acknowledged, after `limit` milliseconds, or when there is no link to wait for. */
  function drain(limit: number): Promise<void> {
    const now = clock.now();
    endpoint.requestAck(now);
    return until(() => endpoint.session.size === 0 || isAway(), now + limit);
  }

  /** What is queued is written before the close, and the close is awaited. */
  function leave(input: ConnectionInput & { type: 'disconnect' | 'close' }): Promise<void> | undefined {
    pump.flush();
    const { link } = pump;
    connector.input(input);
    if (input.type === 'disconnect') session.leave();
    return link?.gone;
  }

  /** Whoever asks again meanwhile waits for the same end. */
  function disconnect(): Promise<void> {
    leaving ??= part().finally(() => (leaving = undefined));
    return leaving;
  }

  async function part(): Promise<void> {
    if (connector.state.status === 'connected') await drain(disconnectDrain);
    if (isOpen()) await leave({ type: 'disconnect' });
  }

  async function shut(limit: number): Promise<CloseReport> {
    if (limit > 0) await drain(limit);
    pump.flush();
    const { replayCount: unacknowledged, queueCount: unsent } = endpoint.session;
    if (connector.state.status !== 'closed') await leave({ type: 'close', reason: 'client' });
    return { unacknowledged, unsent };
  }

  const close: UntypedClient['close'] = (how) => (closing ??= shut(how?.drain ?? 0));

  function report(found: Problem): void {
    if (listeners.has('problem')) listeners.tell('problem', found);
    else complain(`${found.kind} "${found.name}": ${found.error.message}`, found.error.cause ?? '');
  }

  if (!options.lazy) clock.defer(() => isOpen() && use());

  return {
    contract,
    get state() {
      return connector.state;
    },
    get sessionId() {
      return session.id;
    },
    send: peer.send.bind(peer),
    on: peer.on.bind(peer),
    once: peer.once.bind(peer),
    call: (name: string, input?: unknown, how?: object) => peer.begin('call', name, input, how),
    safeCall: (name: string, input?: unknown, how?: object) => peer.begin('call', name, input, how, true),
    stream: peer.begin.bind(peer, 'stream'),
    upload: peer.begin.bind(peer, 'upload'),
    topic: peer.begin.bind(peer, 'topic'),
    handle: peer.handle.bind(peer),
    onState: listeners.add.bind(listeners, 'state'),
    onProblem: listeners.add.bind(listeners, 'problem'),
    onSessionLost: listeners.add.bind(listeners, 'lost'),
    connect,
    disconnect,
    close,
    lease,
    [Symbol.asyncDispose]: async () => {
      await close();
    },
  };
}

/** Nobody listens for problems: a swallowed error would be worse than a line on the console. */
function complain(text: string, cause: unknown): void {
  // oxlint-disable-next-line no-console
  console.error(`[hawser] ${text}`, cause);
}
