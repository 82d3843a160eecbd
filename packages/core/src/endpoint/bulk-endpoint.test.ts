import { describe, expect, it } from 'vitest';
import type { ExchangeNews } from '../messaging/exchange.ts';
import { defaultWireLimits } from '../wire/limits.ts';
import type { BulkEndpoint } from './bulk-endpoint.ts';
import { calls, end, heartbeat, packets, told } from './endpoint-samples.ts';
import { Heartbeat } from './heartbeat.ts';

/** An end over a connection to a peer that knows it as `who`. */
function known(who: string | undefined, endpoint: BulkEndpoint = end(1)): BulkEndpoint {
  endpoint.attach({ peerReceived: 0, peerAccepts: defaultWireLimits, who, heartbeat: new Heartbeat(heartbeat, 0) }, 0);
  return endpoint;
}

/** Asks something that may be asked again, and lets it leave. */
function asked(endpoint: BulkEndpoint): ExchangeNews[] {
  const news: ExchangeNews[] = [];
  const sink = (what: ExchangeNews): void => void news.push(what);
  calls(endpoint).start({ name: 'pay', params: 1, timeout: Infinity, key: 'k', idempotent: true, sink }, 0);
  packets(endpoint);
  return news;
}

it('gives the first upload of a session as long to bring bytes as any other', () => {
  const b = end(2);
  const heart = new Heartbeat(heartbeat, 59_000);
  b.attach({ peerReceived: 0, peerAccepts: defaultWireLimits, caps: ['chunk'], heartbeat: heart }, 59_000);
  b.receive('[1,0,[5,1,"file",null,0]]', 59_000);
  expect(b.bulk.deadline).toBe(119_000);
  b.handleTimeout(60_500);
  expect(packets(b, 60_500).join()).not.toContain('"TIMEOUT"');
});

describe('a call that may be repeated, in a session that ends', () => {
  it.each(['unknown', 'expired', 'overflow', 'policy'])('is asked again after %s', (why) => {
    const a = known('ada');
    const news = asked(a);
    a.restart(true, why);
    known('ada', a);
    expect(packets(a).join()).toContain('"pay"');
    told(a);
    expect(news).toEqual([]);
  });

  it.each(['principal', 'poison', 'disconnected', 'closed', undefined])('is not asked again after %s', (why) => {
    const a = known('ada');
    const news = asked(a);
    a.restart(true, why);
    told(a);
    expect(news).toMatchObject([{ code: 'UNKNOWN_OUTCOME' }]);
    expect(packets(known('ada', a)).join()).not.toContain('"pay"');
  });

  it('is not asked again as somebody else', () => {
    const a = known('ada');
    const news = asked(a);
    a.restart(true, 'unknown');
    known('eve', a);
    told(a);
    expect(news).toMatchObject([{ code: 'UNKNOWN_OUTCOME' }]);
    expect(packets(a).join()).not.toContain('"pay"');
    expect([calls(a).size, a.outstanding]).toEqual([0, 0]);
  });

  it('is asked by whoever is there when it had not left', () => {
    const a = end(1);
    const news = asked(a);
    known('ada', a).restart(true, 'unknown');
    known('eve', a);
    told(a);
    expect(news).toEqual([]);
    expect(packets(a).join()).toContain('"pay"');
  });

  it('is asked again where servers do not say who somebody is', () => {
    const a = known(undefined);
    asked(a);
    a.restart(true, 'unknown');
    expect(packets(known(undefined, a)).join()).toContain('"pay"');
  });
});
