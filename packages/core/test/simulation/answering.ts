import { HawserError } from '../../src/shared/errors.ts';
import type { Outcome } from '../../src/peer/call/read-outcome.ts';
import type { Answer, Payload } from './payload.ts';
import type { CallRecord } from './records.ts';
import type { World } from './world.ts';

/** What the handler of a call does, at either end: answers now or later, or refuses. */
export function answer(world: World, { k }: Payload): Answer | Promise<Answer> {
  const refuse = (): never => {
    throw new HawserError('domain', 'NO', 'Not today.', { data: { k } });
  };
  switch (world.random.weighted({ now: 5, later: 4, refuse: 1, refuseLater: 1 })) {
    case 'now':
      return { k };
    case 'refuse':
      return refuse();
    case 'later':
      return new Promise((resolve) => void world.clock.setTimer(() => resolve({ k }), world.random.int(0, 3_000)));
    case 'refuseLater':
      return new Promise<void>((resolve) => {
        world.clock.setTimer(resolve, world.random.int(0, 3_000));
      }).then(refuse);
    default:
      throw new Error('no such answer');
  }
}

/** Records the outcome of a call at its caller. */
export async function follow(world: World, record: CallRecord, asked: Promise<unknown>): Promise<void> {
  let outcome: Outcome;
  try {
    outcome = (await asked) as Outcome;
  } catch {
    // Only an aborted signal rejects.
    world.settleCall(record, { code: 'aborted', executed: 'maybe' });
    return;
  }
  if (outcome.ok) world.settleCall(record, { code: 'ok', executed: 'yes', answer: (outcome.data as Answer).k });
  else {
    const { code, executed, data } = outcome.error;
    const answered = code === 'NO' ? (data as Answer).k : undefined;
    world.settleCall(record, { code, executed, answer: answered });
  }
}
