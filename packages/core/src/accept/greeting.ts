import type { Link } from '../driver/link.ts';
import type { Codec } from '../wire/codec.ts';

/** A connection between its opening and its welcome. */
export interface Greeting<Info> {
  readonly link: Link;
  readonly codec: Codec;
  readonly request: Info;
  readonly timer: unknown;
  phase: 'waiting' | 'authenticating' | 'over';
}
