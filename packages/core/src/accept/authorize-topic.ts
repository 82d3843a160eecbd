import { systemError, type SystemError } from '../shared/errors.ts';

/** Refuses a subscription; never returns. The client's handle ends with this code. */
export type RefuseTopic = (
  code: 'FORBIDDEN' | 'UNAUTHENTICATED' | 'NOT_FOUND' | 'CONFLICT' | 'RATE_LIMITED' | 'UNAVAILABLE',
  message?: string,
) => never;

/** The client that asks, as far as topics look at it. */
export interface TopicPeer {
  /** What `authenticate` returned. */
  readonly auth: unknown;
}

/** A subscription that is asked for, before the contract gives it types. */
export interface AskedTopic {
  readonly topic: string;
  /** As the schema made them. */
  readonly params: unknown;
  readonly auth: unknown;
  readonly peer: TopicPeer;
  readonly refuse: RefuseTopic;
}

/** Decides whether a client may subscribe: refuses, or returns. */
export type AuthorizeTopic = (asked: AskedTopic) => void | Promise<void>;

/** What `refuse` threw; an error of the same class from somewhere inside the hook is a fault like any other. */
const refusals = new WeakSet();

const refuse: RefuseTopic = (code, message = 'The server does not allow it.') => {
  const error = systemError(code, message);
  refusals.add(error);
  throw error;
};

/** What came of asking. */
export interface Answered {
  allowed(this: void): void;
  /** @param fault - set when the hook failed by itself */
  refused(this: void, error: SystemError, fault?: unknown): void;
}

/** Asks the application; synchronous when its answer is. Exactly one of the two is called. */
export function askForTopic(
  authorize: AuthorizeTopic | undefined,
  asked: Omit<AskedTopic, 'refuse'>,
  { allowed, refused }: Answered,
): void {
  const failed = (error: unknown): void => {
    if (typeof error === 'object' && error !== null && refusals.has(error)) return refused(error as SystemError);
    refused(systemError('INTERNAL', 'The server could not decide; subscribe again later.'), error);
  };
  let waits: PromiseLike<void> | undefined;
  try {
    const answer: unknown = authorize?.({ ...asked, refuse });
    if (typeof (answer as PromiseLike<void> | undefined)?.then === 'function') waits = answer as PromiseLike<void>;
  } catch (error) {
    return failed(error);
  }
  if (waits === undefined) allowed();
  else Promise.resolve(waits).then(allowed, failed);
}
