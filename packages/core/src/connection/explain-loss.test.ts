import { describe, expect, it } from 'vitest';
import { CloseCode } from '../wire/close-code.ts';
import { closeDecision } from './close-policy.ts';
import { explainEnd, explainLoss, explainPause } from './explain-loss.ts';
import type { LossStory } from './explain-loss.ts';
import { defaultRetryPolicy as policy } from './retry-policy.ts';

function of(loss: Partial<LossStory>): string {
  const [, stop] = closeDecision(loss.answer ?? loss.closeCode ?? 1006);
  return explainLoss({
    closeCode: 1006,
    why: '',
    answer: undefined,
    cause: undefined,
    phase: 'connected',
    here: false,
    stop,
    credential: 'trusted',
    policy,
    ...loss,
  });
}

describe('the message', () => {
  it.each<[Partial<LossStory>, string]>([
    [{}, 'The link broke. It is tried again.'],
    [{ phase: 'opening' }, 'The socket could not be opened. It is tried again.'],
    [
      { phase: 'opening', cause: new Error('getaddrinfo ENOTFOUND example.com') },
      'The socket could not be opened: "getaddrinfo ENOTFOUND example.com". It is tried again.',
    ],
    [{ cause: 'text', why: 'gone' }, 'The link broke: "gone". It is tried again.'],
    [
      { closeCode: 4500, why: 'oops' },
      'The server closed the connection: server fault (close code 4500, "oops"). It is tried again.',
    ],
    [
      { closeCode: 4542, here: true },
      'This side dropped the link: nothing heard for too long (close code 4542). It is tried again.',
    ],
    [
      { closeCode: 4401 },
      'The server closed the connection: credential missing, refused or expired (close code 4401). A new credential is asked for.',
    ],
    [
      { closeCode: 4400, why: 'bad ack' },
      'The server closed the connection: protocol error (close code 4400, "bad ack"). This is a bug on one of the two sides: report it.',
    ],
    [
      { closeCode: 4403 },
      'The server closed the connection: forbidden (close code 4403). This user or application may not connect: ask for access.',
    ],
    [
      { closeCode: 4406 },
      'The server closed the connection: protocol version, codec or contract not supported (close code 4406). Reload or update this application.',
    ],
    [
      { closeCode: 4409 },
      'The server closed the connection: another client took over the session (close code 4409). Close the other client, or give this one a session of its own.',
    ],
    [
      { closeCode: 4410 },
      'The server closed the connection: the session was ended (close code 4410). Create a new client to come back.',
    ],
    [
      { closeCode: 4001, why: 'bye' },
      'The server closed the connection: for a reason of its own (close code 4001, "bye"). Create a new client to come back.',
    ],
    [{ closeCode: 2000 }, 'The server closed the connection: no known reason (close code 2000). It is tried again.'],
    [
      { answer: 404 },
      'The server answered HTTP 404 instead of opening a WebSocket. This is not a WebSocket endpoint: check the url, or the network for a login page. It is tried again.',
    ],
    [{ answer: 502 }, 'The server answered HTTP 502 instead of opening a WebSocket. It is tried again.'],
    [{ answer: 408 }, 'The server answered HTTP 408 instead of opening a WebSocket. It is tried again.'],
    [{ answer: 429 }, 'The server answered HTTP 429 instead of opening a WebSocket. It is tried again.'],
  ])('%j', (loss, message) => {
    expect(of(loss)).toBe(message);
  });

  it('asks for a sign-in when nothing follows by itself', () => {
    expect(of({ closeCode: 4401, credential: 'renewed' })).toMatch(/\. Sign in again, then call connect\(\)\.$/);
  });

  it('has words for every code of the protocol', () => {
    for (const code of Object.values(CloseCode)) expect(of({ closeCode: code })).not.toContain('no known reason');
  });

  it('cannot be forged into several lines of a log', () => {
    const reason = 'x\nERROR forged\u001b[2J';
    expect(of({ closeCode: 4500, why: reason })).not.toMatch(/\p{Cc}/u);
    expect(of({ cause: new Error(reason) })).not.toMatch(/\p{Cc}/u);
  });
});

describe('a try that hangs', () => {
  it.each([
    ['preparing', '`url` or `auth` gave no answer within 10000 ms (reconnect.connectTimeout). It is tried again.'],
    ['opening', 'The socket did not open within 10000 ms (reconnect.connectTimeout). It is tried again.'],
    ['greeting', 'The server did not answer the hello within 10000 ms (reconnect.welcomeTimeout). It is tried again.'],
  ])('names the option that ended it (%s)', (phase, message) => {
    expect(of({ closeCode: 4508, here: true, phase })).toBe(message);
  });

  it('differs from a server that waited in vain for the hello', () => {
    expect(of({ closeCode: 4508, phase: 'greeting' })).toMatch(/^The server closed the connection: handshake/);
  });
});

it('the end and a pause say what to do', () => {
  expect(explainEnd({ giveUpAfter: 5_000 })).toMatch(/^No connection for 5000 ms \(reconnect\.giveUpAfter\)/);
  expect(explainPause('offline')).toMatch(/no network/);
  expect(explainPause('frozen')).toMatch(/frozen/);
});
