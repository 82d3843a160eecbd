import { explain } from '../shared/explain.ts';
import { systemError } from '../shared/errors.ts';
import { Listeners } from '../shared/listeners.ts';
import type { ConnectionState } from '../connection/connection-state.ts';
import { watchEnvironment } from '../driver/environment.ts';
import type { Link } from '../driver/link.ts';
import { Pump } from '../driver/pump.ts';
import { randomId } from '../driver/random-id.ts';
import { Endpoint } from '../endpoint/endpoint.ts';
import type { EndpointEffect } from '../endpoint/endpoint-io.ts';
import { definitionMap, type Contract } from '../peer/contract.ts';
import { ContractPeer } from '../peer/peer.ts';
import type { Problem } from '../peer/peer-surface.ts';
import type { Encoded } from '../wire/codec.ts';
import { WireError } from '../wire/wire-error.ts';
import { makeClientSession } from './client-session.ts';
import type { Client, CloseReport, SessionLost } from './client-surface.ts';
import { makeConnector } from './connector.ts';
import { readAnswer } from './greeting.ts';
import type { ResolvedOptions } from './resolve-options.ts';

/** How long `disconnect` waits for acks of what was just sent, milliseconds. */
const disconnectDrain = 1_000;

/** A promise of the client that waits for something; says whether it is settled. */
interface Waiter {
  readonly deadline: number;
  look(now: number): boolean;
}

/** A client before the contract gives it types; its functions need no `this`. */
export type UntypedClient = {
  readonly [K in keyof Client<Contract>]: Client<Contract>[K] extends (...args: never) => unknown
    ? unknown
    : Client<Contract>[K];
} & {
  close(options?: { readonly drain?: number }): Promise<CloseReport>;
};

