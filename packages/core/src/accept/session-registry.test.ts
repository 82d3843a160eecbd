import { describe, expect, it } from 'vitest';
import type { ResumeRequest } from '../wire/frame.ts';
import { SessionRegistry, type RegisteredSession, type RegistryLimits } from './session-registry.ts';

const limits: RegistryLimits = { window: 1_000, sessions: 3, detachedBytes: 100 };

interface Kept extends RegisteredSession {
  keptBytes: number;
}

function session(sid: string, principal = 'ada'): Kept {
  return { sid, principal, keptBytes: 0, canResume: (recv) => recv <= 5 };
}

/** A registry with one attached session `s`, whose client holds the token `t0`. */
function setUp(more: Partial<RegistryLimits> = {}): { registry: SessionRegistry<Kept>; s: Kept } {
  const registry = new SessionRegistry<Kept>({ ...limits, ...more }, (token) => `#${token}`);
  const s = session('s');
  registry.add(s, 't0');
  return { registry, s };
}

function ask(n: number, tok: string, more: Partial<ResumeRequest> = {}): ResumeRequest {
  return { sid: 's', tok, n, recv: 0, first: 1, ...more };
}

describe('attempt number (rule 3)', () => {
  it('must grow with every resume', () => {
    const { registry, s } = setUp();
    expect(registry.resume(ask(1, 't0'), 'ada', 't1')).toEqual({ kind: 'resumed', session: s });
    expect(registry.resume(ask(1, 't1'), 'ada', 't2')).toEqual({ kind: 'stale' });
    expect(registry.resume(ask(0, 't1'), 'ada', 't2')).toEqual({ kind: 'stale' });
    expect(registry.resume(ask(7, 't1'), 'ada', 't2')).toEqual({ kind: 'resumed', session: s });
    expect(registry.resume(ask(6, 't2'), 'ada', 't3')).toEqual({ kind: 'stale' });
  });

  it('changes nothing when it is stale: not the tokens, not the expiry', () => {
    const { registry, s } = setUp();
    registry.resume(ask(5, 't0'), 'ada', 't1');
    registry.detach('s', 0);
    registry.resume(ask(4, 't1'), 'ada', 'stolen');
    expect(registry.deadline).toBe(1_000);
    expect(registry.resume(ask(6, 'stolen'), 'ada', 't2')).toEqual({ kind: 'refused', why: 'unknown' });
    expect(registry.resume(ask(6, 't1'), 'ada', 't2')).toEqual({ kind: 'resumed', session: s });
  });
});

describe('tokens (rule 4)', () => {
  it('live on while welcomes are lost, however many', () => {
    const { registry, s } = setUp();
    for (let n = 1; n <= 5; n += 1) {
      expect(registry.resume(ask(n, 't0'), 'ada', `t${n}`)).toEqual({ kind: 'resumed', session: s });
    }
    expect(registry.resume(ask(6, 't5'), 'ada', 't6')).toEqual({ kind: 'resumed', session: s });
  });

  it('die when a newer one is presented', () => {
    const { registry } = setUp();
    registry.resume(ask(1, 't0'), 'ada', 't1');
    registry.resume(ask(2, 't1'), 'ada', 't2');
    expect(registry.resume(ask(3, 't0'), 'ada', 't3')).toEqual({ kind: 'refused', why: 'unknown' });
  });

  it('die when the client never had them: only the newest issued counts', () => {
    const { registry } = setUp();
    registry.resume(ask(1, 't0'), 'ada', 't1');
    registry.resume(ask(2, 't0'), 'ada', 't2');
    expect(registry.resume(ask(3, 't1'), 'ada', 't3')).toEqual({ kind: 'refused', why: 'unknown' });
  });

  it('are kept as hashes', () => {
    const { registry } = setUp();
    expect(registry.resume(ask(1, '#t0'), 'ada', 't1')).toEqual({ kind: 'refused', why: 'unknown' });
  });

  it('are compared whole', () => {
    const { registry } = setUp();
    for (const tok of ['', 't', 't00', 'T0', 't1']) {
      expect(registry.resume(ask(1, tok), 'ada', 't1')).toEqual({ kind: 'refused', why: 'unknown' });
    }
  });
});

describe('a refusal (rules 5 and 8)', () => {
  it.each([
    ['of a wrong token', ask(9, 'wrong'), 'ada', 'unknown'],
    ['of another principal', ask(9, 't0'), 'eve', 'principal'],
    ['of an impossible position', ask(9, 't0', { recv: 6 }), 'ada', 'overflow'],
    ['of another session', ask(9, 't0', { sid: 'x' }), 'ada', 'unknown'],
  ])('%s does not harm the session', (_, request, principal, why) => {
    const { registry, s } = setUp();
    registry.detach('s', 0);
    expect(registry.resume(request, principal, 't1')).toEqual({ kind: 'refused', why });
    expect(registry.size).toBe(1);
    expect(registry.deadline).toBe(1_000);
    expect(registry.resume(ask(1, 't0'), 'ada', 't1')).toEqual({ kind: 'resumed', session: s });
  });

  it('of a wrong token does not tell that there is a session, nor whose', () => {
    const { registry } = setUp();
    const wrong = registry.resume(ask(9, 'wrong'), 'eve', 't1');
    expect(wrong).toEqual(registry.resume(ask(9, 'wrong', { sid: 'x' }), 'eve', 't1'));
  });
});

