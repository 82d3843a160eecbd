import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import * as z from 'zod';
import type { Cable, CableState } from './cable.ts';

/** What the page asks for when somebody pulls the lever. */
const FaultOrder = z.object({
  fault: z.enum(['cut', 'black-hole']),
  seconds: z.number().min(1).max(60),
});

/** What is known about the cable outside the cable. */
export interface CableReport {
  readonly cable: CableState;
  /** This machine's clock, epoch milliseconds, so that `until` means something elsewhere. */
  readonly now: number;
  readonly links: number;
  readonly bytes: number;
  readonly faults: number;
  /** Number of the last sample the service took, told past the cable. */
  readonly sent: number;
}

const longestBody = 1_000;

/**
 * The lever beside the cable: `GET /control`, `POST /control/fail`, `POST /control/restore`.
 *
 * It is plain HTTP on the page's own origin and never passes the cable, so it works while the cable is cut.
 */
export function createControl(cable: Cable, sent: () => number): RequestListener {
  const report = (): CableReport => ({ cable: cable.state, now: Date.now(), ...cable.counts, sent: sent() });
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const route = `${request.method} ${request.url?.split('?')[0]}`;
    if (route === 'GET /control') return reply(response, 200, report());
    if (route !== 'POST /control/fail' && route !== 'POST /control/restore') {
      return reply(response, 404, { error: `There is no ${route}.` });
    }
    // Other sites can make a browser post here, but not as JSON: for that the browser asks first, and nobody answers.
    if (!request.headers['content-type']?.startsWith('application/json')) {
      return reply(response, 415, { error: 'Send JSON with the content type application/json.' });
    }
    if (route === 'POST /control/restore') {
      cable.restore();
      return reply(response, 200, report());
    }
    const order = FaultOrder.safeParse(await readJson(request));
    if (!order.success) return reply(response, 400, { error: z.prettifyError(order.error) });
    cable.fail(order.data.fault, order.data.seconds * 1000);
    return reply(response, 200, report());
  };
  // A request that breaks off is nobody's problem any more.
  return (request, response) => void answer(request, response).catch(() => response.destroy());
}

function reply(response: ServerResponse, status: number, body: CableReport | { error: string }): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk;
    if (text.length > longestBody) return undefined;
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
