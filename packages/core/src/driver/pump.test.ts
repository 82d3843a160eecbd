import { afterEach, describe, expect, it, vi } from 'vitest';
import type { BulkEndpoint } from '../endpoint/bulk-endpoint.ts';
import { calls, end, heartbeat } from '../endpoint/endpoint-samples.ts';
import { Rhythm } from '../endpoint/rhythm.ts';
import { Subscriptions, TopicSubscription } from '../messaging/subscriptions.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { Kind } from '../wire/frame.ts';
import { defaultWireLimits } from '../wire/limits.ts';
import type { Link } from './link.ts';
import { Pump } from './pump.ts';

/** A pump over a link that notes what leaves, and when. */
class Bed {
  readonly clock: ManualClock = new ManualClock();
  readonly endpoint: BulkEndpoint = end(2);
  readonly pump: Pump;
  /** Milliseconds since the beginning, and a packet. */
  readonly sent: [at: number, packet: string][] = [];
  readonly #began = this.clock.now();
  #said = 0;

  constructor() {
    this.pump = new Pump(this.clock, this.endpoint, {
      take: () => undefined,
      deadline: Infinity,
      tick: () => undefined,
    });
    this.connect();
  }

  connect(peerReceived = 0): void {
    const { clock, endpoint, pump } = this;
    const now = clock.now();
    const rhythm = new Rhythm(heartbeat, 10_000, now);
    endpoint.attach({ peerReceived, peerAccepts: defaultWireLimits, caps: ['chunk'], heartbeat: rhythm }, now);
    const send = (packet: string): unknown => this.sent.push([clock.now() - this.#began, packet]);
    pump.link = { bufferedAmount: 0, send } as unknown as Link;
    pump.wake();
    clock.runDeferred();
  }

  /** A numbered message in each of so many ticks. */
  async say(ticks: number, name = 'm'): Promise<void> {
    for (let tick = 0; tick < ticks; tick += 1) {
      this.#said += 1;
      this.endpoint.send(name, this.#said);
      this.pump.wake();
      await this.clock.advance(0);
    }
  }

  /** What left since this was asked the last time. */
  left(): [at: number, packet: string][] {
    return this.sent.splice(0);
  }
}

/** A link on which a message waits, because four ticks had one before it. */
async function held(): Promise<Bed> {
  const bed = new Bed();
  await bed.say(4);
  expect(bed.left()).toHaveLength(4);
  await bed.say(1, 'held');
  expect(bed.left()).toEqual([]);
  return bed;
}

afterEach(() => void vi.unstubAllGlobals());

describe('one-way data', () => {
  it('leaves at the end of its tick while the link is cold', async () => {
    const bed = new Bed();
    bed.endpoint.send('m', 'first');
    await bed.say(1);
    expect(bed.left()).toEqual([[0, '[1,0,[1,"m","first"],[1,"m",1]]']]);
    await bed.clock.advance(50);
    await bed.say(1);
    expect(bed.left()).toEqual([[50, '[3,0,[1,"m",2]]']]);
  });

  it('is collected for 4 ms at most on a hot link, and leaves without anything else happening', async () => {
    const bed = await held();
    await bed.say(9);
    await bed.clock.advance(3.9);
    expect(bed.left()).toEqual([]);
    await bed.clock.advance(0.1);
    const [[at, packet] = [], ...more] = bed.left();
    expect(at).toBe(4);
    expect(packet).toMatch(/^\[5,0,\[1,"held",5\],.*\[1,"m",14\]\]$/);
    expect(more).toEqual([]);
  });

  it('does not wait after a pause', async () => {
    const bed = await held();
    await bed.clock.advance(20);
    bed.left();
    await bed.say(1);
    expect(bed.left()).toHaveLength(1);
  });

  it('does not wait when there is enough of it for a packet', async () => {
    const bed = await held();
    bed.endpoint.send('m', 'x'.repeat(4_096));
    bed.pump.wake();
    await bed.clock.advance(0);
    expect(bed.left()).toHaveLength(1);
  });

  it('waits with what may be lost as well', async () => {
    const bed = await held();
    bed.endpoint.sendVolatile('v', 1);
    bed.pump.wake();
    await bed.clock.advance(0);
    expect(bed.left()).toEqual([]);
    await bed.clock.advance(4);
    expect(bed.left()).toEqual([[4, '[5,0,[1,"held",5],[41,"v",1]]']]);
  });

  it('leaves with the next tick when the timer is late', async () => {
    const bed = await held();
    bed.clock.jump(6);
    bed.endpoint.send('m', 'late');
    bed.pump.wake();
    bed.clock.runDeferred();
    expect(bed.left()).toEqual([[6, '[5,0,[1,"held",5],[1,"m","late"]]']]);
  });

  it('does not depend on the timers of a page', async () => {
    vi.stubGlobal('document', {});
    const bed = new Bed();
    await bed.say(20);
    expect(bed.left()).toHaveLength(20);
  });

  it('waits once in a while in a conversation in messages, tick by tick', async () => {
    const bed = new Bed();
    let waited = 0;
    for (let turn = 1; turn <= 200; turn += 1) {
      bed.pump.receive(`[${turn},0,[1,"m",0]]`);
      await bed.say(1);
      if (bed.left().length === 1) continue;
      waited += 1;
      await bed.clock.advance(4);
      expect(bed.left()).toHaveLength(1);
    }
    expect(waited).toBe(1);
  });

  it('waits on, whatever comes in that asks for nothing', async () => {
    const bed = await held();
    await bed.say(2);
    bed.pump.receive('[0,2]');
    await bed.clock.advance(0);
    expect(bed.left()).toEqual([]);
  });

  it('makes no timers while there is no link', async () => {
    const bed = await held();
    bed.pump.link = undefined;
    bed.endpoint.detach(1006);
    await bed.clock.advance(100_000);
    await bed.say(20);
    expect(bed.clock.pending).toBe(0);
  });
});

describe('leaves at once, and takes along what waited:', () => {
  const subscriptions = (bed: Bed): Subscriptions => {
    const topics = new Subscriptions(bed.endpoint);
    bed.endpoint.topics = topics;
    return topics;
  };
  const cases: [name: string, act: (bed: Bed) => unknown][] = [
    ['a call', ({ endpoint }) => calls(endpoint).start(asked, 0)],
    ['an answer', ({ endpoint }) => endpoint.post('reply', 'The answer', [Kind.result, 1, 'v'])],
    ['a pong', ({ pump }) => pump.receive('[0,0,[35,1]]')],
    ['a ping', ({ endpoint, clock }) => endpoint.requestAck(clock.now())],
    ['a subscription', (bed) => subscriptions(bed).add(new TopicSubscription('t', 1, false, () => undefined))],
    ['what is written on purpose', ({ pump }) => pump.flush()],
    ['an ack that is due', ({ pump }) => pump.receive(`[1,0,[1,"m","${'x'.repeat(40_000)}"]]`)],
  ];
  it.each(cases)('%s', async (_, act) => {
    const bed = await held();
    act(bed);
    bed.pump.wake();
    bed.clock.runDeferred();
    const [[at, packet] = [], ...more] = bed.left();
    expect(at).toBe(0);
    expect(packet).toContain('"held"');
    expect(more).toEqual([]);
  });
});

const asked = { name: 'ask', params: 1, timeout: Infinity, key: undefined, sink: () => undefined };

describe('a turn', () => {
  it('writes all that the peer lacks after a resume, chunks and what is behind them, at once', () => {
    const bed = new Bed();
    const { endpoint, pump, clock } = bed;
    endpoint.send('large', 'x'.repeat(400_000));
    pump.wake();
    clock.runDeferred();
    for (let acked = -1; acked < endpoint.session.lastSeq;) {
      acked = endpoint.session.lastSeq;
      pump.receive(`[0,${acked - 1}]`);
      clock.runDeferred();
    }
    endpoint.send('after', 1);
    pump.wake();
    clock.runDeferred();
    const { lastSeq, replayCount } = endpoint.session;
    // Otherwise it would say nothing.
    expect(replayCount).toBeGreaterThan(1);
    bed.left();
    endpoint.detach(1006);
    bed.connect(lastSeq - replayCount);
    expect(bed.left()).toHaveLength(replayCount);
  });

  it('does not write a call whose time is over', async () => {
    const bed = new Bed();
    const news: unknown[] = [];
    const asked = {
      name: 'pay',
      params: 1,
      timeout: 50,
      key: undefined,
      sink: (found: unknown) => void news.push(found),
    };
    const told = vi.spyOn(bed.endpoint.outputs, 'push');
    calls(bed.endpoint).start(asked, bed.clock.now());
    bed.pump.wake();
    bed.clock.jump(60);
    bed.clock.runDeferred();
    await bed.clock.advance(100);
    expect(bed.left()).toEqual([]);
    expect(told.mock.calls[0]?.[0]).toMatchObject([0, asked.sink, { code: 'TIMEOUT', executed: 'no' }]);
  });
});
