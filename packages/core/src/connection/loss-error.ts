import { systemError } from '../shared/errors.ts';
import type { ErrorDetails, SystemError } from '../shared/errors.ts';
import { trusted } from './backoff.ts';
import type { CloseDecision } from './close-policy.ts';

/** How a link or a try ended. */
export interface Loss {
  /** Close code; 1006 without a close frame, or when no socket was made. */
  readonly code: number;
  readonly reason: string;
  /** HTTP status of a refused upgrade, where the platform shows it. */
  readonly status?: number;
  /** Milliseconds the server asked to wait. */
  readonly retryAfter?: number;
  /** Failure below WebSocket, where the platform shows it. */
  readonly cause?: unknown;
}

/** `data` of the errors in connection states: plain facts, never a `CloseEvent`. */
export interface LossData {
  readonly closeCode: number;
  readonly reason: string;
  readonly status: number | undefined;
}

/** The error a state carries after a loss; `retryAfter` is the least wait the server or the close code asks for. */
export function lossError(loss: Loss, decision: CloseDecision, message: string | false): SystemError {
  const { code, reason, status, cause } = loss;
  const data: LossData = { closeCode: code, reason, status };
  return systemError(decision.error, message, {
    data,
    retryable: decision.reason ? false : undefined,
    retryAfter: Math.max(trusted(loss.retryAfter), decision.atLeast ?? 0) || undefined,
    cause,
  } as ErrorDetails<LossData>);
}
