/** What `sessionLost` said, with items as running numbers. */
export interface Loss {
  readonly sessionId: string;
  readonly why: string;
  readonly acked: number;
  readonly unknown: readonly number[];
  readonly unsent: readonly number[];
}

/** One session as the client saw it. */
export interface SessionRecord {
  readonly id: string;
  /** Numbers given to `send` and `call` in this session, in order; what an older session left unsent comes first. */
  readonly outbox: readonly number[];
  /** Numbers of the server, in order of arrival. */
  readonly inbox: readonly number[];
  /** How it ended; the last session has none. */
  readonly loss: Loss | undefined;
}

/** What a run left on record. */
export interface RunRecord {
  readonly sessions: readonly SessionRecord[];
  /** What arrived at the server, by session, in order; written down before it was acknowledged. */
  readonly delivered: ReadonlyMap<string, readonly number[]>;
  /** How many numbers the server sent in the last session. */
  readonly sentInLast: number;
  /** How often the server was killed. */
  readonly kills: number;
}

/** Everything that breaks the promise of exactly once, in order, or one honest loss; empty when it was kept. */
export function judge(run: RunRecord): string[] {
  const faults: string[] = [];
  const everDelivered = new Set<number>();
  run.sessions.forEach((session, index) => {
    const name = `session ${index + 1}`;
    const delivered = run.delivered.get(session.id) ?? [];
    const say = (what: string): void => void faults.push(`${name}: ${what}`);

    const strange = firstDifference(delivered, session.outbox);
    if (strange !== undefined) say(`arrived out of order, twice or not at all: ${strange}`);
    for (const n of delivered) {
      if (everDelivered.has(n)) say(`${n} was delivered before`);
      everDelivered.add(n);
    }
    const hole = session.inbox.findIndex((n, i) => n !== i + 1);
    if (hole >= 0) say(`from the server came ${session.inbox[hole]} where ${hole + 1} was due`);

    const last = index === run.sessions.length - 1;
    if (last) {
      if (session.loss !== undefined) say('was lost at the end');
      if (delivered.length !== session.outbox.length) say(`${delivered.length} of ${session.outbox.length} arrived`);
      if (session.inbox.length !== run.sentInLast) say(`${session.inbox.length} of ${run.sentInLast} came back`);
    } else if (session.loss === undefined) say('ended without a loss');
    else for (const fault of judgeLoss(session, session.loss, delivered)) say(fault);
  });
  for (const id of run.delivered.keys()) {
    if (!run.sessions.some((session) => session.id === id)) faults.push(`the server saw a session ${id} of nobody`);
  }
  const losses = run.sessions.filter((session) => session.loss !== undefined).length;
  if (losses !== run.kills) faults.push(`${losses} losses were told for ${run.kills} kills`);
  return faults;
}

function judgeLoss(session: SessionRecord, loss: Loss, delivered: readonly number[]): string[] {
  const faults: string[] = [];
  if (loss.sessionId !== session.id) faults.push('the loss names another session');
  if (loss.why !== 'unknown') faults.push(`the loss says "${loss.why}"`);
  const sorted = [...session.outbox.slice(0, loss.acked), ...loss.unknown, ...loss.unsent];
  const difference = firstDifference(sorted, session.outbox);
  if (difference !== undefined || sorted.length !== session.outbox.length) {
    faults.push(
      `${loss.acked} acked, ${loss.unknown.length} unknown, ${loss.unsent.length} unsent are not the ` +
        `${session.outbox.length} that were sent (${difference ?? 'some are missing'})`,
    );
  }
  if (delivered.length < loss.acked) faults.push(`${loss.acked} acked, but only ${delivered.length} were delivered`);
  const unsent = new Set(loss.unsent);
  const wrong = delivered.find((n) => unsent.has(n));
  if (wrong !== undefined) faults.push(`${wrong} was called unsent and had been delivered`);
  return faults;
}

/** Where a list stops being the beginning of another. */
function firstDifference(list: readonly number[], whole: readonly number[]): string | undefined {
  const at = list.findIndex((n, i) => n !== whole[i]);
  return at < 0 ? undefined : `at ${at}, ${list[at]} instead of ${whole[at]}`;
}
