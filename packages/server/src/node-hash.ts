import { createHash } from 'node:crypto';

/** SHA-256 in hexadecimal: a dump of the server's memory shows no usable resume token. `protocol/README.md` section 3, rule 4. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
