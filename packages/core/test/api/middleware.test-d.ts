import { createClient, refusal, type CallMiddleware, type OutgoingCallOf, type SystemError } from '@hawser/core';
import { expectTypeOf, it } from 'vitest';
import { fleet, type Fleet } from './contract.ts';

it('middleware around outgoing calls knows the contract, or none', () => {
  const log: CallMiddleware = async ({ name, input, next }) => {
    expectTypeOf(name).toEqualTypeOf<string>();
    expectTypeOf(input).toEqualTypeOf<unknown>();
    return next({ traceparent: '00-a-b-01' });
  };
  const known: CallMiddleware<OutgoingCallOf<Fleet['clientToServer']>> = (call) => {
    if (call.name === 'setThreshold') {
      expectTypeOf(call.input.max).toEqualTypeOf<number>();
      expectTypeOf(call.next()).resolves.toHaveProperty('appliedAt');
    }
    // @ts-expect-error a message is no call
    if (call.name === 'heartbeat') return Promise.resolve();
    return call.next({ timeout: 1_000 });
  };
  createClient({ contract: fleet, url: 'ws://x', middleware: [log, known, async ({ next }) => next()] });
  // @ts-expect-error nothing is returned
  createClient({ contract: fleet, url: 'ws://x', middleware: [({ next }) => void next()] });
  expectTypeOf(refusal('FORBIDDEN', 'x')).toEqualTypeOf<SystemError>();
});
