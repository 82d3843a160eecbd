// Faults in who may go on with a session, and for how long: rules 3, 4, 5, 8 and 9.
import { files, rules, simulation, units } from './places.mjs';

/** @type {ReadonlyArray<import('../plugin.mjs').Mutant>} */
export const resuming = [
  {
    name: 'no-attempt-number',
    rule: '3 attempt number',
    why: 'a hello that was delayed takes the session from the connection that is in use',
    tests: simulation,
    file: files.registry,
    find: 'if (request.n <= entry.n) return',
    replace: 'if (request.n < 0) return',
  },
  {
    name: 'only-newest-token',
    rule: '4 tokens',
    why: 'a welcome that is lost on its way costs the session',
    tests: simulation,
    file: files.registry,
    find: 'if (!isIssued && !isPresented) return',
    replace: 'if (!isIssued) return',
  },
  {
    name: 'only-one-previous-token',
    rule: '4 tokens',
    why: 'two welcomes lost in a row cost the session',
    tests: rules,
    file: files.registry,
    find: 'entry.presented = hash;',
    replace: 'entry.presented = entry.issued;',
  },
  {
    name: 'any-token',
    rule: '4 tokens',
    why: 'a token that was seen by others once opens the session for ever',
    tests: units('accept/session-registry'),
    file: files.registry,
    find: 'entry.presented !== undefined && sameText(hash, entry.presented)',
    replace: 'entry.presented !== undefined',
  },
  {
    name: 'refusal-ends-session',
    rule: '5 a refused resume does no harm',
    why: 'anybody who knows or guesses a session id can end the session',
    tests: rules,
    file: files.registry,
    find: "if (!isIssued && !isPresented) return { kind: 'refused', why: 'unknown' };",
    replace:
      "if (!isIssued && !isPresented) {\n      this.remove(request.sid, 'unknown');\n" +
      "      return { kind: 'refused', why: 'unknown' };\n    }",
  },
  {
    name: 'principal-not-compared',
    rule: '8 authentication on every resume',
    why: 'whoever finds a token goes on with the session of somebody else',
    tests: rules,
    file: files.registry,
    find: 'if (principal !== entry.session.principal) return',
    replace: 'if (principal === undefined) return',
  },
  {
    name: 'resume-not-authenticated',
    rule: '8 authentication on every resume',
    why: 'a user who was banned stays as long as the session lives',
    tests: rules,
    file: files.acceptor,
    find: '    identify(\n      this.#options,\n',
    replace:
      "    const known = this.#peers.get(hello.resume?.sid ?? '');\n" +
      '    const trust: typeof identify = (_options, _request, accepted) =>\n' +
      '      accepted({ auth: known?.auth as never, principal: known?.principal as string });\n' +
      '    (known === undefined ? identify : trust)(\n      this.#options,\n',
  },
  {
    name: 'overflow-not-decided',
    rule: '9 overflow is decided early',
    why: 'clients that are away fill the memory of the server',
    tests: simulation,
    file: files.outbox,
    find: 'if (lane.overfull || this.session.overfull) {',
    replace: 'if (lane.queueCount < 0) {',
  },
  {
    name: 'detached-bytes-unbounded',
    rule: '9 overflow is decided early',
    why: 'many clients that are away fill the memory of the server together',
    tests: simulation,
    file: files.registry,
    find: 'if (this.#detachedBytes <= this.#limits.detachedBytes) break;',
    replace: 'break;',
  },
  {
    name: 'expires-while-connected',
    rule: '5 only expiry, an end or overflow ends a session',
    why: 'a client that came back in time loses its session a while later',
    tests: simulation,
    file: files.registry,
    find: "    entry.expiresAt = Number.POSITIVE_INFINITY;\n    this.#uncount(entry);\n    return { kind: 'resumed'",
    replace: "    return { kind: 'resumed'",
  },
  {
    name: 'never-expires',
    rule: '5 only expiry, an end or overflow ends a session',
    why: 'one client that came back keeps all sessions behind it for ever',
    tests: simulation,
    file: files.registry,
    find: "    this.#uncount(entry);\n    return { kind: 'resumed'",
    replace: "    return { kind: 'resumed'",
  },
  {
    name: 'window-cut-short',
    rule: '5 only expiry, an end or overflow ends a session',
    why: 'a client that comes back in time finds its session gone',
    tests: simulation,
    file: files.registry,
    find: 'now + this.#limits.window',
    replace: 'now + this.#limits.window / 2',
  },
];
