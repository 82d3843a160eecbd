// Bad input of a welcomed client, over real sockets and in both codecs: reliability catalogue H01 to H08, H11, H17, H19,
// H20, H22. Each ends with one clear close code or changes nothing, and a bystander on the same server notices nothing.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Arena } from './support/arena.ts';
import { badBlobs, badFrames, badPackets, badTexts } from './support/bad-packets.ts';
import { Bystander } from './support/bystander.ts';
import { type Dialect, dialects } from './support/dialect.ts';
import { Opcode } from './support/raw-frame.ts';
import { RawSession } from './support/raw-session.ts';
import { until } from './support/until.ts';

let arena: Arena;
let bystander: Bystander;

beforeAll(async () => {
  arena = await Arena.start({ codecs: dialects.map(({ codec }) => codec) });
  bystander = await Bystander.start(arena);
});

afterAll(async () => {
  expect(await bystander.stop()).toEqual([]);
  expect(await arena.stop()).toEqual([]);
});

async function join(dialect: Dialect): Promise<RawSession & { sid: string }> {
  const { session, welcome } = await RawSession.greet(arena.port, dialect);
  return Object.assign(session, { sid: welcome.sid });
}

const { note, refused, borne } = badPackets('client');

describe.each(dialects)('$name', (dialect) => {
  test.each(refused)('%s -> %i', async (_name, code, ...packets) => {
    const session = await join(dialect);
    session.send(...packets);
    expect(await session.peer.ended()).toBe(code);
    // Whatever was good before it may have been heard, nothing else.
    for (const n of arena.from(session.sid)) expect(n).toBe(1);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    // A gap is answered by a resume; who breaks the protocol has no session any more.
    expect(arena.server.peers.has(session.sid)).toBe(code === 4540);
  });

  test.each(borne)('%s -> nothing', async (_name, ...packets) => {
    const session = await join(dialect);
    session.send(...packets);
    expect(await session.alive()).toBe(true);
    session.peer.close(1000);
    expect(await session.peer.ended()).toBe(1000);
  });

  test('a number sent twice is heard once', async () => {
    const session = await join(dialect);
    session.send(
      [1, 0, note(1), note(2)],
      [1, 0, note(1)],
      [2, 0, note(2), note(3)],
      [1, 0, note(1), note(2), note(3)],
    );
    expect(await session.alive()).toBe(true);
    expect(arena.from(session.sid)).toEqual([1, 2, 3]);
    session.peer.socket.destroy();
  });

  test('an ack that goes back is ignored', async () => {
    const session = await join(dialect);
    const peer = arena.server.peers.get(session.sid);
    for (const n of [1, 2, 3]) peer?.send('news', { n });
    await session.frame(1);
    session.send([0, 3], [0, 1], [0, 2]);
    expect(await session.alive()).toBe(true);
    session.peer.socket.destroy();
  });

  test.each(['toString', 'constructor', '__proto__', 'hasOwnProperty', 'echo', 'news', 'no such name', '\u{1f600}'])(
    'a message named %j that clients may not send is reported and goes nowhere',
    async (name) => {
      const before = arena.problems.length;
      const session = await join(dialect);
      session.send([1, 0, [1, name, { n: 1 }]]);
      expect(await session.alive()).toBe(true);
      expect(arena.problems.slice(before)).toMatchObject([{ kind: 'unknown-name', name }]);
      session.peer.socket.destroy();
    },
  );

  test.each(['toString', 'constructor', '__proto__', 'note', 'check', 'no such name'])(
    'a call named %j that nobody handles is answered UNIMPLEMENTED',
    async (name) => {
      const session = await join(dialect);
      session.send([1, 0, [2, 1, name, { n: 1 }]]);
      expect((await session.frame(4)).slice(0, 3)).toEqual([4, 1, 'UNIMPLEMENTED']);
      expect(await session.alive()).toBe(true);
      session.peer.socket.destroy();
    },
  );

  test.each([[undefined], [null], [1], ['x'], [[]], [{}], [{ n: '1' }], [{ n: 1.5 }], [{ n: null }], [{ m: 1 }]])(
    'data %j against the contract reaches no handler',
    async (data) => {
      const before = arena.problems.length;
      const session = await join(dialect);
      session.send([1, 0, [1, 'note', data], [2, 1, 'echo', data]]);
      expect((await session.frame(4)).slice(0, 3)).toEqual([4, 1, 'INVALID_INPUT']);
      expect(await session.alive()).toBe(true);
      expect(arena.from(session.sid)).toEqual([]);
      expect(arena.problems.slice(before).map(({ kind }) => kind)).toEqual(['invalid-message']);
      session.peer.socket.destroy();
    },
  );

  test('more calls than agreed are answered RATE_LIMITED, and the others go on', async () => {
    const session = await join(dialect);
    const held = arena.held;
    const calls = Array.from({ length: 300 }, (_, i) => [2, 2 * i + 1, 'hold']);
    session.send([1, 0, ...calls]);
    await until('the handlers run', () => arena.held === held + 64);
    const refusedIds: unknown[] = [];
    while (refusedIds.length < 300 - 256) {
      const [, , ...frames] = await session.read();
      for (const frame of frames as unknown[][])
        if (frame[0] === 4 && frame[2] === 'RATE_LIMITED') refusedIds.push(frame[1]);
    }
    expect(refusedIds).toEqual(Array.from({ length: 44 }, (_, i) => 2 * (256 + i) + 1));
    expect(arena.held).toBe(held + 64);
    session.peer.close(1000);
    await session.peer.ended();
    // Their session is over, so their handlers are told to stop.
    await until('the session is over', () => !arena.server.peers.has(session.sid));
    arena.answerHeld();
  });

  test('10,000 calls opened and cancelled at once -> 4529, and no more handlers run than the burst allows', async () => {
    const session = await join(dialect);
    const held = arena.held;
    const frames: unknown[] = [];
    for (let id = 1; id < 20_000; id += 2) frames.push([2, id, 'hold'], [9, id]);
    for (let i = 0; i < frames.length; i += 100) session.send([i + 1, 0, ...frames.slice(i, i + 100)]);
    expect(await session.peer.ended()).toBe(4529);
    expect(arena.held).toBeLessThanOrEqual(held + 600);
    // It may come back when it has calmed down: its session is there.
    expect(arena.server.peers.get(session.sid)?.connected).toBe(false);
    arena.server.peers.get(session.sid)?.close();
    arena.answerHeld();
  });

  test('cancelling every call one has, twice in a row, is no flood', async () => {
    const session = await join(dialect);
    let seq = 1;
    for (let round = 0; round < 2; round += 1) {
      const ids = Array.from({ length: 256 }, (_, i) => 512 * round + 2 * i + 1);
      session.send([seq, 0, ...ids.map((id) => [2, id, 'hold']), ...ids.map((id) => [9, id])]);
      seq += 512;
    }
    expect(await session.alive()).toBe(true);
    session.peer.close(1000);
    await session.peer.ended();
    arena.answerHeld();
  });

  test.each<[string, (i: number) => unknown[]]>([
    ['pings', (i) => [35, i]],
    ['pongs nobody asked for', (i) => [36, i]],
  ])('a flood of %s -> 4529, and it is not answered with a flood', async (_name, frame) => {
    const session = await join(dialect);
    for (let n = 0; n < 10; n += 1) session.send([0, 0, ...Array.from({ length: 100 }, (_, i) => frame(i))]);
    expect(await session.peer.ended()).toBe(4529);
    expect(session.pongs).toBeLessThan(100);
    expect(arena.server.peers.has(session.sid)).toBe(true);
  });

  test.each<[string, unknown]>([
    ['nothing', [0, 0]],
    ['the same acknowledgement', [0, 3]],
  ])('1,000 packets with %s -> 4529', async (_name, packet) => {
    const session = await join(dialect);
    const peer = arena.server.peers.get(session.sid);
    for (const n of [1, 2, 3]) peer?.send('news', { n });
    await session.frame(1);
    session.send(...Array.from({ length: 1_000 }, () => packet));
    expect(await session.peer.ended()).toBe(4529);
  });

  test('1,000 acknowledgements of something new each are welcome', async () => {
    const session = await join(dialect);
    const peer = arena.server.peers.get(session.sid);
    for (let n = 1; n <= 1_000; n += 1) {
      peer?.send('news', { n });
      await Promise.resolve();
      await Promise.resolve();
    }
    await until('all was sent', () => session.numbers === 1_000);
    session.send(...Array.from({ length: 1_000 }, (_, i) => [0, i + 1]));
    expect(await session.alive()).toBe(true);
    session.peer.socket.destroy();
  });

  test('1,000 calls that are never answered hold 256, and the others are refused at once', async () => {
    const session = await join(dialect);
    const held = arena.held;
    const calls = Array.from({ length: 1_000 }, (_, i) => [2, 2 * i + 1, 'hold']);
    for (let i = 0; i < calls.length; i += 100) session.send([i + 1, 0, ...calls.slice(i, i + 100)]);
    let refusals = 0;
    while (refusals < 744) {
      const [, , ...frames] = await session.read();
      refusals += (frames as unknown[][]).filter(([kind, , code]) => kind === 4 && code === 'RATE_LIMITED').length;
    }
    expect(arena.held).toBe(held + 64);
    expect(await session.alive()).toBe(true);
    session.peer.close(1000);
    await session.peer.ended();
    await until('the session is over', () => !arena.server.peers.has(session.sid));
    arena.answerHeld();
  });

  test.each(badFrames(true))('%s -> %i', async (_name, code, claims) => {
    const session = await join(dialect);
    session.peer.answersClose = false;
    session.peer.send(...claims);
    expect(await session.peer.ended()).toBe(code);
    await until('the server lets go', () => session.peer.gone || session.peer.socket.readableEnded);
    expect(arena.from(session.sid)).toEqual([]);
    session.peer.socket.destroy();
  });

  test('a message in single bytes with pings between them is a message', async () => {
    const session = await join(dialect);
    const bytes = Buffer.from(dialect.write([1, 0, note(1)]));
    const first = dialect.name === 'json' ? Opcode.text : Opcode.binary;
    bytes.forEach((_, i) => {
      const last = i === bytes.length - 1;
      session.peer.send({ opcode: i === 0 ? first : 0, payload: bytes.subarray(i, i + 1), fin: last });
      if (i % 4 === 1) session.peer.send({ opcode: Opcode.ping, payload: 'p' });
    });
    expect(await session.alive()).toBe(true);
    expect(arena.from(session.sid)).toEqual([1]);
    session.peer.socket.destroy();
  });

  test('the other kind of message than agreed -> 4400', async () => {
    const session = await join(dialect);
    session.peer.send({ payload: '[0,0]', opcode: dialect.name === 'json' ? Opcode.binary : Opcode.text });
    expect(await session.peer.ended()).toBe(4400);
  });

  test.each([1000, 1001, 3000, 4000, 4400, 4999])('a client that closes with %i is answered in kind', async (code) => {
    const session = await join(dialect);
    session.peer.close(code, 'x'.repeat(100));
    expect(await session.peer.ended()).toBe(code);
  });
});

test.each(badTexts)('json: %s -> 4400', async (_name, text) => {
  const [json] = dialects;
  const session = await join(json!);
  session.peer.send(text);
  expect(await session.peer.ended()).toBe(4400);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});

test.each(badBlobs)('msgpack: %s -> 4400', async (_name, bytes) => {
  const [, msgpack] = dialects;
  const session = await join(msgpack!);
  session.peer.send(bytes);
  expect(await session.peer.ended()).toBe(4400);
});
