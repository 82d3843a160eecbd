// Prints how many native timers so many idle connections in memory need, both ends of each in this process, and lets them
// go; whoever started it sees whether the process leaves by itself.
import { defineContract, message } from '@hawser/core';
import { Acceptor, PeerRegistrations, acceptDefaults, jsonCodec, wheelClock } from '@hawser/core/endpoint';
import { createPool } from '@hawser/core/pool';
import { MemoryNetwork } from '@hawser/core/testing';

const count = Number(process.argv[2]);
const contract = defineContract({ id: 'idle/1', clientToServer: { note: message() } });
const clock = wheelClock();
const acceptor = new Acceptor(
  {
    ...acceptDefaults,
    contract,
    clock,
    authenticate: () => undefined,
    principal: () => '',
    codecs: [jsonCodec],
    registry: { ...acceptDefaults.registry, sessions: count },
    greetings: count,
    hash: (token) => token,
    onProblem: ({ error }) => console.error(error),
  },
  new PeerRegistrations((_, error) => console.error(error)),
);
const network = new MemoryNetwork(clock, [jsonCodec.subprotocol], (socket) => acceptor.accept(socket, undefined));
const WebSocket = network.socketClass();
const pool = createPool({
  contract,
  client: () => ({ url: 'ws://memory/', WebSocket }),
  dials: { atOnce: count, perSecond: Infinity },
});
const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

await Promise.all(Array.from({ length: count }, (_, n) => pool.client(`bot ${n}`).client.connect()));
// Whatever the handshakes left to do is done by now.
await new Promise<void>((done) => void clock.setTimer(done, 1_500));
console.log(`${pool.state.connected} connected, ${acceptor.peers.size} peers, ${timers()} timers`);
await pool.close();
await acceptor.close(0, 1001);
console.log(`${timers()} timers`);
