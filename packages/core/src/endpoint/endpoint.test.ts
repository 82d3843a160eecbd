import { describe, expect, it } from 'vitest';
import { defaultWireLimits } from '../wire/limits.ts';
import { defaultSendLimits } from './defaults.ts';
import { Heartbeat } from './heartbeat.ts';
import {
  ask,
  asked,
  attached,
  calls,
  dialled,
  end,
  exchangeOf,
  faults,
  heard,
  heartbeat,
  over,
  packets,
  told,
} from './endpoint-samples.ts';

describe('sending', () => {
  it('encodes once, at send', () => {
    const data = { n: 1 };
    const a = attached();
    a.send('m', data);
    data.n = 2;
    expect(packets(a)).toEqual(['[1,0,[1,"m",{"n":1}]]']);
  });

  it('waits without a connection, and repeats the same bytes after one was lost', () => {
    const a = end(2);
    a.send('m', 'a');
    expect(packets(a)).toEqual([]);
    attached(a);
    const first = packets(a);
    a.detach(1006);
    a.send('m', 'b');
    attached(a);
    expect(packets(a)).toEqual(['[1,0,[1,"m","a"],[1,"m","b"]]']);
    expect(first).toEqual(['[1,0,[1,"m","a"]]']);
  });

  it('replays from the position the peer names', () => {
    const a = attached();
    for (const text of ['a', 'b', 'c']) a.send('m', text);
    packets(a);
    a.detach(1006);
    attached(a, 2);
    expect(packets(a)).toEqual(['[3,0,[1,"m","c"]]']);
  });

  it('does not go on from an impossible position', () => {
    const a = attached();
    a.send('m', 'a');
    packets(a);
    a.detach(1006);
    expect(a.session.canResume(2)).toBe(false);
    const link = { peerReceived: 2, peerAccepts: defaultWireLimits, heartbeat: new Heartbeat(heartbeat, 0) };
    expect(() => a.attach(link, 0)).toThrow(expect.objectContaining({ closeCode: 4400 }));
  });

  it('never writes a packet larger than the peer takes', () => {
    const small = { frame: 2_048, msg: 2_048, inflight: 1 };
    const a = attached(end(2), 0, small);
    for (let n = 0; n < 40; n += 1) a.send('m', 'x'.repeat(100 * (n % 15)));
    const sizes = packets(a).map((packet) => packet.length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(2_048);
    expect(() => a.send('m', 'x'.repeat(2_040))).toThrow(expect.objectContaining({ code: 'TOO_LARGE' }));
  });
});

describe('receiving', () => {
  it('delivers in order and drops what came before', () => {
    const b = attached();
    b.receive('[1,0,[1,"m","a"],[1,"m","b"]]', 0);
    b.receive('[2,0,[1,"m","b"],[1,"m","c"]]', 0);
    expect(told(b)).toEqual([
      [1, 'm', 'a'],
      [1, 'm', 'b'],
      [1, 'm', 'c'],
    ]);
  });

  it('closes with 4540 at a gap, and has received nothing of it', () => {
    const b = attached();
    b.receive('[1,0,[1,"m","a"]]', 0);
    b.receive('[3,0,[1,"m","c"]]', 0);
    expect(told(b)).toMatchObject([[1, 'm', 'a'], { type: 'fault', code: 4540 }]);
    expect(b.session.received).toBe(1);
  });

  it.each([
    ['an ack beyond what was sent', '[0,1]', 4400],
    ['an answer to a call never made', '[1,0,[3,2,"x"]]', 4400],
    ['a cancel of a call never made', '[1,0,[9,1]]', 4400],
    ['a hello after the handshake', '[0,0,[32,{"v":0,"caps":[],"lim":{"frame":2000,"msg":2000,"inflight":1}}]]', 4400],
    ['no packet at all', 'null', 4400],
    ['more than it accepts', `[1,0,[1,"m","${'x'.repeat(262_200)}"]]`, 4413],
  ])('closes at %s', (_, data, code) => {
    const b = attached();
    b.receive(data, 0);
    expect(faults(b)).toMatchObject([{ code }]);
  });

  it('closes when a request id comes again in a frame of a new number', () => {
    const b = attached();
    b.receive('[1,0,[2,1,"ask"]]', 0);
    b.receive('[2,0,[2,1,"ask"]]', 0);
    expect(told(b)).toMatchObject([[2, { request: [2, 1, 'ask'] }], { type: 'fault', code: 4400 }]);
  });
});

describe('acks (rule 7)', () => {
  it('leave alone after a second', () => {
    const b = attached();
    b.receive('[1,0,[1,"m","a"]]', 100);
    expect(packets(b, 1_099)).toEqual([]);
    expect(b.deadline).toBe(1_100);
    expect(packets(b, 1_100)).toEqual(['[0,1]']);
    expect(packets(b, 9_000)).toEqual([]);
  });

  it('leave at once after 16 packets', () => {
    const b = attached();
    for (let seq = 1; seq <= 16; seq += 1) {
      expect(packets(b)).toEqual([]);
      b.receive(`[${seq},0,[1,"m"]]`, 0);
    }
    expect(packets(b)).toEqual(['[0,16]']);
  });

  it('ride on a pong, and on messages', () => {
    const b = attached();
    b.receive('[1,0,[35,4],[1,"m","a"]]', 0);
    b.send('m', 'mine');
    expect(packets(b)).toEqual(['[1,1,[36,4],[1,"m","mine"]]']);
  });

  it('are repeated when the peer repeats itself, on the next packet', () => {
    const b = attached();
    b.receive('[1,0,[1,"m","a"]]', 0);
    packets(b, 1_000);
    b.receive('[1,0,[1,"m","a"]]', 1_100);
    b.send('m', 'mine');
    expect(packets(b, 1_100)).toEqual(['[1,1,[1,"m","mine"]]']);
  });

  it('free what they name', () => {
    const a = attached();
    a.send('m', 'a');
    a.send('m', 'b');
    packets(a);
    expect([a.session.replayCount, a.session.replayBytes]).toEqual([2, 22]);
    a.receive('[0,1]', 0);
    expect([a.session.replayCount, a.session.replayBytes]).toEqual([1, 11]);
  });
});

describe('calls', () => {
  it('are settled once, by the answer', () => {
    const a = dialled(end(1));
    const { outcomes } = ask(a, 'sum');
    expect(packets(a)).toEqual(['[1,0,[35,1],[2,1,"sum",null,{}]]']);
    a.receive('[1,1,[3,1,42]]', 0);
    a.receive('[2,1,[3,1,43]]', 0);
    told(a);
    expect(outcomes).toEqual([[3, 1, 42]]);
    expect(calls(a).size).toBe(0);
  });

  it('that never left are withdrawn at their deadline and certainly did not run', () => {
    const a = end(1);
    const { outcomes } = ask(a, 'sum', 500);
    a.handleTimeout(500);
    told(a);
    expect(outcomes).toMatchObject([{ code: 'TIMEOUT', executed: 'no' }]);
    dialled(a);
    expect(packets(a)).toEqual([]);
  });

  it('that left are cancelled at their deadline and may have run', () => {
    const a = dialled(end(1));
    const { outcomes } = ask(a, 'sum', 500);
    packets(a);
    a.handleTimeout(500);
    told(a);
    expect(outcomes).toMatchObject([{ code: 'TIMEOUT', executed: 'maybe' }]);
    expect(packets(a)).toEqual(['[2,0,[9,1]]']);
  });

  it('survive a new connection; the answer may come on another one (rule 11)', () => {
    const a = dialled(end(1));
    const { outcomes } = ask(a, 'sum');
    packets(a);
    a.detach(1006);
    expect(told(a)).toEqual([]);
    dialled(a, 1);
    a.receive('[1,0,[3,1,42]]', 0);
    told(a);
    expect(outcomes).toEqual([[3, 1, 42]]);
  });

  it('get no answer once cancelled, and their handler is told', () => {
    const b = attached();
    b.receive('[1,0,[2,1,"ask"],[2,3,"ask"],[9,1]]', 0);
    const outputs = told(b);
    expect(heard(outputs)).toEqual([asked(1, 'ask'), asked(3, 'ask'), [9, 1]]);
    calls(b).respond(exchangeOf(outputs[0]), [3, 1, 'late']);
    calls(b).respond(exchangeOf(outputs[1]), [3, 3, 'good']);
    expect(packets(b)).toEqual(['[1,3,[3,3,"good"]]']);
  });

  it('wait for their turn when too many run, and are refused when too many wait', () => {
    const b = attached(end(2, { runningHandlers: 1, accepts: { ...defaultWireLimits, inflight: 2 } }));
    b.receive('[1,0,[2,1,"a"],[2,3,"b"],[2,5,"c"]]', 0);
    const outputs = told(b);
    expect(heard(outputs)).toEqual([asked(1, 'a')]);
    calls(b).respond(exchangeOf(outputs[0]), [3, 1, null]);
    expect(heard(told(b))).toEqual([asked(3, 'b')]);
    expect(packets(b)[0]).toMatch(/^\[1,3,\[4,5,"RATE_LIMITED",/);
  });

  it('are not started over the number the peer takes', () => {
    const a = dialled(end(1), 0, { ...defaultWireLimits, inflight: 1 });
    ask(a, 'a');
    expect(() => ask(a, 'b')).toThrow(expect.objectContaining({ code: 'RATE_LIMITED', executed: 'no' }));
  });
});

describe('the end of a session (rule 10)', () => {
  it('accounts for everything: accepted, written, never written', () => {
    const a = dialled(end(1, { keeps: { ...defaultSendLimits, replayCount: 3 } }));
    for (const text of ['a', 'b', 'c', 'd']) a.send('m', text);
    const left = ask(a, 'left');
    packets(a);
    a.receive('[0,1]', 0);
    packets(a);
    const remains = over(a);
    expect(remains.acked).toBe(1);
    expect(remains.unknown.map(({ encoded }) => encoded)).toEqual(['[1,"m","b"]', '[1,"m","c"]', '[1,"m","d"]']);
    expect(remains.unsent.map(({ name }) => name)).toEqual(['left']);
    told(a);
    expect(left.outcomes).toMatchObject([{ code: 'SESSION_LOST' }]);
    expect([a.session.size, a.session.lastSeq, a.session.received]).toEqual([0, 0, 0]);
  });

  it('hands what never left to the next one, calls with their ids and deadlines', () => {
    const a = end(1);
    a.send('m', 'a');
    const { outcomes } = ask(a, 'sum', 700);
    a.restart(true);
    expect(told(a)).toEqual([]);
    expect(a.deadline).toBe(700);
    dialled(a);
    expect(packets(a)).toEqual(['[1,0,[35,1],[1,"m","a"],[2,1,"sum",null,{"dl":700}]]']);
    expect(ask(a, 'other').id).toBe(3);
    a.receive('[1,2,[3,1,5]]', 0);
    told(a);
    expect(outcomes).toEqual([[3, 1, 5]]);
  });

  it('numbers anew from the first one on, both ways', () => {
    const a = dialled(end(1));
    a.send('m', 'a');
    packets(a);
    a.receive('[1,1,[2,2,"ask"]]', 0);
    over(a);
    told(a);
    dialled(a);
    a.send('m', 'b');
    a.receive('[1,0,[2,2,"ask"]]', 0);
    expect(heard(told(a))).toEqual([asked(2, 'ask')]);
    expect(packets(a)).toEqual(['[1,1,[35,1],[1,"m","b"]]']);
  });

  it('leaves nothing for the next one that was told not to have run', () => {
    const keeps = { ...defaultSendLimits, queueCount: 1, replayCount: 1 };
    const a = dialled(end(1, { keeps }));
    const left = ask(a, 'left', 500);
    packets(a);
    const waiting = ask(a, 'waiting', 500);
    // The cancel of the first one is more than may be kept, so the session is over before the second one's turn.
    a.handleTimeout(500);
    expect(a.over).toBe(true);
    told(a);
    expect(left.outcomes).toMatchObject([{ code: 'TIMEOUT', executed: 'maybe' }]);
    expect(waiting.outcomes).toMatchObject([{ code: 'TIMEOUT', executed: 'no' }]);
    expect(a.restart(true).unsent).toEqual([]);
    expect([a.over, a.session.size]).toEqual([false, 0]);
  });

  it('tells running handlers to stop, and sends no answer of theirs, not even to a request of the same id', () => {
    const b = attached();
    b.receive('[1,0,[2,1,"ask"]]', 0);
    const [old] = told(b);
    over(b);
    expect(heard(told(b))).toEqual([[9, 1]]);
    attached(b);
    b.receive('[1,0,[2,1,"ask"]]', 0);
    const [fresh] = told(b);
    calls(b).respond(exchangeOf(old), [3, 1, 'late']);
    expect(b.session.size).toBe(0);
    calls(b).respond(exchangeOf(fresh), [3, 1, 'good']);
    expect(packets(b)).toEqual(['[1,1,[3,1,"good"]]']);
  });
});

it.each(['', '{', '[]', '[0]', '[1,0]', '[0,0,[31]]', '[-1,0]', '[1,0,[1]]', '[1.5,0]', new Uint8Array(3)])(
  'closes at malformed input and never throws: %j',
  (data) => {
    const b = attached();
    b.receive(data, 0);
    expect(faults(b)).toMatchObject([{ code: 4400 }]);
  },
);
