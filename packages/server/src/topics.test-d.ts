import { defineContract, topic } from '@hawser/core';
import { createServer, type RefuseTopic, type Server, type TopicRequest } from '@hawser/server';
import { expectTypeOf, it } from 'vitest';
import * as z from 'zod';
import { fleet } from '../test/stage/fleet.ts';

const board = defineContract({
  id: 'board/1',
  topics: {
    telemetry: topic({ params: z.object({ fleetId: z.string() }), data: z.number() }),
    notices: topic({ data: z.string() }),
  },
});
type Board = typeof board;

it('the hook is a union over the topics of the contract', () => {
  const server = createServer({
    contract: board,
    authenticate: async ({ auth }) => ({ userId: String(auth) }),
    authorizeTopic: async (asked) => {
      expectTypeOf(asked.auth).toEqualTypeOf<{ userId: string }>();
      expectTypeOf(asked.peer.auth.userId).toEqualTypeOf<string>();
      expectTypeOf(asked.refuse).toEqualTypeOf<RefuseTopic>();
      switch (asked.topic) {
        case 'telemetry':
          expectTypeOf(asked.params).toEqualTypeOf<{ fleetId: string }>();
          break;
        case 'notices':
          expectTypeOf(asked.params).toEqualTypeOf<undefined>();
          break;
        default:
          asked satisfies never;
      }
      // @ts-expect-error not a reason a client understands
      asked.refuse('INTERNAL');
    },
    topics: { idleTopics: 10, retainedBytes: 4_096 },
  }).implement({});
  expectTypeOf(server).toEqualTypeOf<Server<Board, { userId: string }>>();
  expectTypeOf<TopicRequest<Board, undefined>['topic']>().toEqualTypeOf<'telemetry' | 'notices'>();
  server.publish('telemetry', { fleetId: 'f1' }, 1);
  // @ts-expect-error the data is of another type
  server.publish('telemetry', { fleetId: 'f1' }, '1');
  // @ts-expect-error no such topic
  createServer({ contract: board, authenticate: 'none', authorizeTopic: ({ topic: name }) => name === 'nope' });
});

it('a contract without topics has none to publish', () => {
  const server = createServer({ contract: fleet, authenticate: 'none' });
  expectTypeOf<Parameters<ReturnType<typeof server.implement>['publish']>[0]>().toEqualTypeOf<never>();
});
