import type { CallContext } from '../peer/handler-context.ts';
import type { Definition } from '../peer/definitions.ts';
import type { AnyHandler, PeerParent } from '../peer/peer-host.ts';
import { systemError } from '../shared/errors.ts';
import type { Passed } from './middleware-surface.ts';

/** Who asks, as far as it matters here; in fact a whole peer. */
export interface AskingPeer {
  readonly id: string;
  readonly auth: unknown;
}

/** What a client asks for, as middleware without types sees it. */
export interface AnyMiddlewareCall {
  readonly kind: 'call' | 'stream' | 'upload';
  readonly name: string;
  readonly input: unknown;
  readonly peer: AskingPeer;
  readonly auth: unknown;
  readonly signal: AbortSignal;
  readonly traceparent: string | undefined;
  readonly context: Readonly<Record<string, unknown>>;
  readonly next: (added?: object) => Promise<Passed<object>>;
}

/** Middleware without its types. */
export type AnyMiddleware = (call: AnyMiddlewareCall) => Promise<Passed<object>>;

/** The middleware of one server. */
export class MiddlewareChain {
  readonly #chain: readonly AnyMiddleware[];
  readonly #incoming: ReadonlyMap<string, Definition>;
  /** By name: one handler may answer several. */
  readonly #known = new Map<string, readonly [handler: AnyHandler, around: AnyHandler]>();

  constructor(chain: readonly AnyMiddleware[], incoming: ReadonlyMap<string, Definition>) {
    this.#chain = chain;
    this.#incoming = incoming;
  }

  /** Whether there is any. */
  get exists(): boolean {
    return this.#chain.length > 0;
  }

  /** A handler as it runs. */
  around(name: string, handler: AnyHandler): AnyHandler {
    const kind = this.#incoming.get(name)?.kind;
    return this.exists && kind !== undefined && kind !== 'message'
      ? withMiddleware(this.#chain, kind, name, handler)
      : handler;
  }

  /** The same registrations, with handlers as they run. */
  aroundAll(parent: PeerParent): PeerParent {
    if (!this.exists) return parent;
    return {
      listens: (name) => parent.listens(name),
      tell: (name, data, peer) => parent.tell(name, data, peer),
      handler: (name) => {
        const handler = parent.handler(name);
        if (handler === undefined) return undefined;
        const known = this.#known.get(name);
        if (known?.[0] === handler) return known[1];
        const around = this.around(name, handler);
        this.#known.set(name, [handler, around]);
        return around;
      },
    };
  }
}

/** What the context of a handler has of its own; middleware may not put something else there. */
const reserved: ReadonlySet<string> = new Set(['signal', 'fail', 'peer', 'chunks', 'traceparent']);

/** A context of the accepting side, as middleware needs it. */
interface HostedContext extends CallContext {
  readonly peer: AskingPeer;
  readonly traceparent: string | undefined;
}

/**
 * A handler with middleware around it, outermost first; streams have it around their start.
 *
 * @param chain - at least one
 */
export function withMiddleware(
  chain: readonly AnyMiddleware[],
  kind: AnyMiddlewareCall['kind'],
  name: string,
  handler: AnyHandler,
): AnyHandler {
  const start = (input: unknown, context: CallContext): Promise<unknown> => {
    const hosted = context as HostedContext;
    const { peer, traceparent } = hosted;
    const step = async (place: number, added: Readonly<Record<string, unknown>>): Promise<Passed<object>> => {
      const around = chain[place];
      if (around === undefined) return passed(await handler(input, Object.assign(context, added)));
      let asked = false;
      const outcome = await around({
        kind,
        name,
        input,
        peer,
        traceparent,
        auth: peer.auth,
        context: added,
        get signal() {
          return context.signal;
        },
        async next(more) {
          if (asked) throw misuse(`A middleware called \`next\` twice for "${name}"; a handler runs once.`);
          asked = true;
          for (const key of Object.keys(more ?? {})) {
            if (reserved.has(key)) throw misuse(`A middleware added "${key}", which every context has already.`);
          }
          return step(place + 1, { ...added, ...more });
        },
      });
      if (outputs.has(outcome)) return outcome;
      throw misuse(`A middleware around "${name}" did not return what \`next\` gave; to refuse, throw.`);
    };
    return step(0, {}).then((outcome) => outputs.get(outcome));
  };
  if (kind !== 'stream') return start;
  return async function* begun(input, context) {
    yield* (await start(input, context)) as AsyncIterable<unknown>;
  };
}

/** What handlers gave, by what stands for it while it passes through middleware. */
const outputs = new WeakMap<object, unknown>();

function passed(output: unknown): Passed<object> {
  const outcome = { output } as Passed<object>;
  outputs.set(outcome, output);
  return outcome;
}

function misuse(text: string): Error {
  return systemError('INTERNAL', text);
}