/** Joins connection, session and peer; {@link Client} is its typed face. */
export function makeClient(options: ResolvedOptions): UntypedClient {
  const { clock, contract, idleTimeout } = options;
  const threw = (cause: unknown): void =>
    report({
      kind: 'handler-error',
      name: '',
      error: systemError('INTERNAL', explain && 'A listener threw.', { cause }),
    });
  const states = new Listeners<[now: ConnectionState, before: ConnectionState]>(threw);
  const losses = new Listeners<[lost: SessionLost]>(threw);
  const problems = new Listeners<[problem: Problem]>((cause) => complain('a listener of onProblem threw', cause));
  let waiters: Waiter[] = [];
  let leases = 0;
  let idleAt = Infinity;
  let spread = 0;
  let closing: Promise<CloseReport> | undefined;
  let stopWatching: (() => void) | undefined;

  const pump = new Pump(clock, new Endpoint({ ...options.endpoint, firstId: 1 }), {
    deliver(deliveries, endpoint) {
      peer.deliver(deliveries, endpoint);
      noteIdle();
    },
    effect,
    get deadline() {
      return Math.min(connector.deadline, idleAt, ...waiters.map((waiter) => waiter.deadline));
    },
    timeout(now) {
      if (now >= connector.deadline) connector.input({ type: 'timeout' });
      if (now >= idleAt) {
        idleAt = Infinity;
        if (isIdle()) void disconnect();
        else noteIdle();
      }
      look();
    },
  });
  const session = makeClientSession(options, pump, {
    deliver: (deliveries, endpoint) => peer.deliver(deliveries, endpoint),
    effect,
    lost(loss) {
      peer.markGap();
      losses.tell(loss);
    },
  });
  const connector = makeConnector(options, () => spread, {
    hello: session.hello,
    received,
    detached: session.detached,
    changed,
  });
  const peer = new ContractPeer({
    port: {
      get endpoint() {
        return pump.endpoint;
      },
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
    },
    outgoing: definitionMap(contract.clientToServer),
    incoming: definitionMap(contract.serverToClient),
    validation: options.validation,
    callTimeout: options.callTimeout,
    onProblem: report,
  });
  const outstanding = (): number => pump.endpoint.unacknowledged + pump.endpoint.unsent;
  const isOpen = (): boolean => connector.state.status !== 'closed' && closing === undefined;

  /** Somebody needs the link: dials if nothing is under way. */
  function use(): void {
    if (!isOpen()) {
      const text = explain && 'The client is closed; make a new one with createClient().';
      throw systemError('UNAVAILABLE', text, { retryable: false });
    }
    if (connector.state.status === 'idle') connector.input({ type: 'connect' });
  }

  function lease(): () => void {
    use();
    leases += 1;
    idleAt = Infinity;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      leases -= 1;
      noteIdle();
    };
  }

  function changed(now: ConnectionState, before: ConnectionState): void {
    const { status } = now;
    if (status === 'idle' || status === 'closed') stopWatching?.();
    else if (before.status === 'idle') stopWatching = watchEnvironment(heard);
    if (now.status === 'closed') {
      session.finish(now.reason === 'client');
      pump.stop();
      peer.clear();
    }
    look();
    pump.wake();
    states.tell(now, before);
    if (status === 'closed') states.clear();
  }

  /** The page or the machine said something about the network: believe it only after a look at the link. */
  function heard(type: 'online' | 'offline' | 'frozen'): void {
    connector.input({ type });
    if (type !== 'frozen') pump.endpoint.probe(clock.now());
    pump.wake();
  }

  function received(data: Encoded, link: Link): void {
    if (pump.endpoint.attached) {
      pump.receive(data);
      look();
      return;
    }
    try {
      const answer = readAnswer(options.endpoint.codec, data);
      if ('sid' in answer) {
        spread = answer.spread;
        session.welcomed(answer, link);
        connector.input({ type: 'welcomed', resumed: answer.resumed });
        pump.drain();
      } else connector.refuse(answer[1], answer[2], answer[3]?.retryAfter);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      connector.refuse(error.closeCode, error.message);
    }
  }

  function effect(happened: EndpointEffect): void {
    switch (happened.type) {
      case 'close':
        connector.input({ ...happened, type: 'fault' });
        break;
      case 'silent':
      case 'measured':
        connector.input(happened);
        break;
      case 'lost':
        session.lose(happened.why);
        connector.input({ type: 'fault', code: 4541, reason: 'send buffer overflow' });
        break;
      case 'dropped':
        report({ kind: 'dropped', name: happened.name, error: happened.error });
        break;
      default:
        happened satisfies never;
    }
  }

  function isIdle(): boolean {
    return leases === 0 && pump.endpoint.pendingCalls === 0 && outstanding() === 0;
  }

  function noteIdle(): void {
    if (idleTimeout === Infinity || idleAt !== Infinity || !isIdle()) return;
    idleAt = clock.now() + idleTimeout;
    pump.wake();
  }

  function look(): void {
    const now = clock.now();
    waiters = waiters.filter((waiter) => !waiter.look(now));
  }

  /** Resolves when everything queued is acknowledged, after `limit` milliseconds, or when there is no link to wait for. */
  function drain(limit: number): Promise<void> {
    const deadline = clock.now() + limit;
    return new Promise((resolve) => {
      waiters.push({
        deadline,
        look(now) {
          const over = now >= deadline || outstanding() === 0 || /idle|closed/.test(connector.state.status);
          if (over) resolve();
          return over;
        },
      });
      pump.endpoint.requestAck(clock.now());
      look();
      pump.wake();
    });
  }

  /** What is queued is written before the close, and the close is awaited. */
  function leave(type: 'disconnect' | 'close'): Promise<void> {
    pump.flush();
    const gone = connector.gone();
    connector.input(type === 'close' ? { type, reason: 'client' } : { type });
    if (type === 'disconnect') session.leave();
    pump.wake();
    return gone;
  }

  async function disconnect(): Promise<void> {
    if (connector.state.status === 'connected') await drain(disconnectDrain);
    if (isOpen()) await leave('disconnect');
  }

  async function shut(limit: number): Promise<CloseReport> {
    if (limit > 0) await drain(limit);
    pump.flush();
    const report = { unacknowledged: pump.endpoint.unacknowledged, unsent: pump.endpoint.unsent };
    if (connector.state.status !== 'closed') await leave('close');
    return report;
  }

  const close: UntypedClient['close'] = (how) => (closing ??= shut(how?.drain ?? 0));

  function report(problem: Problem): void {
    if (problems.size > 0) problems.tell(problem);
    else complain(`${problem.kind} "${problem.name}": ${problem.error.message}`, problem.error.cause ?? '');
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
    call: peer.call.bind(peer),
    safeCall: peer.safeCall.bind(peer),
    handle: peer.handle.bind(peer),
    onState: states.add.bind(states),
    onProblem: problems.add.bind(problems),
    onSessionLost: losses.add.bind(losses),
    connect: () =>
      new Promise<void>((resolve, reject) => {
        if (connector.state.status !== 'connected') connector.input({ type: 'connect' });
        waiters.push({
          deadline: Infinity,
          look() {
            const { state } = connector;
            const over = /connected|closed|suspended|idle/.test(state.status);
            if (state.status === 'connected') resolve();
            else if (over) reject(('error' in state && state.error) || notConnected(state));
            return over;
          },
        });
        look();
      }),
    disconnect,
    close,
    lease,
    [Symbol.asyncDispose]: async () => {
      await close();
    },
  };
}

function notConnected({ status }: ConnectionState): Error {
  return systemError('UNAVAILABLE', explain && `The client did not connect: it is ${status}.`, {
    retryable: status !== 'closed',
  });
}

/** Nobody listens for problems: a swallowed error would be worse than a line on the console. */
function complain(text: string, cause: unknown): void {
  // oxlint-disable-next-line no-console
  console.error(`[hawser] ${text}`, cause);
}
