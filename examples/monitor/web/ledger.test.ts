import { expect, test } from 'vitest';
import { Ledger } from './ledger.ts';

function receive(ledger: Ledger, from: number, to: number): void {
  for (let n = from; n <= to; n++) ledger.sample(n, n * 500);
}

test('counts what this page was sent from its first sample on', () => {
  const ledger = new Ledger();
  expect(ledger.snapshot().down).toMatchObject({ sent: 0, received: 0 });
  receive(ledger, 101, 110);
  expect(ledger.snapshot().down).toMatchObject({ sent: 10, received: 10, missing: 0, duplicates: 0 });
});

test('knows during an outage what the service sent meanwhile', () => {
  const ledger = new Ledger();
  receive(ledger, 1, 10);
  ledger.linkLost(5_000);
  ledger.serviceSent(16);
  expect(ledger.snapshot().down).toMatchObject({ sent: 16, received: 10, missing: 0 });
  ledger.linkBack(8_100, true);
  receive(ledger, 11, 17);
  expect(ledger.snapshot().down).toMatchObject({ sent: 17, received: 17, missing: 0 });
});

test('tells how long a link was away and how much it caught up on', () => {
  const ledger = new Ledger();
  receive(ledger, 1, 10);
  ledger.linkLost(5_100);
  ledger.linkBack(8_100, true);
  receive(ledger, 11, 20);
  const { events, resumes, sessionsLost } = ledger.snapshot();
  expect(events.map(({ kind, away, caughtUp }) => ({ kind, away, caughtUp }))).toEqual([
    { kind: 'resumed', away: 3_000, caughtUp: 6 },
    { kind: 'lost', away: 0, caughtUp: 0 },
  ]);
  expect(new Set(events.map(({ id }) => id)).size).toBe(2);
  expect({ resumes, sessionsLost }).toEqual({ resumes: 1, sessionsLost: 0 });
});

test('also counts what arrived before it heard that the link is back', () => {
  const ledger = new Ledger();
  ledger.linkLost(5_000);
  receive(ledger, 10, 12);
  ledger.linkBack(8_000, true);
  expect(ledger.snapshot().events[0]).toMatchObject({ kind: 'resumed', caughtUp: 3 });
});

test('shows a hole and a repeat', () => {
  const ledger = new Ledger();
  receive(ledger, 1, 4);
  receive(ledger, 4, 4);
  receive(ledger, 8, 9);
  expect(ledger.snapshot().down).toMatchObject({ sent: 9, received: 6, missing: 3, duplicates: 1 });
});

test('keeps the books of beats from the first one the service saw', () => {
  const ledger = new Ledger();
  expect([ledger.nextBeat(), ledger.nextBeat(), ledger.nextBeat()]).toEqual([1, 2, 3]);
  expect(ledger.snapshot().up).toMatchObject({ sent: 3, received: 0 });
  ledger.beatsCounted({ first: 2, last: 3, received: 2, missing: 0, duplicates: 0 });
  expect(ledger.snapshot().up).toEqual({ sent: 2, received: 2, missing: 0, duplicates: 0 });
});

test('begins anew when the session is lost, and counts that', () => {
  const ledger = new Ledger();
  receive(ledger, 50, 60);
  ledger.linkLost(40_000);
  ledger.sessionLost();
  ledger.linkBack(50_000, false);
  receive(ledger, 1, 3);
  const { down, resumes, sessionsLost, events } = ledger.snapshot();
  expect(down).toMatchObject({ sent: 3, received: 3, missing: 0, duplicates: 0 });
  expect({ resumes, sessionsLost }).toEqual({ resumes: 0, sessionsLost: 1 });
  expect(events[0]).toMatchObject({ kind: 'new-session' });
});

test('hears of one loss and one return only', () => {
  const ledger = new Ledger();
  ledger.linkBack(1, false);
  ledger.linkLost(2);
  ledger.linkLost(3);
  ledger.linkBack(4, true);
  ledger.linkBack(5, true);
  expect(ledger.snapshot().events.map(({ kind, away }) => [kind, away])).toEqual([
    ['resumed', 2],
    ['lost', 0],
  ]);
});
