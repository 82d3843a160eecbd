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

/** Resolves address and credential of one dial. @throws what the application's functions throw */
export async function prepareDial({ url, auth }: DialSource, info: DialInfo): Promise<DialTarget> {
  const resolve = (value: unknown): unknown => (typeof value === 'function' ? value(info) : value);
  const [address, credential] = await Promise.all([resolve(url), resolve(auth)]);
  // Browsers take http(s) here as well; ws and wss say what is meant. None takes a fragment.
  const target = String(address).replace(/^http/i, 'ws').replace(/#.*/, '');
  // The socket class says the same in words of its own.
  if (explain && !/^wss?:/i.test(target)) throw new TypeError(`use wss: or ws: instead of ${target.split(':')[0]}:`);
  return { url: target, auth: credential };
}
