import { describe, expect, it } from 'vitest';
import { defaultSendLimits } from '../endpoint/defaults.ts';
import { Heartbeat } from '../endpoint/heartbeat.ts';
import type { EndpointOutput } from '../endpoint/endpoint-io.ts';
import { Exchanges } from '../messaging/exchanges.ts';
import { encodeChunk, first, last, ofFrame } from '../wire/chunk.ts';
import { jsonCodec } from '../wire/json-codec.ts';
import { defaultWireLimits } from '../wire/limits.ts';
import { Rhythm } from '../endpoint/rhythm.ts';
import { HostedEndpoint } from './hosted-endpoint.ts';
import { defaultRates, type RateLimits } from './rates.ts';

const heartbeat = { every: 25_000, grace: 20_000 };

function made(
  more: Partial<RateLimits> = {},
  inflight = defaultWireLimits.inflight,
  keeps = defaultSendLimits,
): HostedEndpoint {
  return new HostedEndpoint(
    {
      codec: jsonCodec,
      firstId: 2,
      accepts: { ...defaultWireLimits, inflight },
      runningHandlers: 64,
      keeps,
      overflow: 'reject',
    },
    { ...defaultRates, ...more },
  );
}

function attached(...how: Parameters<typeof made>): HostedEndpoint {
  const endpoint = made(...how);
  attach(endpoint);
  return endpoint;
}

function attach(endpoint: HostedEndpoint, every = heartbeat.every): void {
  endpoint.attach(
    { peerReceived: 0, peerAccepts: defaultWireLimits, heartbeat: new Rhythm({ ...heartbeat, every }, every, 0) },
    0,
  );
}

/** Close codes asked for, and the data of messages, in order. */
function outcome(endpoint: HostedEndpoint): unknown[] {
  return endpoint.outputs.splice(0).map((output: EndpointOutput) => {
    if (!('type' in output)) return output[0] === 1 ? output[2] : output[0];
    return output.type === 'fault' ? output.code : output.type;
  });
}

const messages = { perSecond: 10, burst: 3 };

