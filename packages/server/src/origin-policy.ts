/**
 * Which pages may connect, by the `Origin` header browsers set and pages cannot change.
 *
 * `'same-host'`: pages that were served under the name in the request's `Host` header. A list: exactly these origins,
 * each scheme, host and port, such as `https://app.example.com`. `'any'`: every page on the web, even sandboxed ones.
 */
export type AllowedOrigins = 'same-host' | 'any' | readonly string[];

/** Decides over one request; both are raw header values. */
export type OriginPolicy = (origin: string | undefined, host: string | undefined) => boolean;

/**
 * Turns the option into a decision.
 *
 * A missing `Origin` passes: only browsers can be tricked into using somebody's cookies, and browsers always send one.
 * `null` never passes but under `'any'`: every sandboxed frame and local file has it.
 *
 * @throws TypeError naming an entry that is no origin
 */
export function originPolicy(allowed: AllowedOrigins): OriginPolicy {
  if (allowed === 'any') return () => true;
  if (allowed === 'same-host') return (origin, host) => origin === undefined || isSameHost(origin, host);
  if (!Array.isArray(allowed)) {
    throw new TypeError(`\`allowedOrigins\` is ${String(allowed)}; it takes a list of origins, 'same-host' or 'any'.`);
  }
  const origins = new Set(allowed.map(canonicalOrigin));
  return (origin) => origin === undefined || origins.has(origin);
}

/** A host and perhaps a port, and nothing a URL could read as something else. */
const bareHost = /^(\[[\da-f:.]+\]|[^\s/?#@\\:[\]]+)(:\d+)?$/i;

/** Browsers send origins in one spelling (lower case, punycode, no default port), so anything else is not from a page. */
function isSameHost(origin: string, host: string | undefined): boolean {
  if (host === undefined || !bareHost.test(host)) return false;
  const page = parse(origin);
  if (page === undefined) return false;
  // Read with the page's scheme, so that `example.com:443` and `https://example.com` meet.
  return parse(`${page.protocol}//${host}`)?.origin === origin;
}

const foreignScheme = /^[a-z][a-z0-9+.-]*:\/\/[^/?#\s@*]+$/;

/** The spelling a browser would send for an origin as people write it. */
function canonicalOrigin(entry: unknown): string {
  const text = typeof entry === 'string' ? entry.trim() : '';
  const url = text.includes('*') ? undefined : parse(text);
  if (url !== undefined && url.origin !== 'null') {
    if (url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '' && url.password === '') {
      return url.origin;
    }
  } else if (foreignScheme.test(text.toLowerCase())) {
    // Extensions and app shells, such as capacitor://localhost; URL has no origin for them.
    return text.toLowerCase();
  }
  const hint = text.includes('*') ? " There are no wildcards; for every origin say 'any'." : '';
  throw new TypeError(
    `\`allowedOrigins\` contains ${JSON.stringify(entry)}; it takes origins such as "https://app.example.com" ` +
      `(scheme, host, port if not the usual one, no path).${hint}`,
  );
}

function parse(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
