/**
 * The closed list of errors Hawser itself raises. Domain errors are declared in the contract and may not reuse these.
 *
 * | code | meaning |
 * |---|---|
 * | `TIMEOUT` | no answer before the deadline |
 * | `CANCELLED` | the caller or the peer gave up |
 * | `UNAVAILABLE` | it never left this process |
 * | `UNKNOWN_OUTCOME` | it left, the answer was lost with the session |
 * | `UNAUTHENTICATED` | credential missing, refused or expired |
 * | `FORBIDDEN` | known caller, not allowed |
 * | `NOT_FOUND` | the thing addressed does not exist |
 * | `CONFLICT` | the state of the other side does not permit it |
 * | `TOO_LARGE` | over a negotiated size limit |
 * | `RATE_LIMITED` | too much at once; see `retryAfter` |
 * | `INVALID_INPUT` | the payload does not match the contract |
 * | `INVALID_OUTPUT` | the answer does not match the contract |
 * | `UNIMPLEMENTED` | nobody handles this name on the other side |
 * | `CONTRACT_MISMATCH` | both ends speak different contracts or protocol versions |
 * | `SESSION_LOST` | the session ended before this could be sent |
 * | `QUEUE_FULL` | the send queue reached its bound |
 * | `INTERNAL` | the other side failed; `data.correlationId` finds it in its log |
 */
export type SystemCode =
  | 'TIMEOUT'
  | 'CANCELLED'
  | 'UNAVAILABLE'
  | 'UNKNOWN_OUTCOME'
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'CONFLICT'
  | 'TOO_LARGE'
  | 'RATE_LIMITED'
  | 'INVALID_INPUT'
  | 'INVALID_OUTPUT'
  | 'UNIMPLEMENTED'
  | 'CONTRACT_MISMATCH'
  | 'SESSION_LOST'
  | 'QUEUE_FULL'
  | 'INTERNAL';

/** Whether the other side ran the request: it certainly did not, it may have, it certainly did. */
export type Executed = 'no' | 'maybe' | 'yes';

/** Who declared the error code: the contract (`domain`) or Hawser (`system`). */
export type ErrorOrigin = 'domain' | 'system';

/** What an error carries besides its code and message. */
export interface ErrorDetails<Data> {
  /** What the contract declares for a domain code; facts that help for a system code. */
  readonly data?: Data;
  /** See {@link Executed}. @defaultValue `'no'` */
  readonly executed?: Executed;
  /** Whether repeating may help and cannot run the request twice. Derived from code and `executed` when absent. */
  readonly retryable?: boolean | undefined;
  /** Milliseconds to wait before trying again, when the other side named them. */
  readonly retryAfter?: number | undefined;
  /** The error underneath. */
  readonly cause?: unknown;
}

/** Repeating helps once the moment has passed. */
const passing: readonly string[] = ['TIMEOUT', 'UNAVAILABLE', 'RATE_LIMITED', 'SESSION_LOST', 'QUEUE_FULL'];

/**
 * The one error class of Hawser: everything thrown, rejected or reported is one of these.
 *
 * `code` and `origin` are stable and made to be switched on; `message` says what happened and what to do.
 */
export class HawserError<
  Code extends string = string,
  Data = unknown,
  Origin extends ErrorOrigin = ErrorOrigin,
> extends Error {
  declare readonly code: Code;
  declare readonly origin: Origin;
  declare readonly data: Data;
  declare readonly executed: Executed;
  declare readonly retryable: boolean;
  declare readonly retryAfter: number | undefined;

  constructor(origin: Origin, code: Code, message: string | false, details: ErrorDetails<Data> = {}) {
    super(message || `${code}, see the errors of @hawser/core`, details.cause === undefined ? undefined : details);
    const { data, executed = 'no', retryAfter } = details;
    const { retryable = origin === 'system' && executed === 'no' && passing.includes(code) } = details;
    Object.assign(this, { name: 'HawserError', origin, code, data, executed, retryable, retryAfter });
  }
}

/** An error Hawser raised itself; `code` is one of {@link SystemCode}. */
export type SystemError = HawserError<SystemCode, unknown, 'system'>;

/** An error the contract declares, with the data it declares for it. */
export type DomainError<Code extends string, Data> = HawserError<Code, Data, 'domain'>;

/**
 * Builds a {@link SystemError}.
 *
 * @param message - what happened and what to do, as `explain && '…'`
 */
export function systemError(code: SystemCode, message: string | false, details?: ErrorDetails<unknown>): SystemError {
  return new HawserError('system', code, message, details);
}