describe('too much in too little time', () => {
  it('is closed with 4529; what came before is taken, and the rest is taken when it comes again', () => {
    const endpoint = attached({ messages });
    endpoint.receive('[1,0,[1,"x",1],[1,"x",2],[1,"x",3],[1,"x",4],[1,"x",5]]', 0);
    expect(outcome(endpoint)).toEqual([1, 2, 3, 4529]);
    expect(endpoint.session.received).toBe(3);
    endpoint.detach(4529);
    attach(endpoint);
    // The same bytes again: what was taken costs nothing.
    endpoint.receive('[1,0,[1,"x",1],[1,"x",2],[1,"x",3],[1,"x",4],[1,"x",5]]', 0);
    expect(outcome(endpoint)).toEqual([4, 5]);
  });

  it('is not what comes in time', () => {
    const endpoint = attached({ messages });
    for (let n = 1; n <= 50; n += 1) endpoint.receive(`[${n},0,[1,"x",${n}]]`, n * 100);
    expect(outcome(endpoint)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
  });

  it.each([
    ['pings', '[0,0,[35,1]]'],
    ['pongs nobody asked for', '[0,0,[36,1]]'],
    ['empty packets', '[0,0]'],
  ])('counts %s', (_, packet) => {
    const endpoint = attached();
    for (let n = 0; n < 50; n += 1) endpoint.receive(packet, 0);
    expect(outcome(endpoint)).toEqual([]);
    endpoint.receive(packet, 0);
    expect(outcome(endpoint)).toEqual([4529]);
  });

  it('does not count acknowledgements of something new, however many; it does count the same again', () => {
    const endpoint = attached();
    for (let n = 1; n <= 1_000; n += 1) {
      endpoint.send('news', n);
      endpoint.nextPacket(0);
      endpoint.receive(`[0,${n}]`, 0);
    }
    expect(outcome(endpoint)).toEqual([]);
    for (let n = 0; n <= 50; n += 1) endpoint.receive('[0,1000]', 0);
    expect(outcome(endpoint)).toEqual([4529]);
  });

  it.each<[string, Partial<RateLimits>, (n: number) => string, number]>([
    ['messages', { messages }, (n) => `[1,"x",${n}]`, 4],
    ['cancels', {}, (n) => `[9,${2 * n - 1}]`, 513],
  ])('counts %s that come in chunks', (_, more, frame, most) => {
    const endpoint = attached(more);
    endpoint.detach(1006);
    endpoint.exchanges = new Exchanges(endpoint, endpoint.options);
    endpoint.attach(
      { peerReceived: 0, peerAccepts: defaultWireLimits, caps: ['chunk'], heartbeat: new Heartbeat(heartbeat, 0) },
      0,
    );
    // So that there is something to cancel.
    endpoint.receive('[1,0,[2,99999,"ask"]]', 0);
    outcome(endpoint);
    let n = 0;
    while (n < 1_000 && !outcome(endpoint).includes(4529)) {
      n += 1;
      const bytes = new TextEncoder().encode(frame(n));
      const flags = ofFrame | first | last;
      endpoint.receive(encodeChunk({ seq: n + 1, ack: 0, id: n, flags, total: bytes.length, bytes }), 0);
    }
    expect(n).toBe(most);
  });

  it('allows what a fast heartbeat needs', () => {
    const endpoint = attached();
    endpoint.detach(1006);
    attach(endpoint, 50);
    for (let n = 0; n < 1_000; n += 1) endpoint.receive('[0,0,[36,1],[35,1]]', n * 50);
    expect(outcome(endpoint).filter((code) => code === 4529)).toEqual([]);
  });

  it('allows what a stalled link brings at once, as long as it does not count as dead', () => {
    const endpoint = attached();
    endpoint.detach(1006);
    attach(endpoint, 500);
    for (let n = 0; n < 41; n += 1) endpoint.receive('[0,0,[36,1],[35,1]]', 20_000);
    expect(outcome(endpoint).filter((code) => code === 4529)).toEqual([]);
  });

  it('allows to cancel twice what may be in flight', () => {
    const endpoint = attached({}, 1_000);
    endpoint.exchanges = new Exchanges(endpoint, endpoint.options);
    for (let n = 0; n < 1_000; n += 1) endpoint.receive(`[${2 * n + 1},0,[2,${2 * n + 1},"x"],[9,${2 * n + 1}]]`, 0);
    expect(outcome(endpoint).filter((code) => code === 4529)).toEqual([]);
  });
});

describe('who reads too slowly (rule 9)', () => {
  const keeps = { queueCount: 2, queueBytes: 1_000, replayCount: 2, replayBytes: 1_000, largeBytes: 1_000_000 };

  it('loses its session at the moment what is kept for it passes the bound', () => {
    const endpoint = made({}, 256, keeps);
    for (const text of ['a', 'b', 'c', 'd']) endpoint.send('m', text);
    expect(outcome(endpoint)).toEqual([]);
    endpoint.send('m', 'e');
    expect(outcome(endpoint)).toEqual(['lost', 4541]);
    expect(endpoint.canResume(0)).toBe(false);
  });

  it('is sent nothing silently after that', () => {
    const endpoint = made({}, 256, keeps);
    for (const text of ['a', 'b', 'c', 'd', 'e']) endpoint.send('m', text);
    expect(() => endpoint.send('m', 'f')).toThrow(expect.objectContaining({ code: 'QUEUE_FULL' }) as Error);
    expect(endpoint.restart(false).unsent).toHaveLength(5);
  });

  it('loses its connection first', () => {
    const endpoint = attached({}, 256, keeps);
    for (const text of ['a', 'b', 'c']) endpoint.send('m', text);
    expect(outcome(endpoint)).toEqual([4541]);
  });

  it('is told once', () => {
    const endpoint = attached({}, 256, keeps);
    for (const text of ['a', 'b', 'c', 'd']) endpoint.send('m', text);
    expect(outcome(endpoint)).toEqual([4541]);
  });
});
