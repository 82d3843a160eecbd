import { bytes, call, defineContract, message, upload, type Client } from '@hawser/core';
import { createTestBed, type TestBed } from '@hawser/core/testing';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { msgpackCodec } from '../../src/wire/msgpack-codec.ts';
import { defaultSendLimits } from '../../src/endpoint/defaults.ts';
import { Random } from './random.ts';

/** One numbered thing; its text follows from its number. */
interface Thing {
  readonly k: number;
  readonly text: string;
}

function anything<T>(): StandardSchemaV1<T, T> {
  return { '~standard': { version: 1, vendor: 'simulation', validate: (value) => ({ value: value as T }) } };
}

const names = ['a', 'b', 'c'] as const;
const things = { a: message(anything<Thing>()), b: message(anything<Thing>()), c: message(anything<Thing>()) };
const file = upload({ input: anything<number>(), chunk: bytes(), output: anything<number>() });
const ask = call({ input: anything<Thing>(), output: anything<Thing>() });
const contract = defineContract({
  id: 'simulation/bulk',
  clientToServer: { ...things, file, ask },
  serverToClient: { ...things, file, ask },
});
type Bulky = typeof contract;

/** What became of one seed. */
export interface BulkOutcome {
  /** Broken invariants; empty when all is well. */
  readonly violations: readonly string[];
  readonly large: number;
  readonly uploads: number;
  readonly cuts: number;
  readonly losses: number;
}

/** The text of a number: half of them larger than a packet may be, up to a quarter of a megabyte. */
function textOf(k: number): string {
  const h = Math.imul(k, 0x9e3779b1) >>> 0;
  const size = h % 2 === 0 ? h % 300 : 66_000 + (h % 200_000);
  return `${k}é漢"`.repeat(Math.ceil(size / 10)).slice(0, size);
}

/** The byte at a place of an upload. */
const byteAt = (k: number, at: number): number => (k * 7 + at * 31 + (at >> 9)) & 0xff;

function fileOf(k: number): Uint8Array {
  const data = new Uint8Array(k % 5 === 0 ? k : 20_000 + ((k * 7_919) % 400_000));
  for (let at = 0; at < data.length; at += 1) data[at] = byteAt(k, at);
  return data;
}

