import type { SimClient } from './sim-client.ts';
import type { Era, SessionRecord, StreamRecord } from './records.ts';
import { short, type World } from './world.ts';

/** Ways a call ends that mean that its request was never transmitted, or never queued. */
const neverLeft: ReadonlySet<string> = new Set(['TIMEOUT', 'QUEUE_FULL', 'RATE_LIMITED', 'UNAVAILABLE']);

/** Invariants 1, 2, 4 and 5 over the whole record, after the run. */
export function judge(world: World, clients: readonly SimClient[]): void {
  for (const client of clients) for (const era of client.eras) judgeEra(world, client.name, era);
  for (const record of world.sessions.values()) judgeSession(world, record);
  for (const record of world.streams.values()) judgeStream(world, record);
  for (const call of world.calls.values()) {
    const { k, by, runs, outcome, idempotent, excused } = call;
    if (outcome === undefined) world.violation(4, `call ${k} of the ${by} never settled`);
    else if (outcome.executed === 'no' && runs > 0) {
      world.violation(4, `call ${k} of the ${by} ended with ${outcome.code}, executed "no", and its handler ran`);
    } else if (outcome.answer !== undefined && runs !== 1 && !(idempotent && runs > 1))
      world.violation(4, `call ${k} was answered and ran ${runs} times`);
    else if (idempotent && !excused && /UNKNOWN_OUTCOME|SESSION_LOST/.test(outcome.code))
      world.violation(4, `idempotent call ${k} ended with ${outcome.code}`);
  }
}

/** Invariant 5, what can be judged only at the end. */
function judgeStream(world: World, { call, begun, ended, told }: StreamRecord): void {
  if (told !== 1) world.violation(5, `stream ${call.k} was told its end ${told} times`);
  if (begun > 1) world.violation(5, `the source of stream ${call.k} began ${begun} times`);
  if (begun !== ended) world.violation(9, `the source of stream ${call.k} began and did not come to its end`);
}

/** What a client sent and the server was given. */
function judgeEra(world: World, name: string, era: Era): void {
  const record = world.sessions.get(era.sid ?? '');
  const received = record?.received ?? [];
  const { loss } = era;
  const reported = loss === undefined ? [] : [...loss.unknown, ...loss.unsent];
  const accounted = new Set([...received, ...reported]);
  const session = `${name}, session ${short(era.sid)}`;

  let sent = era.items.filter((k) => accounted.has(k) || !(era.again.has(k) || mayHaveStayed(world, k)));
  if (era.loose) sent = sent.filter((k) => accounted.has(k));
  else if (loss !== undefined) {
    const vanished = new Set(sent.filter((k) => !accounted.has(k)));
    if (vanished.size !== era.drops) {
      const some = [...vanished].slice(0, 5).join();
      world.violation(2, `${session}: ${vanished.size} vanished (${some}), ${era.drops} were reported dropped`);
    }
    sent = sent.filter((k) => !vanished.has(k));
  } else if (era.drops > 0) {
    // What was dropped and what was still outstanding cannot be told apart.
    sent = sent.filter((k) => accounted.has(k));
  }
  const wrong = received.findIndex((k, i) => k !== sent[i]);
  if (wrong !== -1) {
    world.violation(
      1,
      `${session}: the server was given ${received[wrong]} at place ${wrong}, ${sent[wrong]} was sent there`,
    );
    return;
  }
  if (loss !== undefined) {
    const { acked, unknown, unsent, why } = loss;
    if (acked + reported.length !== sent.length || sent.slice(acked).some((k, i) => k !== reported[i])) {
      world.violation(
        2,
        `${session}, lost (${why}): ${sent.length} sent, but ${acked} acked + ${unknown.length} unknown + ${unsent.length} unsent`,
      );
    }
    if (received.length < acked) world.violation(2, `${session}: ${acked} acked, ${received.length} arrived`);
    if (received.length > acked + unknown.length) {
      world.violation(2, `${session}: ${received.length} arrived, at most ${acked + unknown.length} had left`);
    }
  }
  if (era.report !== undefined) {
    const { unacknowledged, unsent } = era.report;
    const missing = sent.length - received.length;
    if (missing > unacknowledged + unsent) {
      world.violation(2, `${session}: closed with ${missing} outstanding, reported ${unacknowledged} + ${unsent}`);
    }
  }
}

/** What the server sent and the client was given. */
function judgeSession(world: World, { sid, sent: all, delivered, end }: SessionRecord): void {
  const given = new Set(delivered);
  const sent = all.filter((k) => given.has(k) || !mayHaveStayed(world, k));
  const wrong = delivered.findIndex((k, i) => k !== sent[i]);
  if (wrong !== -1) {
    const text = `the client was given ${delivered[wrong]} at place ${wrong}, ${sent[wrong]} was sent there`;
    world.violation(1, `session ${short(sid)}: ${text}`);
    return;
  }
  if (end === undefined) return;
  const { acked, unknown, unsent } = end.outbound;
  // Whether what its reader gave up had left is not told: it may be among them.
  const loose = all.filter((k) => !given.has(k) && world.calls.get(k)?.outcome?.code === 'aborted').length;
  const told = acked + unknown + unsent;
  if (told < sent.length || told > sent.length + loose) {
    world.violation(
      2,
      `session ${short(sid)} (${end.why}): ${sent.length} sent, but ${acked} acked + ${unknown} unknown + ${unsent} unsent`,
    );
  }
  if (delivered.length < acked)
    world.violation(2, `session ${short(sid)}: ${acked} acked, ${delivered.length} arrived`);
  if (delivered.length > acked + unknown) {
    world.violation(2, `session ${short(sid)}: ${delivered.length} arrived, ${acked + unknown} had left`);
  }
}

/** Whether a call ended in a way that takes back its request, or may have. */
function mayHaveStayed(world: World, k: number): boolean {
  const outcome = world.calls.get(k)?.outcome;
  if (outcome === undefined) return false;
  return outcome.code === 'aborted' || (outcome.executed === 'no' && neverLeft.has(outcome.code));
}
