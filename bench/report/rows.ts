/** One line of the table: what is promised, and which figure tells. */
export interface Row {
  readonly id: string;
  readonly title: string;
  /** Whose figure is judged. */
  readonly contestant: string;
  /** The most it may be, in × or in `unit`; absent while nothing is promised. */
  readonly budget: number;
  /** Of the budget; × the base when absent. */
  readonly unit?: 'ms' | 'KiB';
  /** What it is compared with, for people. */
  readonly base: string;
}

const floor = 'floor';
const json = 'Hawser, JSON';

/** Everything with a budget, in the order of the table. */
export const rows: readonly Row[] = [
  { id: 'messages', title: 'messages client → server, burst', contestant: 'hawser', budget: 0.6, base: floor },
  { id: 'feed', title: 'feed server → client, burst', contestant: 'hawser', budget: 0.5, base: floor },
  { id: 'calls-64', title: 'calls, 64 in flight', contestant: 'hawser', budget: 0.55, base: floor },
  { id: 'calls-1024', title: 'calls, 1,024 in flight', contestant: 'hawser-wide', budget: 0.65, base: floor },
  { id: 'calls-1', title: 'calls, one at a time (p50)', contestant: 'hawser', budget: 1.15, base: floor },
  { id: 'stream', title: 'one server stream, items at hand', contestant: 'hawser', budget: 0.6, base: floor },
  {
    id: 'stream-async',
    title: 'one server stream, from an async generator',
    contestant: 'hawser',
    budget: 0.6,
    base: floor,
  },
  {
    id: 'messages-msgpack',
    title: 'messages, MessagePack',
    contestant: 'hawser-msgpack',
    budget: 0.75,
    base: json,
  },
  { id: 'feed-msgpack', title: 'feed, MessagePack', contestant: 'hawser-msgpack', budget: 0.75, base: json },
  {
    id: 'calls-64-msgpack',
    title: 'calls, 64 in flight, MessagePack',
    contestant: 'hawser-msgpack',
    budget: 0.75,
    base: json,
  },
  {
    id: 'one-per-tick',
    title: 'messages sent one per tick (nothing to batch)',
    contestant: 'hawser',
    budget: 1.3,
    base: floor,
  },
  { id: 'page-feed', title: 'in Chromium: feed', contestant: 'hawser', budget: 0.3, base: 'native WebSocket' },
  { id: 'page-messages', title: 'in Chromium: messages', contestant: 'hawser', budget: 0.15, base: 'native WebSocket' },
  {
    id: 'page-calls-64',
    title: 'in Chromium: calls, 64 in flight',
    contestant: 'hawser',
    budget: 0.15,
    base: 'native WebSocket',
  },
  {
    id: 'page-lag',
    title: 'in Chromium: 10,000 messages/s, one per tick, lag p95',
    contestant: 'hawser',
    budget: 50,
    unit: 'ms',
    base: 'native WebSocket',
  },
  {
    id: 'broadcast',
    title: 'broadcast 1 → 1,000, one per tick (server, per recipient)',
    contestant: 'hawser',
    budget: 1.15,
    base: floor,
  },
  {
    id: 'broadcast-100',
    title: 'broadcast 1 → 1,000 × 100 in one tick (server, per recipient)',
    contestant: 'hawser',
    budget: 0.3,
    base: floor,
  },
  {
    id: 'publish',
    title: 'publish to a topic 1 → 1,000, one per tick (server, per recipient)',
    contestant: 'hawser',
    budget: 1.15,
    base: floor,
  },
  {
    id: 'publish-100',
    title: 'publish to a topic 1 → 1,000 × 100 in one tick (server, per delivery)',
    contestant: 'hawser',
    budget: 0.3,
    base: floor,
  },
  {
    id: 'connections',
    title: '5,000 connections opened, handshake included',
    contestant: 'hawser',
    budget: 1.4,
    base: floor,
  },
  {
    id: 'idle-server',
    title: 'heap of an idle connection, server',
    contestant: 'hawser',
    budget: 8,
    unit: 'KiB',
    base: floor,
  },
  {
    id: 'idle-client',
    title: 'heap of an idle connection, client',
    contestant: 'hawser',
    budget: 8,
    unit: 'KiB',
    base: floor,
  },
  {
    id: 'soak',
    title: 'heap growth over 1,000,000 messages (larger of both ends)',
    contestant: 'hawser',
    budget: 512,
    unit: 'KiB',
    base: floor,
  },
];
