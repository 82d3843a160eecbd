import { expect, it } from 'vitest';
import * as z from 'zod';
import { defineContract, message } from '../peer/contract.ts';
import { largeMessages } from '../peer/large-messages.ts';
import { topic } from '../peer/topic/define-topic.ts';
import { acceptedSocket } from '../../test/accept/accepted-socket.ts';

const contract = defineContract({
  id: 'accept/1',
  serverToClient: { note: message(z.string()) },
  topics: { news: topic({ data: z.string() }) },
  largeMessages,
});

it.each(['chunks', 'topics'])(
  '%s that wait for room go on as soon as the socket says that it has some',
  async (what) => {
    const { acceptor, clock, socket, written } = await acceptedSocket(contract);
    socket.onmessage?.({ data: '[0,0,[42,1,"news"]]' });
    await clock.settle();
    expect(written()).toBe(1);
    socket.bufferedAmount = 1_000_000;
    if (what === 'chunks') acceptor.broadcast('note', 'y'.repeat(300_000));
    else acceptor.topics.publish('news', undefined, 'n');
    await clock.settle();
    expect(written()).toBe(0);
    socket.bufferedAmount = 0;
    socket.ondrain?.();
    await clock.settle();
    expect(written()).toBeGreaterThan(0);
    await acceptor.close(0, 1001);
  },
);
