import { BulkEndpoint } from '../endpoint/bulk-endpoint.ts';
import type { LargeMessages } from './definitions.ts';
import type { Plug } from './peer-host.ts';

/**
 * Lets messages over 64 KiB travel in pieces, where a contract has nothing but messages and topics.
 *
 * Calls, streams and uploads bring it along; a contract without them names it, so that others need not carry it:
 * `defineContract({ id, clientToServer, largeMessages })`. `protocol/README.md` section 4.4.
 */
export const largeMessages: LargeMessages & Plug = { Endpoint: BulkEndpoint };
