import { isCount, isDuration, isId, isMap, malformed } from './field.ts';
import { maxCaps, maxUrlBytes, minSizeLimit } from './limits.ts';
import { isName } from './name.ts';
import { utf8Length } from './utf8.ts';

const refusals: ReadonlySet<unknown> = new Set(['unknown', 'expired', 'overflow', 'principal', 'policy']);

type Fields = Readonly<Record<string, unknown>>;

/**
 * Checks the body of a hello, `protocol/README.md` section 2; unknown keys are ignored.
 *
 * @throws WireError 4400
 */
export function checkHello(body: unknown): void {
  const hello = fields(body, 'hello');
  need(isCount(hello['v']), 'hello: v');
  checkCaps(hello['caps'], 'hello: caps');
  checkLimits(hello['lim'], 'hello: lim');
  if (hello['contract'] !== undefined) need(isName(hello['contract']), 'hello: contract');
  if (hello['resume'] === undefined) return;
  const resume = fields(hello['resume'], 'hello: resume');
  need(isName(resume['sid']), 'resume: sid');
  need(isName(resume['tok']), 'resume: tok');
  need(isCount(resume['n']), 'resume: n');
  need(isCount(resume['recv']), 'resume: recv');
  need(isId(resume['first']), 'resume: first');
}

/**
 * Checks the body of a welcome, `protocol/README.md` section 2; unknown keys are ignored.
 *
 * A reason of a later version in `why` is replaced by `policy`, in place.
 *
 * @throws WireError 4400
 */
export function checkWelcome(body: unknown): void {
  const welcome = fields(body, 'welcome');
  need(isCount(welcome['v']), 'welcome: v');
  need(isName(welcome['sid']), 'welcome: sid');
  need(isName(welcome['tok']), 'welcome: tok');
  need(typeof welcome['resumed'] === 'boolean', 'welcome: resumed');
  need(isCount(welcome['recv']), 'welcome: recv');
  checkCaps(welcome['caps'], 'welcome: caps');
  checkLimits(welcome['lim'], 'welcome: lim');
  const heartbeat = fields(welcome['hb'], 'welcome: hb');
  need(isDuration(heartbeat['every']) && heartbeat['every'] > 0, 'welcome: hb.every');
  need(isDuration(heartbeat['grace']), 'welcome: hb.grace');
  need(isDuration(welcome['window']), 'welcome: window');
  need(isDuration(welcome['spread']), 'welcome: spread');
  const why = welcome['why'];
  if (why === undefined || refusals.has(why)) return;
  need(typeof why === 'string', 'welcome: why');
  (welcome as Record<string, unknown>)['why'] = 'policy';
}

/**
 * Checks what a reject carries besides its message, `protocol/README.md` section 2.
 *
 * @throws WireError 4400
 */
export function checkReject(elements: readonly unknown[]): void {
  need(isCloseCode(elements[1]), 'reject: code');
  const hint = elements[3];
  if (hint === undefined || hint === null) return;
  const { retryAfter, url } = fields(hint, 'reject: hint');
  if (retryAfter !== undefined) need(isDuration(retryAfter), 'reject: retryAfter');
  if (url !== undefined) need(isUrlText(url), 'reject: url');
}

/**
 * Checks the body of a goaway, `protocol/README.md` section 7; unknown keys are ignored.
 *
 * @throws WireError 4400
 */
export function checkGoaway(body: unknown): void {
  const goaway = fields(body, 'goaway');
  need(isCloseCode(goaway['code']), 'goaway: code');
  need(isDuration(goaway['within']), 'goaway: within');
  need(isDuration(goaway['after']), 'goaway: after');
  need(typeof goaway['resume'] === 'boolean', 'goaway: resume');
  if (goaway['url'] !== undefined) need(isUrlText(goaway['url']), 'goaway: url');
}

function checkCaps(caps: unknown, field: string): void {
  need(Array.isArray(caps) && caps.length <= maxCaps && caps.every(isName), field);
}

function checkLimits(value: unknown, field: string): void {
  const limits = fields(value, field);
  need(isSizeLimit(limits['frame']), `${field}.frame`);
  need(isSizeLimit(limits['msg']), `${field}.msg`);
  need(isId(limits['inflight']), `${field}.inflight`);
}

function isSizeLimit(value: unknown): boolean {
  return isCount(value) && value >= minSizeLimit;
}

/** The codes a WebSocket can carry. */
function isCloseCode(value: unknown): boolean {
  return isCount(value) && value >= 1_000 && value <= 4_999;
}

/** Where it may lead is decided by whoever would go there. */
function isUrlText(value: unknown): boolean {
  return typeof value === 'string' && value.length > 0 && utf8Length(value) <= maxUrlBytes;
}

function fields(value: unknown, what: string): Fields {
  if (!isMap(value)) throw malformed(`${what} is missing or wrong`);
  return value;
}

function need(condition: boolean, field: string): void {
  if (!condition) throw malformed(`${field} is missing or wrong`);
}
