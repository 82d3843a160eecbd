import { HawserError, systemError, type SystemError } from '../shared/errors.ts';
import { explain } from '../shared/explain.ts';

/** Why credentials and address are asked for. */
export interface DialInfo {
  /** 1 for the first try of a row. */
  readonly attempt: number;
  /** The last credential was refused: bring a new one. */
  readonly refresh: boolean;
}

/** A value, or how to get it; asked again on every dial. */
export type Resolvable<T> = T | ((info: DialInfo) => T | Promise<T>);

/** Where to dial, and as whom. */
export interface DialSource {
  readonly url: Resolvable<string | URL>;
  readonly auth: Resolvable<unknown>;
}

/** What a dial needs. */
export interface DialTarget {
  readonly url: string;
  readonly auth: unknown;
}

/** Resolves address and credential of one dial; `done` is called once, at once when both are at hand. */
export function prepareDial(
  { url, auth }: DialSource,
  info: DialInfo,
  done: (outcome: DialTarget | { readonly error: SystemError }) => void,
): void {
  const resolve = (value: unknown): unknown => (typeof value === 'function' ? value(info) : value);
  const finish = (address: unknown, credential: unknown): void => done({ url: toUrl(address), auth: credential });
  const failed = (cause: unknown): void => done({ error: asSystemError(cause) });
  try {
    const parts = [resolve(url), resolve(auth)] as const;
    if (parts.some(isPromise)) {
      Promise.all(parts)
        .then(([address, credential]) => finish(address, credential))
        .catch(failed);
    } else finish(...parts);
  } catch (error) {
    failed(error);
  }
}

function isPromise(value: unknown): boolean {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}

/** Browsers take http(s) here as well; ws and wss say what is meant. */
function toUrl(address: unknown): string {
  const url = new URL(String(address).replace(/^http/i, 'ws'));
  if (!/^wss?:$/.test(url.protocol)) throw new TypeError(`use wss: or ws: instead of ${url.protocol}`);
  url.hash = '';
  return url.href;
}

function asSystemError(cause: unknown): SystemError {
  if (cause instanceof HawserError && cause.origin === 'system') return cause as SystemError;
  const why = cause instanceof Error ? cause.message : 'it threw something that is not an error';
  return systemError(
    'UNAVAILABLE',
    explain && `\`url\` or \`auth\` failed: ${why}. It is asked again on the next try.`,
    { cause },
  );
}
