import { describe, expect, test, vi } from 'vitest';
import type { HawserError } from '../shared/errors.ts';
import type { Frame } from './frame.ts';
import { encodeSendable, unsendable } from './sendable.ts';

const noBytes = (): boolean => false;

function refusal(frame: Frame, write: (elements: readonly unknown[]) => unknown = () => 0): HawserError {
  try {
    encodeSendable(frame, noBytes, write);
  } catch (error) {
    expect(error).toMatchObject({ code: 'INVALID_INPUT', origin: 'system', executed: 'no', retryable: false });
    return error as HawserError;
  }
  throw new Error('accepted');
}

describe('encodeSendable', () => {
  test('returns what was written', () => {
    expect(encodeSendable([1, 'x', { a: 1 }], noBytes, JSON.stringify)).toBe('[1,"x",{"a":1}]');
  });

  test('leaves out undefined elements at the end, only there, and not in the frame itself', () => {
    const frame = [1, 'x', undefined, undefined] as unknown as Frame;
    expect(encodeSendable(frame, noBytes, (elements) => elements)).toEqual([1, 'x']);
    expect(frame).toHaveLength(4);
    expect(encodeSendable([1, 'x', undefined, { dl: 5 }], noBytes, (elements) => elements.length)).toBe(4);
    expect(encodeSendable([35], noBytes, (elements) => elements)).toEqual([35]);
  });

  test('writes nothing of what must not be sent, and says where it is', () => {
    const write = vi.fn();
    expect(refusal([1, 'x', { a: [Number.NaN] }], write).message).toBe(
      'Nothing was sent: payload.a[0] is NaN; send a finite number or null.',
    );
    expect(write).not.toHaveBeenCalled();
  });

  test('keeps what the value or the writing threw as cause', () => {
    const cause = new Error('broken');
    const value = {
      get a(): never {
        throw cause;
      },
    };
    expect(refusal([1, 'x', value])).toMatchObject({
      cause,
      message: 'Nothing was sent: a getter or toJSON of the payload threw; see cause.',
    });
    expect(
      refusal([1, 'x'], () => {
        throw cause;
      }).cause,
    ).toBe(cause);
  });

  test('passes on the error of a codec, or of a toJSON that sends something itself', () => {
    const inner = unsendable('a reason');
    expect(
      refusal([1, 'x'], () => {
        throw inner;
      }),
    ).toBe(inner);
    expect(inner.message).toBe('Nothing was sent: a reason.');
  });
});
