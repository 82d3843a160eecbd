import { HawserError, systemError, type SystemError } from '../shared/errors.ts';

/** Why credentials and address are asked for. */
export interface DialInfo {
  /** 1 for the first try of a row. */
  readonly attempt: number;
  /** The last credential was refused: bring a new one. */
  readonly refresh: boolean;
}

/** A value, or how to get it; asked again on every dial. */
export type Resolvable<T> = T | ((info: DialInfo) => T | Promise<T>);

/** What a dial needs. */
export interface DialTarget {
  readonly url: string;
  readonly auth: unknown;
}

/**
 * Resolves address and credential of one dial; synchronous when both are.
 *
 * Exactly one of `done` and `failed` is called, at once or later.
 */
export function prepareDial(
  url: Resolvable<string | URL>,
  auth: Resolvable<unknown>,
  info: DialInfo,
  done: (target: DialTarget) => void,
  failed: (error: SystemError) => void,
): void {
  let parts: readonly [unknown, unknown];
  try {
    parts = [resolve(url, info), resolve(auth, info)];
  } catch (error) {
    failed(asUnavailable(error));
    return;
  }
  const finish = (address: unknown, credential: unknown): void => {
    const checked = checkUrl(address);
    if (typeof checked === 'string') done({ url: checked, auth: credential });
    else failed(checked);
  };
  if (isPromise(parts[0]) || isPromise(parts[1])) {
    Promise.all(parts).then(
      ([address, credential]) => finish(address, credential),
      (error: unknown) => failed(asUnavailable(error)),
    );
  } else finish(parts[0], parts[1]);
}

function resolve(value: unknown, info: DialInfo): unknown {
  return typeof value === 'function' ? (value as (info: DialInfo) => unknown)(info) : value;
}

function isPromise(value: unknown): boolean {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}

function checkUrl(address: unknown): string | SystemError {
  let parsed: URL;
  try {
    parsed = new URL(String(address));
  } catch {
    return systemError('UNAVAILABLE', '`url` is not an absolute URL; give one such as wss://host/path.', { retryable: false });
  }
  // Browsers accept http(s) here as well; ws and wss say what is meant.
  if (parsed.protocol === 'http:') parsed.protocol = 'ws:';
  if (parsed.protocol === 'https:') parsed.protocol = 'wss:';
  if (parsed.protocol !== 'ws:' && parsed.protocol !== 'wss:') {
    return systemError('UNAVAILABLE', `\`url\` has the scheme ${parsed.protocol}; use wss: or ws:.`, { retryable: false });
  }
  parsed.hash = '';
  return parsed.href;
}

function asUnavailable(cause: unknown): SystemError {
  if (cause instanceof HawserError && cause.origin === 'system') return cause as SystemError;
  const text = cause instanceof Error ? cause.message : 'it threw something that is not an error';
  return systemError('UNAVAILABLE', `\`url\` or \`auth\` failed: ${text}. It is asked again on the next try.`, { cause });
}
