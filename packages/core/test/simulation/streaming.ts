import type { Stream } from '../../src/peer/stream/stream-surface.ts';
import { HawserError } from '../../src/shared/errors.ts';
import type { Answer, Item, Payload } from './payload.ts';
import type { CallRecord, StreamRecord } from './records.ts';
import type { World } from './world.ts';

/** Chooses what a stream will be like, at its source and at its reader. */
export function beginStream(world: World, by: CallRecord['by'], k: number): StreamRecord {
  const { random } = world;
  const endless = random.chance(0.2);
  const record: StreamRecord = {
    call: world.beginCall(by, k),
    window: random.pick([1, 2, 5, 32]),
    total: endless ? Number.POSITIVE_INFINITY : random.int(0, 60),
    fails: random.chance(0.2),
    lazy: endless || random.chance(0.3),
    // Who reads item by item may be slow, and may leave at any of them; whoever subscribes leaves by the clock.
    reading: random.pick(['subscribe', 'iterate', 'iterateSlowly']),
    leavesAt: random.chance(0.2) ? random.int(1, 40) : Number.POSITIVE_INFINITY,
    leavesAfter: endless || random.chance(0.1) ? random.int(0, 15_000) : undefined,
    begun: 0,
    ended: 0,
    yielded: 0,
    taken: 0,
    told: 0,
  };
  world.streams.set(k, record);
  world.counts.streams += 1;
  return record;
}

/** What the handler of a stream gives to iterate, at either end. */
export function produce(world: World, { k }: Payload): AsyncIterable<Item> | Iterable<Item> {
  const record = world.streams.get(k) as StreamRecord;
  return record.lazy ? produceLazily(world, record) : produceAtOnce(world, record);
}

function* produceAtOnce(world: World, record: StreamRecord): Generator<Item> {
  record.begun += 1;
  try {
    while (record.yielded < record.total) yield nextItem(world, record);
    refuse(record);
  } finally {
    record.ended += 1;
  }
}

async function* produceLazily(world: World, record: StreamRecord): AsyncGenerator<Item> {
  record.begun += 1;
  try {
    while (record.yielded < record.total) {
      if (world.random.chance(0.3)) {
        await new Promise<void>((resolve) => void world.clock.setTimer(resolve, world.random.int(0, 800)));
      }
      yield nextItem(world, record);
    }
    refuse(record);
  } finally {
    record.ended += 1;
  }
}

/** Invariant 5: a source is never asked for more than its reader gave credit for. */
function nextItem(world: World, record: StreamRecord): Item {
  const { call, taken, window } = record;
  record.yielded += 1;
  // The reader may have been handed one it was not woken for yet.
  if (record.yielded > taken + window + 1)
    world.violation(5, `stream ${call.k}: item ${record.yielded} was asked for, ${taken} were read, window ${window}`);
  return { k: call.k, i: record.yielded };
}

function refuse({ call, fails }: StreamRecord): void {
  if (fails) throw new HawserError('domain', 'NO', 'Not today.', { data: { k: call.k } });
}

/** Reads one stream, and records what it was told. */
export function readStream(world: World, record: StreamRecord, open: (how: object) => Stream<Item>): void {
  const { clock } = world;
  const { window, reading, leavesAfter } = record;
  const stop = new AbortController();
  if (leavesAfter !== undefined) clock.setTimer(() => stop.abort(), leavesAfter);
  const stream = open({ window, signal: stop.signal });
  if (reading !== 'subscribe') {
    void iterate(world, record, stream);
    return;
  }
  const subscription = stream.subscribe({
    next: (item) => {
      took(world, record, item);
      if (record.taken < record.leavesAt) return;
      left(world, record);
      subscription.unsubscribe();
    },
    error: (error) => ended(world, record, error),
    complete: () => ended(world, record),
  });
}

async function iterate(world: World, record: StreamRecord, stream: Stream<Item>): Promise<void> {
  try {
    for await (const item of stream) {
      took(world, record, item);
      if (record.taken >= record.leavesAt) {
        left(world, record);
        break;
      }
      // At the end nobody dawdles: what had arrived before the close is still read.
      if (record.reading === 'iterateSlowly' && !world.calm) {
        await new Promise<void>((resolve) => void world.clock.setTimer(resolve, world.random.int(0, 300)));
      }
    }
    if (record.taken < record.leavesAt) ended(world, record);
  } catch (error) {
    ended(world, record, error);
  }
}

/** Invariant 5: what is read is what the source gave, from its first item on, in order, each once. */
function took(world: World, record: StreamRecord, item: Item): void {
  const { call } = record;
  record.taken += 1;
  world.counts.items += 1;
  if (item.k !== call.k || item.i !== record.taken)
    world.violation(5, `stream ${call.k}: item ${item.i} of ${item.k} came at place ${record.taken}`);
  if (record.told > 0) world.violation(5, `stream ${call.k}: an item came after the end`);
}

function left(world: World, record: StreamRecord): void {
  record.told += 1;
  world.settleCall(record.call, { code: 'aborted', executed: 'maybe' });
}

/** Invariant 5: a stream ends once, and is complete only with its last item. */
function ended(world: World, record: StreamRecord, error?: unknown): void {
  const { call, taken, total, fails } = record;
  record.told += 1;
  if (record.told > 1) world.violation(5, `stream ${call.k} ended ${record.told} times`);
  if (error === undefined) {
    if (taken !== total || fails) world.violation(5, `stream ${call.k} is complete after ${taken} of ${total} items`);
    world.settleCall(call, { code: 'ok', executed: 'yes' });
  } else if (error instanceof HawserError) {
    const answered = error.code === 'NO' ? (error.data as Answer).k : undefined;
    if (error.code === 'NO' && (taken !== total || !fails))
      world.violation(5, `stream ${call.k} failed after ${taken} of ${total} items`);
    world.settleCall(call, { code: error.code, executed: error.executed, answer: answered });
  } else world.settleCall(call, { code: 'aborted', executed: 'maybe' });
}