/** Messages, calls and uploads of all sizes, both ways, over a bad network; everything is compared. */
export async function runBulkSeed(seed: number): Promise<BulkOutcome> {
  const random = new Random(seed);
  const violations: string[] = [];
  const counts = { large: 0, uploads: 0, cuts: 0, losses: 0 };
  let over = false;
  const frame = random.pick([262_144, 262_144, 20_000, 5_000]);
  const accepts = { frame, msg: 400_000, inflight: 256 };
  const bed: TestBed<Bulky> = createTestBed(contract, {
    seed,
    client: { limits: accepts, callTimeout: 600_000, ...(random.chance(0.4) ? { codec: msgpackCodec } : {}) },
    server: { accepts, callTimeout: 600_000, keeps: { ...defaultSendLimits, queueBytes: 16_000_000 } },
  });
  const { client, server, clock } = bed;
  let k = 0;
  /** Numbers sent and not accounted for, by direction and name. */
  const open = new Map<string, Set<number>>();
  const last = new Map<string, number>();
  const runs = new Map<number, number>();
  const pending = new Set<Promise<unknown>>();

  function sent(way: string, thing: Thing): void {
    if (thing.text.length > 65_536) counts.large += 1;
    const list = open.get(way) ?? new Set();
    open.set(way, list.add(thing.k));
  }
  function arrived(way: string, { k: n, text }: Thing): void {
    if (text !== textOf(n)) violations.push(`${way} ${n}: ${text.length} characters, or others than were sent`);
    if (n <= (last.get(way) ?? 0)) violations.push(`${way}: ${n} came after ${last.get(way)}`);
    if (open.get(way)?.delete(n) === false) violations.push(`${way}: ${n} came twice, or after it was lost`);
    last.set(way, n);
  }
  const next = (): Thing => {
    k += 1;
    return { k, text: textOf(k) };
  };
  for (const name of names) {
    server.on(name, (thing) => arrived(`up ${name}`, thing));
    client.on(name, (thing) => arrived(`down ${name}`, thing));
  }
  const weigh = async (n: number, { chunks }: { chunks: AsyncIterable<Uint8Array> }): Promise<number> => {
    runs.set(n, (runs.get(n) ?? 0) + 1);
    let at = 0;
    const pause = n % 3 === 0;
    for await (const chunk of chunks) {
      for (const byte of chunk) {
        if (byte !== byteAt(n, at)) violations.push(`upload ${n}: another byte at ${at}`);
        at += 1;
      }
      if (n % 7 === 0 && at > 50_000) break;
      if (pause && at % 5 === 0) await new Promise<void>((resolve) => void clock.setTimer(resolve, 20));
    }
    return at;
  };
  server.handle('file', weigh);
  client.handle('file', weigh);
  server.handle('ask', (thing) => thing);
  client.handle('ask', (thing) => thing);
  client.onProblem(({ kind, error }) => violations.push(`client: ${kind} ${error.message}`));
  client.onSessionLost(({ why, outbound }) => {
    counts.losses += 1;
    if (why !== 'unknown') violations.push(`lost: ${why}`);
    for (const { kind, name, data } of outbound.unknown)
      if (kind === 'message') open.get(`up ${name}`)?.delete((data as Thing).k);
    // What the server had not got through dies with it.
    for (const name of names) open.delete(`down ${name}`);
  });
  server.onPeerEnd((_, { why }) => {
    // A session whose welcome never arrived expires.
    if (!/shutdown|expired/.test(why) && !over) violations.push(`a session ended: ${why}`);
  });

  /** Either it comes to its end as it should, or its session was lost. */
  function follow(what: string, n: number, promise: Promise<unknown>, isRight: (value: never) => boolean): void {
    const watched = promise.then(
      (value) => {
        if (!isRight(value as never)) violations.push(`${what} ${n} was answered wrong`);
      },
      (error: { code?: string }) => {
        if (!/UNKNOWN_OUTCOME|SESSION_LOST/.test(error.code ?? '')) violations.push(`${what} ${n}: ${String(error)}`);
      },
    );
    pending.add(watched);
    void watched.finally(() => pending.delete(watched));
  }
  function speak(way: 'up' | 'down'): void {
    const peer = way === 'up' ? (client as unknown as Client<Bulky>) : server.peers.get(client.sessionId ?? '');
    if (!peer || ('ended' in peer && peer.ended)) return;
    switch (random.weighted({ send: 60, ask: 15, upload: 10, cancel: 5 })) {
      case 'send':
        for (let n = random.int(1, 6); n > 0; n -= 1) {
          const thing = next();
          const name = random.pick(names);
          sent(`${way} ${name}`, thing);
          peer.send(name, thing);
        }
        break;
      case 'ask': {
        const thing = next();
        follow('call', thing.k, peer.call('ask', thing), (answer: Thing) => answer.text === thing.text);
        break;
      }
      case 'cancel': {
        const stop = new AbortController();
        const gone = peer.call('ask', next(), { signal: stop.signal }).catch(() => undefined);
        pending.add(gone);
        void gone.then(() => pending.delete(gone));
        clock.setTimer(() => stop.abort(new Error('enough')), random.int(0, 300));
        break;
      }
      default: {
        const { k: n } = next();
        const data = fileOf(n);
        counts.uploads += 1;
        follow('upload', n, peer.upload('file', n, data), (size: number) => size === data.length || n % 7 === 0);
      }
    }
  }

  await client.connect();
  for (let step = 0; step < 60 && violations.length === 0; step += 1) {
    if (random.chance(0.1)) bed.link.conditions({ latency: random.int(0, 150), jitter: random.int(0, 60) });
    if (pending.size < 40) speak(random.pick(['up', 'down']));
    if (random.chance(0.2)) {
      counts.cuts += 1;
      bed.link.drop({
        late: random.pick([false, true, 'client', 'server'] as const),
        code: random.pick([1006, 1001, 4512]),
      });
    } else if (random.chance(0.01)) server.restart();
    await clock.advance(random.int(1, 400));
  }
  bed.link.conditions({ latency: 1 });
  for (
    let waited = 0;
    waited < 60 && (pending.size > 0 || [...open.values()].some((list) => list.size > 0));
    waited += 1
  )
    await clock.advance(2_000);
  for (const [way, list] of open)
    if (list.size > 0) violations.push(`${way}: ${[...list].slice(0, 5).join()} never came`);
  if (pending.size > 0) violations.push(`${pending.size} calls or uploads never settled`);
  for (const [n, count] of runs) if (count > 1) violations.push(`upload ${n} ran ${count} times`);
  over = true;
  await bed[Symbol.asyncDispose]();
  if (clock.pending > 0) violations.push(`${clock.pending} timers are left`);
  return { violations, ...counts };
}
