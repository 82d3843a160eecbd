import { systemError } from '@hawser/core/endpoint';
import { ManualClock } from '@hawser/core/testing';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ProblemLog } from './problem-log.ts';

const lines: string[] = [];
const details: unknown[] = [];
beforeEach(() => {
  lines.length = 0;
  details.length = 0;
  vi.spyOn(process, 'emitWarning').mockImplementation((text, detail) => {
    lines.push(String(text));
    details.push(detail);
  });
});
afterEach(() => {
  vi.restoreAllMocks();
});

const error = systemError('UNIMPLEMENTED', 'Nobody declared it.');

it('quotes names, which may come from outside', () => {
  new ProblemLog(new ManualClock()).write({ kind: 'unknown-name', name: 'x\n[fake] all is well', error });
  expect(lines).toEqual(['unknown-name "x\\n[fake] all is well": Nobody declared it.']);
});

it('writes no more than a few lines a minute, and says so', async () => {
  const clock = new ManualClock(1, 0);
  const log = new ProblemLog(clock);
  for (let n = 0; n < 1_000; n += 1) log.write({ kind: 'unknown-name', name: String(n), error });
  expect(lines).toHaveLength(20);
  expect(lines[18]).toBe('unknown-name "18": Nobody declared it.');
  expect(lines[19]).toContain('Further ones of this minute are not shown; listen with onProblem.');
  await clock.advance(60_000);
  log.write({ kind: 'unknown-name', name: 'later', error });
  expect(lines.at(-1)).toBe('unknown-name "later": Nobody declared it.');
});

it('shows the error underneath', () => {
  const cause = new Error('the disk is full');
  new ProblemLog(new ManualClock()).write({
    kind: 'handler-error',
    name: 'save',
    error: systemError('INTERNAL', 'It threw.', { cause }),
  });
  expect(lines).toEqual(['handler-error "save": It threw.']);
  expect(details).toEqual([{ type: 'HawserWarning', code: 'INTERNAL', detail: cause.stack }]);
});
