import { systemError, type SystemError } from '../shared/errors.ts';
import type { AcceptOptions, AuthRequest, Refuse } from './accept-options.ts';

/** Who a client is. */
export interface Identified<Auth> {
  readonly auth: Auth;
  readonly principal: string;
}

/** What `refuse` threw; an error of the same class from somewhere inside `authenticate` is a fault like any other. */
const refusals = new WeakSet();

const refuse: Refuse = (code, message, retryAfter) => {
  const error = systemError(code, message, retryAfter === undefined ? {} : { retryAfter });
  refusals.add(error);
  throw error;
};

/**
 * Asks the application who a client is; synchronous when the answer is.
 *
 * Exactly one of `accepted` and `failed` is called, at once or later; `failed` gets what the client may be told.
 */
export function identify<Auth, Info>(
  options: Pick<AcceptOptions<Auth, Info>, 'authenticate' | 'principal' | 'onProblem'>,
  request: Omit<AuthRequest<Info>, 'refuse'>,
  accepted: (identified: Identified<Auth>) => void,
  failed: (error: SystemError) => void,
): void {
  const refused = (error: unknown): void => {
    if (typeof error === 'object' && error !== null && refusals.has(error)) return failed(error as SystemError);
    const fault = systemError(
      'INTERNAL',
      '`authenticate` or `principal` threw. The client was told to come back later; to turn it away, call `refuse`.',
      { cause: error },
    );
    options.onProblem({ kind: 'handler-error', name: 'authenticate', error: fault });
    failed(systemError('INTERNAL', 'The server could not authenticate; try again later.'));
  };
  const name = (auth: Auth): Identified<Auth> => ({ auth, principal: options.principal(auth) });
  let identified: Identified<Auth> | Promise<Identified<Auth>>;
  try {
    const auth = options.authenticate({ ...request, refuse });
    identified = auth instanceof Promise ? auth.then(name) : name(auth);
  } catch (error) {
    return refused(error);
  }
  if (identified instanceof Promise) identified.then(accepted, refused);
  else accepted(identified);
}

/** The close code for what {@link identify} failed with. */
export function refusalCode(error: SystemError): number {
  switch (error.code) {
    case 'UNAUTHENTICATED':
      return 4401;
    case 'FORBIDDEN':
      return 4403;
    case 'RATE_LIMITED':
      return 4529;
    case 'UNAVAILABLE':
      return 4503;
    default:
      return 4500;
  }
}
