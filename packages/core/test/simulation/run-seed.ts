import { chatter } from './chatter.ts';
import { appease, setLatency, strike, type Scene } from './faults.ts';
import { judge } from './judge.ts';
import { topicNames } from './payload.ts';
import { profileOf } from './profile.ts';
import type { Counts } from './records.ts';
import { SimClient } from './sim-client.ts';
import { SimServer } from './sim-server.ts';
import { speak } from './traffic.ts';
import { World, short } from './world.ts';

/** How long faults go on, virtual milliseconds. */
const rough = 500_000;
/** How long everything may take to arrive once they stop; `reliability` invariant 11. */
const patience = 60_000;

/** What became of one seed. */
export interface Outcome {
  readonly seed: number;
  /** Broken invariants; empty when all is well. */
  readonly violations: readonly string[];
  readonly counts: Counts;
}

/** Runs one seeded script with real clients, a real server, a bad network and virtual time. */
export async function runSeed(seed: number): Promise<Outcome> {
  const world = new World(profileOf(seed));
  try {
    await play(world);
  } catch (error) {
    world.violation(8, `something threw: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
  world.counts.virtualMs = world.elapsed;
  return { seed, violations: world.violations, counts: world.counts };
}

async function play(world: World): Promise<void> {
  const { random, profile } = world;
  const server = new SimServer(world);
  const clients = Array.from({ length: profile.clients }, (_, i) => new SimClient(world, server, `c${i + 1}`));
  const scene: Scene = { world, server, clients };
  for (const client of clients) setLatency(scene, client);

  let nextFault = random.exponential(profile.calm);
  let nextBurst = 0;
  let quietUntil = 0;
  while (world.elapsed < rough && world.violations.length === 0) {
    const next = Math.min(nextFault, Math.max(nextBurst, quietUntil), rough);
    await pass(scene, Math.max(1, next - world.elapsed));
    if (world.elapsed >= nextFault) {
      strike(scene);
      nextFault = world.elapsed + random.exponential(profile.calm / profile.clients);
    } else {
      speak(scene);
      chatter(scene);
      nextBurst = world.elapsed + random.exponential(profile.pace);
      if (random.chance(0.01)) quietUntil = world.elapsed + random.exponential(30_000);
    }
  }
  await recover(scene);
  await finish(scene);
  judge(world, clients);
}

/** Time passes; promises get their turn in between. */
async function pass({ world, server, clients }: Scene, duration: number): Promise<void> {
  // A source that is asked again for each item gives one in each part, and in calm all of a stream must come.
  const chunk = world.profile.authTime > 0 || world.calm ? 200 : 1_000;
  for (let left = duration; left > 0 && world.violations.length === 0; left -= chunk) {
    world.clock.advanceSync(Math.min(chunk, left));
    await world.clock.settle();
    server.inspect();
    for (const client of clients) client.inspect();
  }
}

/** Faults stop: everything must arrive. */
async function recover(scene: Scene): Promise<void> {
  const { world, server, clients } = scene;
  // Faults that are under way come to their end first: outages last as long as they were meant to.
  await pass(scene, world.profile.registry.window * 1.3 + 20_000);
  world.calm = true;
  appease(scene);
  for (const client of clients) {
    client.watch = undefined;
    client.sluggish = false;
    void client.client.connect().catch(() => undefined);
  }
  await pass(scene, patience - 10_000);
  for (const client of clients) for (const reader of client.readers) reader.judgeEnd(true);
  if (world.profile.topics) for (const name of topicNames) for (const n of [1, 2]) server.publish(name, n);
  // When these arrive everything before them has: order is judged as they come in.
  for (const client of clients) client.send();
  for (const peer of server.peers()) server.send(peer);
  await pass(scene, 10_000);
  for (const client of clients) for (const reader of client.readers) reader.judgeEnd(false);
  if (world.violations.length > 0) return;
  for (const { call, taken, total } of world.streams.values()) {
    if (call.outcome === undefined) world.violation(11, `stream ${call.k} stands still at ${taken} of ${total} items`);
  }
  for (const client of clients) {
    const { items, sid } = client.era;
    const record = world.sessions.get(sid ?? '');
    if (!client.connected)
      world.violation(11, `${client.name} is ${client.client.state.status} after ${patience} ms of calm`);
    else if (record === undefined) world.violation(11, `${client.name} has no session`);
    else {
      if (items.at(-1) !== record.received.at(-1)) {
        world.violation(11, `${client.name}: ${items.at(-1)} was sent last, ${record.received.at(-1)} arrived last`);
      }
      if (record.sent.at(-1) !== record.delivered.at(-1)) {
        world.violation(
          11,
          `session ${short(sid)}: ${record.sent.at(-1)} was sent last, ${record.delivered.at(-1)} arrived last`,
        );
      }
    }
  }
}

/** Everything is closed, in one of several ways, and nothing may be left (invariant 9). */
async function finish(scene: Scene): Promise<void> {
  const { world, server, clients } = scene;
  const { random, clock } = world;
  const [dismissed] = clients;
  if (dismissed !== undefined && random.chance(0.5)) {
    dismissed.dismissed = true;
    dismissed.send();
    server.dismiss(dismissed.user);
    await pass(scene, 5_000);
    if (dismissed.client.state.status !== 'closed')
      world.violation(11, `${dismissed.name} was dismissed and is still there`);
  }
  let open = clients.length + 1;
  const staying = clients.filter(({ dismissed: gone }) => !gone);
  if (staying.length > 0) for (let n = random.int(0, 3); n > 0; n -= 1) speak({ ...scene, clients: staying });
  for (const client of clients) {
    void client.close(random.pick([0, 0, 5_000])).then(() => (open -= 1));
  }
  await pass(scene, 8_000);
  void server.acceptor.close(random.pick([0, 1_000]), 1001).then(() => (open -= 1));
  await pass(scene, 15_000);
  // Handlers that still run answer nobody.
  clock.advanceSync(5_000);
  await clock.settle();
  if (world.violations.length > 0) return;
  if (open > 0) world.violation(9, `${open} of the closing ends did not come to an end`);
  if (clock.pending > 0) world.violation(9, `${clock.pending} timers are left`);
  for (const { name, network, client } of clients) {
    if (network.open > 0) world.violation(9, `${name}: ${network.open} sockets are left`);
    if (client.state.status !== 'closed') world.violation(9, `${name} is ${client.state.status} after close()`);
  }
  for (const process of server.processes) {
    const read = topicNames.reduce((sum, name) => sum + process.topics.subscribers(name), 0);
    const left = process.peers.size + process.greetings + read;
    if (left > 0) world.violation(9, `the server keeps ${left} map entries`);
  }
}
