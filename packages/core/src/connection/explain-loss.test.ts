import { describe, expect, it } from 'vitest';
import { CloseCode } from '../wire/close-code.ts';
import { closeDecision } from './close-policy.ts';
import { lossError } from './loss-error.ts';
import type { Loss } from './loss-error.ts';

function of(loss: Partial<Loss>): ReturnType<typeof lossError> {
  const whole: Loss = { by: 'peer', opened: true, code: 1006, reason: '', ...loss };
  return lossError(whole, closeDecision(whole.code, whole.status));
}

describe('the message', () => {
  it.each<[Partial<Loss>, string]>([
    [{}, 'The link broke. It is tried again.'],
    [{ opened: false }, 'The socket could not be opened. It is tried again.'],
    [
      { opened: false, cause: new Error('getaddrinfo ENOTFOUND example.com') },
      'The socket could not be opened: "getaddrinfo ENOTFOUND example.com". It is tried again.',
    ],
    [{ cause: 'text', reason: 'gone' }, 'The link broke: "gone". It is tried again.'],
    [
      { code: 4500, reason: 'oops' },
      'The server closed the connection: server fault (close code 4500, "oops"). It is tried again.',
    ],
    [
      { code: 4542, by: 'here' },
      'This side dropped the link: nothing heard for too long (close code 4542). It is tried again.',
    ],
    [
      { code: 4401 },
      'The server closed the connection: credential missing, refused or expired (close code 4401). A new credential is asked for.',
    ],
    [
      { code: 4400, reason: 'bad ack' },
      'The server closed the connection: protocol error (close code 4400, "bad ack"). This is a bug on one of the two sides: report it.',
    ],
    [
      { code: 4403 },
      'The server closed the connection: forbidden (close code 4403). This user or application may not connect: ask for access.',
    ],
    [
      { code: 4406 },
      'The server closed the connection: protocol version, codec or contract not supported (close code 4406). Reload or update this application.',
    ],
    [
      { code: 4409 },
      'The server closed the connection: another client took over the session (close code 4409). Close the other client, or give this one a session of its own.',
    ],
    [
      { code: 4410 },
      'The server closed the connection: the session was ended (close code 4410). Create a new client to come back.',
    ],
    [
      { code: 4001, reason: 'bye' },
      'The server closed the connection: for a reason of its own (close code 4001, "bye"). Create a new client to come back.',
    ],
    [{ code: 2000 }, 'The server closed the connection: no known reason (close code 2000). It is tried again.'],
    [
      { status: 404 },
      'The server answered HTTP 404 instead of opening a WebSocket. This is not a WebSocket endpoint: check the url, or the network for a login page. It is tried again.',
    ],
    [{ status: 502 }, 'The server answered HTTP 502 instead of opening a WebSocket. It is tried again.'],
    [{ status: 408 }, 'The server answered HTTP 408 instead of opening a WebSocket. It is tried again.'],
    [{ status: 429 }, 'The server answered HTTP 429 instead of opening a WebSocket. It is tried again.'],
  ])('%j', (loss, message) => {
    expect(of(loss).message).toBe(message);
  });

  it('asks for a sign-in when nothing follows by itself', () => {
    const loss: Loss = { by: 'peer', opened: true, code: 4401, reason: '' };
    expect(lossError(loss, { action: 'suspend', error: 'UNAUTHENTICATED' }).message).toMatch(
      /Sign in again, then call connect\(\)\.$/,
    );
  });

  it('has words for every code of the protocol', () => {
    for (const code of Object.values(CloseCode)) expect(of({ code }).message).not.toContain('no known reason');
  });

  it('cannot be forged into several lines of a log', () => {
    const reason = 'x\nERROR forged\u001b[2J';
    expect(of({ code: 4500, reason }).message).not.toMatch(/\p{Cc}/u);
    expect(of({ cause: new Error(reason) }).message).not.toMatch(/\p{Cc}/u);
  });
});

describe('the rest of the error', () => {
  it('holds plain facts', () => {
    const cause = new Error('below');
    const error = of({ code: 1006, reason: 'r', status: 503, retryAfter: 5_000, cause });
    expect(error).toMatchObject({ origin: 'system', code: 'UNAVAILABLE', retryable: true, retryAfter: 5_000, cause });
    expect(error.data).toEqual({ closeCode: 1006, reason: 'r', status: 503 });
  });

  it('leaves out what was not said', () => {
    const error = of({ code: 4500 });
    expect(error.data).toEqual({ closeCode: 4500, reason: '', status: undefined });
    expect([error.retryAfter, 'cause' in error]).toEqual([undefined, false]);
  });

  it.each([0, -5, Number.NaN])('ignores a retryAfter of %s', (retryAfter) => {
    expect(of({ code: 4503, retryAfter }).retryAfter).toBeUndefined();
  });

  it('is not retryable when the client stops', () => {
    expect([of({ code: 1000 }).retryable, of({ code: 4500 }).retryable]).toEqual([false, true]);
  });
});