describe('expiry', () => {
  it('comes a window after the connection was lost, longest lost first', () => {
    const { registry, s } = setUp();
    const other = session('o');
    registry.add(other, 'x');
    expect(registry.deadline).toBe(Infinity);
    registry.detach('s', 100);
    registry.detach('o', 200);
    expect(registry.deadline).toBe(1_100);
    expect(registry.expire(1_099)).toEqual([]);
    expect(registry.expire(1_100)).toEqual([s]);
    expect(registry.expire(1_200)).toEqual([other]);
    expect(registry.size).toBe(0);
    expect(registry.resume(ask(1, 't0'), 'ada', 't1')).toEqual({ kind: 'refused', why: 'expired' });
  });

  it('does not come while a connection is there', () => {
    const { registry } = setUp();
    registry.detach('s', 0);
    registry.resume(ask(1, 't0'), 'ada', 't1');
    expect(registry.deadline).toBe(Infinity);
    expect(registry.expire(1_000_000)).toEqual([]);
  });

  it('counts anew after every loss', () => {
    const { registry, s } = setUp();
    registry.detach('s', 0);
    registry.resume(ask(1, 't0'), 'ada', 't1');
    registry.detach('s', 900);
    expect(registry.expire(1_899)).toEqual([]);
    expect(registry.expire(1_900)).toEqual([s]);
  });
});

describe('memory of detached sessions (rule 9)', () => {
  it('is bounded: the longest detached go first, and are told why', () => {
    const { registry, s } = setUp();
    const other = session('o');
    registry.add(other, 'x');
    s.keptBytes = 60;
    expect(registry.detach('s', 0)).toEqual([]);
    expect(registry.detachedBytes).toBe(60);
    other.keptBytes = 50;
    expect(registry.detach('o', 1)).toEqual([s]);
    expect(registry.detachedBytes).toBe(50);
    expect(registry.resume(ask(1, 't0'), 'ada', 't1')).toEqual({ kind: 'refused', why: 'overflow' });
  });

  it('is looked at whenever one of them grows', () => {
    const { registry, s } = setUp();
    registry.detach('s', 0);
    s.keptBytes = 100;
    expect(registry.recount('s')).toEqual([]);
    s.keptBytes = 101;
    expect(registry.recount('s')).toEqual([s]);
    expect(registry.detachedBytes).toBe(0);
  });

  it('does not count what has a connection', () => {
    const { registry, s } = setUp();
    s.keptBytes = 90;
    expect(registry.recount('s')).toEqual([]);
    registry.detach('s', 0);
    registry.resume(ask(1, 't0'), 'ada', 't1');
    expect(registry.detachedBytes).toBe(0);
  });
});

describe('whose session it was (rule 8)', () => {
  it.each(['expired', 'overflow', 'unknown'] as const)('is told to another user also when it has ended: %s', (why) => {
    const { registry } = setUp();
    registry.remove('s', why);
    expect(registry.resume(ask(1, 't0'), 'bob', 't1')).toEqual({ kind: 'refused', why: 'principal' });
    expect(registry.resume(ask(1, 't0'), 'ada', 't1')).toEqual({ kind: 'refused', why });
  });
});

describe('number of sessions', () => {
  it('is bounded', () => {
    const { registry } = setUp({ sessions: 2 });
    expect(registry.hasRoom).toBe(true);
    registry.add(session('o'), 'x');
    expect(registry.hasRoom).toBe(false);
    registry.remove('o', 'unknown');
    expect(registry.hasRoom).toBe(true);
  });

  it('whose end is remembered is bounded, too', () => {
    const { registry } = setUp({ sessions: 20_000 });
    registry.remove('s', 'expired');
    for (let n = 0; n < 10_000; n += 1) {
      registry.add(session(`x${n}`), 'x');
      registry.remove(`x${n}`, 'expired');
    }
    expect(registry.resume(ask(1, 't0'), 'ada', 't1')).toEqual({ kind: 'refused', why: 'unknown' });
    expect(registry.resume(ask(1, 'x', { sid: 'x0' }), 'ada', 't1')).toEqual({ kind: 'refused', why: 'expired' });
  });
});

describe('room for newcomers', () => {
  it('is made by the session that is away longest; those with a connection stay', () => {
    const { registry, s } = setUp();
    const others = ['a', 'b'].map((sid) => session(sid));
    for (const other of others) registry.add(other, 't');
    expect([registry.hasRoom, registry.makeRoom()]).toEqual([false, []]);
    registry.detach('b', 0);
    registry.detach('s', 10);
    expect(registry.makeRoom()).toEqual([others[1]]);
    expect([registry.hasRoom, registry.makeRoom()]).toEqual([true, []]);
    registry.add(session('c'), 't');
    expect(registry.makeRoom()).toEqual([s]);
    expect(registry.resume(ask(1, 't0'), 'ada', 't1')).toEqual({ kind: 'refused', why: 'overflow' });
  });
});
