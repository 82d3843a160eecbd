import type { SimClient } from './sim-client.ts';
import type { SimServer } from './sim-server.ts';
import type { World } from './world.ts';

/** One run's parts, as faults and traffic see them. */
export interface Scene {
  readonly world: World;
  readonly server: SimServer;
  readonly clients: readonly SimClient[];
}

type Fault = (scene: Scene, client: SimClient) => void;

const fast = { latency: 5, jitter: 55 };
const slow = { latency: 200, jitter: 3_800 };

/** What can go wrong, and how often relative to the rest. */
const faults: Readonly<Record<string, readonly [weight: number, fault: Fault]>> = {
  reset: [25, (_, { network }) => network.drop()],
  // The server hears of it later, and first of all what was under way: the case fencing is for.
  clientNoticesFirst: [20, (scene, client) => abandon(scene, client, true)],
  clientNoticesAlone: [8, (_, { network }) => network.drop({ noticed: 'client' })],
  serverNoticesAlone: [6, (_, { network }) => network.drop({ noticed: 'server' })],
  silence: [4, (_, { network }) => network.halfOpen()],
  bothNoticeLate: [10, (_, { network }) => network.drop({ late: true })],
  otherCode: [5, ({ world }, { network }) => network.drop({ code: world.random.pick([1001, 1011, 1012, 1014]) })],
  tooBig: [2, (scene, client) => closeTooBig(scene, client)],
  flapping: [6, (scene, client) => flap(scene, client, scene.world.random.int(5, 20))],
  refusals: [
    8,
    ({ world }, { network }) => {
      network.drop();
      network.refuse(world.random.int(1, 4));
    },
  ],
  outage: [2, outage],
  overload: [3, overload],
  restart: [2, restart],
  eviction: [5, evict],
  delayedHello: [10, delayHello],
  // Everything stands still, as when a laptop sleeps with its server on it.
  sleep: [1, sleep],
  latency: [10, (scene, client) => setLatency(scene, client)],
  stranger: [1, becomeStranger],
  disconnect: [3, (scene, client) => takeBreak(scene, client)],
};

/** One random fault of one random client. */
export function strike(scene: Scene): void {
  const { random } = scene.world;
  const weights = Object.fromEntries(Object.entries(faults).map(([name, [weight]]) => [name, weight]));
  const [, fault] = faults[random.weighted(weights)] as readonly [number, Fault];
  fault(scene, random.pick(scene.clients));
}

/** The network and the server behave from now on. */
export function appease({ server, clients }: Scene): void {
  server.overloaded = false;
  for (const { network } of clients) {
    network.refuse(0);
    network.conditions({ latency: 20, jitter: 20 });
  }
}

export function setLatency({ world }: Scene, { network }: SimClient): void {
  network.conditions(world.random.chance(0.6) ? fast : slow);
}

/** The client dials anew while what it sent before is still on its way to the server. */
function abandon({ world }: Scene, { network }: SimClient, late: boolean): void {
  network.drop({ noticed: 'client', ...(late ? { late: 'server' as const } : {}) });
  // Mostly faster than before, so that the new connection overtakes.
  if (world.random.chance(0.8)) network.conditions(fast);
}

function flap(scene: Scene, client: SimClient, times: number): void {
  if (times === 0) return;
  const { random, clock } = scene.world;
  client.network.drop({ late: random.pick([false, 'client', 'server']), noticed: random.pick(['both', 'client']) });
  clock.setTimer(() => flap(scene, client, times - 1), random.exponential(400));
}

/** Nothing gets through for longer or shorter than the server keeps a session. */
function outage({ world }: Scene, { network }: SimClient): void {
  network.drop({ noticed: world.random.pick(['both', 'client']) });
  network.refuse(Number.POSITIVE_INFINITY);
  world.clock.setTimer(() => network.refuse(0), world.profile.registry.window * (0.3 + world.random.next()));
}

function overload(scene: Scene, { network }: SimClient): void {
  scene.server.overloaded = true;
  network.drop();
  scene.world.clock.setTimer(() => {
    scene.server.overloaded = false;
  }, scene.world.random.exponential(4_000));
}

function restart({ server, clients }: Scene): void {
  server.replace();
  for (const { network } of clients) network.drop();
}

/** The server gives the session up while calls are open: the client asks them again in the next one. */
function evict({ world, server }: Scene, client: SimClient): void {
  for (let n = 6; n > 0; n -= 1) client.ask();
  world.clock.setTimer(() => server.evict(client.client.sessionId), world.random.int(20, 2_000));
}

/** Something on the way cannot take what is sent, perhaps not the next time either. */
function closeTooBig({ world }: Scene, client: SimClient): void {
  const close = (): void => {
    client.tooBig += 1;
    client.network.drop({ code: 1009 });
  };
  client.send();
  if (client.connected) world.clock.setTimer(close, 1);
  if (world.random.chance(0.5)) return;
  client.watch = ({ status }) => {
    if (status !== 'connected') return;
    client.watch = undefined;
    world.clock.setTimer(close, 1);
  };
}

function sleep({ world, server }: Scene): void {
  world.clock.jump(world.random.exponential(30_000));
  // Who is connected at the moment of waking is connected: nobody was away.
  server.noteConnected();
}

/** The hello of the next try is so slow that the client gives the socket up; it arrives after a newer one. */
function delayHello({ world }: Scene, client: SimClient): void {
  const { handshakeTimeout } = world.profile;
  client.network.drop({ noticed: 'client' });
  client.watch = (state) => {
    if (!('phase' in state)) return;
    if (state.phase === 'opening') client.network.conditions({ latency: handshakeTimeout, jitter: handshakeTimeout });
    if (state.phase === 'opening') return;
    client.network.conditions(fast);
    if (state.phase === 'greeting') client.watch = undefined;
  };
}

/** Somebody else signs in; the next connection is theirs. */
function becomeStranger(_: Scene, client: SimClient): void {
  client.user = `${client.name}-${client.user.length}x`;
  client.network.drop();
}

function takeBreak({ world }: Scene, client: SimClient): void {
  if (client.leaving > 0) return;
  void client.disconnect();
  world.clock.setTimer(() => void client.client.connect().catch(() => undefined), world.random.exponential(3_000));
}
