import { describe, expect, it } from 'vitest';
import { Subscriptions } from '../messaging/subscriptions.ts';
import { end, heartbeat } from './endpoint-samples.ts';
import { Endpoint } from './endpoint.ts';
import { Heartbeat } from './heartbeat.ts';

describe('an end of messages alone', () => {
  const alone = (): Endpoint => {
    const { options } = end(2);
    const made = new Endpoint(options);
    made.attach({ peerReceived: 0, peerAccepts: options.accepts, heartbeat: new Heartbeat(heartbeat, 0) }, 0);
    return made;
  };

  it.each(['[2,1,"ask"]', '[5,1,"feed",null,8]', '[5,1,"file",null,0]'])('refuses %s, and goes on', (frame) => {
    const b = alone();
    b.receive(`[1,0,${frame},[1,"m",7]]`, 0);
    expect(b.outputs.splice(0)).toEqual([[1, 'm', 7]]);
    expect(b.nextPacket(0)).toMatch(/^\[1,2,\[35,1\],\[4,1,"UNIMPLEMENTED"/);
  });

  it('goes on when what it refuses was given up before the refusal was there', () => {
    const b = alone();
    b.topics = new Subscriptions(b);
    b.receive('[1,0,[2,1,"ask"],[9,1],[1,"m",7]]', 0);
    expect(b.outputs.splice(0)).toEqual([[1, 'm', 7]]);
  });

  it.each([
    ['[1,0,[2,0,"ask"]]', 'no id'],
    ['[1,0,[9,0]]', 'a cancel without id'],
    ['[1,0,[3,1,5]]', 'an answer'],
    ['[1,0,[8,1,5]]', 'credit'],
    ['[0,0,[42,1,"topic"]]', 'a subscribe'],
    ['[0,0,[44,1,1,"x"]]', 'a publish'],
  ])('closes at %s: %s', (packet) => {
    const b = alone();
    b.receive(packet, 0);
    expect(b.outputs).toMatchObject([{ type: 'fault', code: 4400 }]);
  });

  it('skips what later versions let it skip', () => {
    const b = alone();
    b.receive('[1,0,[64,1],[1,"m",7]]', 0);
    expect(b.outputs).toEqual([[1, 'm', 7]]);
  });
});
