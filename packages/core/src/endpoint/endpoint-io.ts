import type { SystemError } from '../shared/errors.ts';
import type { Delivery } from '../messaging/exchange.ts';

/** What the driver must do besides transmitting packets. */
export type EndpointEffect =
  /** The peer broke the protocol, or this end must start over: close with this code. */
  | { readonly type: 'fault'; readonly code: number; readonly reason: string }
  /** The peer has been silent too long. */
  | { readonly type: 'silent' }
  /** A round trip was measured, or the link became suspect or healthy. */
  | { readonly type: 'measured'; readonly latency: number | undefined; readonly degraded: boolean }
  /** The session cannot be kept any longer: it must be given up; a `fault` for its connection follows. */
  | { readonly type: 'lost'; readonly why: 'overflow' }
  /** A queued message was dropped by the overflow policy or exceeds what the peer accepts. */
  | { readonly type: 'dropped'; readonly name: string; readonly error: SystemError };

/** What an endpoint has to say, to the application or to its driver. */
export type EndpointOutput = Delivery | EndpointEffect;

/** What is asked whether it has room. */
export interface SocketRoom {
  /** Whether so much waits in the socket already that more must wait here. */
  readonly congested: boolean;
}

/** Whether an output is for the application. */
export function isDelivery(output: EndpointOutput): output is Delivery {
  return Array.isArray(output);
}
