// Attempts on sessions of others, over real sockets: reliability catalogue H09, H10, S4.
import { createHash } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { Arena, type ArenaServerOptions } from './support/arena.ts';
import { Bystander } from './support/bystander.ts';
import { dialects } from './support/dialect.ts';
import { politeHello, RawSession } from './support/raw-session.ts';
import { until } from './support/until.ts';

let arena: Arena;
let bystander: Bystander;

async function start(options: ArenaServerOptions = {}): Promise<void> {
  arena = await Arena.start({ codecs: dialects.map(({ codec }) => codec), ...options });
  bystander = await Bystander.start(arena);
}

afterEach(async () => {
  expect(await bystander.stop()).toEqual([]);
  expect(await arena.stop()).toEqual([]);
});

const [json] = dialects as [(typeof dialects)[0]];

const resume = (sid: string, tok: string, n: number, recv = 0, first = 1) => ({
  resume: { sid, tok, n, recv, first },
});

test('H09: guessing does not find a session, and does not disturb it', async () => {
  await start();
  const { session: victim, welcome } = await RawSession.greet(arena.port, json, { auth: 'victim' });
  const { session: other, welcome: others } = await RawSession.greet(arena.port, json, { auth: 'victim' });
  const { sid, tok } = welcome;
  const guesses = [
    others.tok,
    tok.slice(0, -1),
    `${tok}x`,
    tok.toUpperCase() === tok ? tok.toLowerCase() : tok.toUpperCase(),
    tok.slice(1) + tok.slice(0, 1),
    createHash('sha256').update(tok).digest('hex'),
    createHash('sha256').update(tok).digest('base64url'),
    sid,
    'undefined',
    'null',
    '0',
    ...Array.from({ length: 200 }, (_, i) => createHash('sha256').update(`guess ${i}`).digest('base64url')),
  ];
  for (let i = 0; i < guesses.length; i += 20) {
    await Promise.all(
      guesses.slice(i, i + 20).map(async (guess) => {
        const { session, welcome } = await RawSession.greet(arena.port, json, {
          auth: 'victim',
          ...resume(sid, guess, 99),
        });
        expect(welcome).toMatchObject({ resumed: false, why: 'unknown' });
        expect(welcome.sid).not.toBe(sid);
        session.peer.close(1000);
        await session.peer.ended();
      }),
    );
  }
  // The same answer for a session that never was.
  const { session, welcome: never } = await RawSession.greet(arena.port, json, {
    auth: 'victim',
    ...resume('no-such-id', tok, 1),
  });
  expect(never).toMatchObject({ resumed: false, why: 'unknown' });
  expect(await victim.alive()).toBe(true);
  expect(await other.alive()).toBe(true);
  // The owner still gets in with the attempt number the guesses went past.
  const { session: back, welcome: again } = await RawSession.greet(arena.port, json, {
    auth: 'victim',
    ...resume(sid, tok, 1),
  });
  expect(again).toMatchObject({ resumed: true, sid });
  expect(await victim.peer.ended()).toBe(4409);
  for (const { peer } of [session, other, back]) peer.socket.destroy();
});

test('H09: the right token of the wrong user is refused, and the session unharmed', async () => {
  await start();
  const { session: victim, welcome } = await RawSession.greet(arena.port, json, { auth: 'victim' });
  const { session: thief, welcome: stolen } = await RawSession.greet(arena.port, json, {
    auth: 'thief',
    ...resume(welcome.sid, welcome.tok, 1),
  });
  expect(stolen).toMatchObject({ resumed: false, why: 'principal' });
  expect(await victim.alive()).toBe(true);
  const { session: back, welcome: again } = await RawSession.greet(arena.port, json, {
    auth: 'victim',
    ...resume(welcome.sid, welcome.tok, 1),
  });
  expect(again).toMatchObject({ resumed: true, sid: welcome.sid });
  for (const { peer } of [thief, back]) peer.socket.destroy();
});

