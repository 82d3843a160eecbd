import type { Scene } from './faults.ts';

/** One random burst in one direction, or both. */
export function speak({ world, server, clients }: Scene): void {
  const { random } = world;
  const peers = server.peers();
  const client = random.pick(clients);
  const peer = peers.length === 0 ? undefined : random.pick(peers);
  switch (
    random.weighted({
      up: 30,
      down: 30,
      both: 15,
      ask: 8,
      beAsked: 8,
      read: 3,
      beRead: 3,
      broadcast: 8,
      blips: 5,
      flood: 1,
    })
  ) {
    case 'up':
      for (let n = burst(); n > 0; n -= 1) client.send();
      break;
    case 'down':
      if (peer) for (let n = burst(); n > 0; n -= 1) server.send(peer);
      break;
    case 'both':
      for (let n = burst(); n > 0; n -= 1) {
        client.send();
        if (peer && peer.ended === undefined) server.send(peer);
      }
      break;
    case 'ask':
      for (let n = random.int(1, 4); n > 0; n -= 1) client.ask();
      break;
    case 'beAsked':
      if (peer) for (let n = random.int(1, 4); n > 0; n -= 1) server.ask(peer);
      break;
    case 'read':
      client.read();
      break;
    case 'beRead':
      if (peer) server.read(peer);
      break;
    case 'broadcast':
      for (let n = random.int(1, 5); n > 0; n -= 1) server.broadcast();
      break;
    case 'blips':
      client.send('blip');
      if (peer) server.send(peer, 'blip');
      break;
    case 'flood':
      for (let n = 150; n > 0; n -= 1) client.send();
      if (peer) for (let n = 150; n > 0 && peer.ended === undefined; n -= 1) server.send(peer);
      break;
  }

  function burst(): number {
    return Math.ceil(random.exponential(6));
  }
}
