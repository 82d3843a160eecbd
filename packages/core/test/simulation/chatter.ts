import type { Scene } from './faults.ts';
import { topicNames } from './payload.ts';

/** Some of what goes on about topics: publishing, readers that come and go, readers that are slow for a while. */
export function chatter({ world, server, clients }: Scene): void {
  const { topicRandom: random, profile, clock } = world;
  if (!profile.topics) return;
  const client = random.pick(clients);
  if (random.chance(0.7)) {
    const name = random.pick(topicNames);
    const n = random.int(1, 2);
    // Mostly fewer than a log retains, sometimes more.
    for (let count = Math.ceil(random.exponential(2)); count > 0; count -= 1) server.publish(name, n);
  }
  if (random.chance(0.002)) for (let count = 1_500; count > 0; count -= 1) server.publish('live', 1);
  if (random.chance(0.08)) {
    const reader = random.pick(client.readers);
    if (reader.isReading) reader.leave();
    else reader.begin();
  }
  if (random.chance(0.03)) {
    client.sluggish = true;
    clock.setTimer(() => {
      client.sluggish = false;
    }, random.exponential(4_000));
  }
}