test('an old token dies when a newer one was used, and not before', async () => {
  await start();
  const { welcome: w0 } = await RawSession.greet(arena.port, json);
  const { sid } = w0;
  const attempt = async (
    tok: string,
    n: number,
  ): Promise<{ welcome: Awaited<ReturnType<typeof RawSession.greet>>['welcome'] }> => {
    const { session, welcome } = await RawSession.greet(arena.port, json, resume(sid, tok, n));
    session.peer.socket.destroy();
    return { welcome };
  };
  const { welcome: w1 } = await attempt(w0.tok, 1);
  expect(w1.resumed).toBe(true);
  expect(w1.tok).not.toBe(w0.tok);
  // Its welcome may have been lost, so the client may come with the old one again; and again.
  expect((await attempt(w0.tok, 2)).welcome.resumed).toBe(true);
  const { welcome: w3 } = await attempt(w0.tok, 3);
  expect(w3.resumed).toBe(true);
  // The token of a welcome that was followed by another is not the newest any more.
  expect((await attempt(w1.tok, 4)).welcome).toMatchObject({ resumed: false, why: 'unknown' });
  expect((await attempt(w3.tok, 4)).welcome.resumed).toBe(true);
  expect((await attempt(w0.tok, 5)).welcome).toMatchObject({ resumed: false, why: 'unknown' });
});

test('positions that cannot be are refused, and the session unharmed', async () => {
  await start();
  const { session: victim, welcome } = await RawSession.greet(arena.port, json);
  const { sid, tok } = welcome;
  const impossible = [
    [1, 1],
    [Number.MAX_SAFE_INTEGER, 1],
    [0, 5],
    [0, Number.MAX_SAFE_INTEGER],
  ] as const;
  for (const [recv, first] of impossible) {
    const { session, welcome: refused } = await RawSession.greet(arena.port, json, resume(sid, tok, 7, recv, first));
    expect(refused).toMatchObject({ resumed: false, why: 'overflow' });
    session.peer.socket.destroy();
  }
  expect(await victim.alive()).toBe(true);
  victim.peer.socket.destroy();
});

test('H10: of 1,000 sockets that resume with the same number at once exactly one wins', async () => {
  await start();
  const { session: first, welcome } = await RawSession.greet(arena.port, json);
  const sockets: RawSession[] = [];
  while (sockets.length < 1_000)
    sockets.push(...(await Promise.all(Array.from({ length: 50 }, () => RawSession.open(arena.port, json)))));
  for (const socket of sockets) socket.send([0, 0, [32, { ...politeHello, ...resume(welcome.sid, welcome.tok, 1) }]]);
  await until('all are answered', () => sockets.every(({ peer }) => peer.frames.length > 0), 10_000);
  const winners = sockets.filter(({ peer }) => peer.texts.length > 0);
  expect(winners.length).toBe(1);
  expect(await winners[0]?.alive()).toBe(true);
  expect(await first.peer.ended()).toBe(4409);
  // One after the other, for a thousand waiting at once would look at each other all the time.
  for (const socket of sockets) if (socket !== winners[0]) expect(await socket.peer.ended()).toBe(4409);
  expect(arena.server.peers.size).toBe(2);
  // A number that was passed does not come back either.
  for (const n of [0, 1]) {
    const late = await RawSession.open(arena.port, json);
    late.send([0, 0, [32, { ...politeHello, ...resume(welcome.sid, welcome.tok, n) }]]);
    expect(await late.peer.ended()).toBe(4409);
    expect(late.peer.texts).toEqual([]);
  }
  expect(await winners[0]?.alive()).toBe(true);
  winners[0]?.peer.socket.destroy();
});

test('H10: with growing numbers the last one has the session, and nothing is heard from the others', async () => {
  await start();
  const { session: first, welcome } = await RawSession.greet(arena.port, json);
  first.send([1, 0, [1, 'note', { n: 1 }]]);
  expect(await first.alive()).toBe(true);
  let { tok } = welcome;
  const all = [first];
  for (let n = 1; n <= 20; n += 1) {
    const { session, welcome: next } = await RawSession.greet(arena.port, json, resume(welcome.sid, tok, n));
    expect(next).toMatchObject({ resumed: true, sid: welcome.sid, recv: n });
    tok = next.tok;
    // The one before tries to go on.
    all.at(-1)?.send([n + 1, 0, [1, 'note', { n: 1_000 + n }]]);
    session.send([n + 1, 0, [1, 'note', { n: n + 1 }]]);
    expect(await session.alive()).toBe(true);
    expect(await all.at(-1)?.peer.ended()).toBe(4409);
    all.push(session);
  }
  expect(arena.from(welcome.sid)).toEqual(Array.from({ length: 21 }, (_, i) => i + 1));
  for (const { peer } of all) peer.socket.destroy();
});
