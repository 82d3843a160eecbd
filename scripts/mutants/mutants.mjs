// Planted faults: each breaks one rule of the protocol, and the named tests must notice.
//
// {
//   name: 'ack-counts-duplicates',                    what `HAWSER_MUTANT` takes
//   rule: '6 sequence',                               the rule of protocol/README.md, section 3, that it breaks
//   why: 'the peer would drop frames it still needs',  what a user would see
//   tests: ['packages/core/src/session'],              file filters, as vitest takes them
//   file: 'packages/core/src/session/session.ts',      from the repository's root
//   find: 'if (seq <= this.#received) return;',        must occur exactly once
//   replace: 'if (seq < this.#received) return;',
// }
//
// A fault in several places has `edits: [{ file, find, replace }, ...]` in place of file, find and replace.
// `project` (default 'node') names the vitest project that runs the tests.
//
// Some rules cover for each other: without the fence the numbers still catch what comes twice, and the other way round. Such
// a rule is switched off together with the one that covers for it; a plus in the name says so.

const core = 'packages/core/src';
const files = {
  acceptor: `${core}/accept/acceptor.ts`,
  acks: `${core}/session/ack-policy.ts`,
  buffer: `${core}/session/send-buffer.ts`,
  calls: `${core}/endpoint/calls.ts`,
  clientSession: `${core}/client/client-session.ts`,
  endpoint: `${core}/endpoint/endpoint.ts`,
  heartbeat: `${core}/endpoint/heartbeat.ts`,
  hostedPeer: `${core}/accept/hosted-peer.ts`,
  incoming: `${core}/messaging/incoming-calls.ts`,
  link: `${core}/driver/link.ts`,
  outbox: `${core}/endpoint/outbox.ts`,
  peer: `${core}/peer/peer.ts`,
  registry: `${core}/accept/session-registry.ts`,
  sendPath: `${core}/endpoint/send-path.ts`,
  session: `${core}/session/session.ts`,
};

const simulation = ['packages/core/test/simulation/simulation.test.ts'];
const rules = ['packages/core/test/simulation/rules.test.ts'];
const units = (/** @type {string} */ name) => [`${core}/${name}.test.ts`];

/** Repetitions are delivered. */
const noDuplicateCheck = { file: files.session, find: "return 'duplicate';", replace: "return 'deliver';" };
/** The first unacknowledged frame is left out of every replay. */
const replayTooLate = {
  file: files.buffer,
  find: '  rewind(): void {\n    this.#cursor = 0;',
  replace: '  rewind(): void {\n    this.#cursor = Math.min(1, this.#replay.length);',
};

/** @type {ReadonlyArray<import('./plugin.mjs').Mutant>} */
export const mutants = [
  {
    name: 'replay-one-too-late',
    rule: '1 exact positions',
    why: 'the first message after every cut is missing',
    tests: simulation,
    ...replayTooLate,
  },
  {
    name: 'no-replay',
    rule: '1 exact positions',
    why: 'what was under way at a cut is missing',
    tests: simulation,
    file: files.session,
    find: '      this.outbound.rewind();\n',
    replace: '',
  },
  {
    name: 'replay-one-too-early + no-duplicate-check',
    rule: '1 exact positions, 6 sequence',
    why: 'the last message before every cut is delivered twice',
    tests: simulation,
    edits: [
      {
        file: files.session,
        find: '      this.acknowledge(peerReceived);\n',
        replace: '      this.acknowledge(peerReceived - 1);\n',
      },
      noDuplicateCheck,
    ],
  },
  {
    name: 'zero-is-no-position',
    rule: '1 exact positions',
    why: 'a client cut before its first message arrived loses the session',
    tests: simulation,
    file: files.hostedPeer,
    find: 'return this.#pump.endpoint.canResume(recv) &&',
    replace: 'return recv !== 0 && this.#pump.endpoint.canResume(recv) &&',
  },
  {
    name: 'no-fence + no-duplicate-check',
    rule: '2 detach before reading, 6 sequence',
    why: 'what an abandoned connection still brings is delivered a second time',
    tests: simulation,
    edits: [
      {
        file: files.acceptor,
        find: "      peer.fence(4409, 'a newer connection holds this session');\n",
        replace: '',
      },
      noDuplicateCheck,
    ],
  },
  {
    name: 'position-read-early + no-duplicate-check',
    rule: '2 detach before reading, 6 sequence',
    why: 'what arrives while the server authenticates the new connection is delivered a second time',
    tests: rules,
    edits: [
      {
        file: files.acceptor,
        find: '      hello = frame[1] as Hello;\n',
        replace:
          '      hello = frame[1] as Hello;\n' +
          "      Object.assign(hello, { early: this.#peers.get(hello.resume?.sid ?? '')?.received });\n",
      },
      {
        file: files.acceptor,
        find: 'recv: peer.received,',
        replace: 'recv: (hello as { early?: number }).early ?? peer.received,',
      },
      noDuplicateCheck,
    ],
  },
  {
    name: 'old-link-still-heard',
    rule: '2 detach before reading',
    why: 'the end of an abandoned socket ends the connection that replaced it',
    tests: simulation,
    file: files.link,
    find: '    drop(code, reason, done = () => undefined) {\n      live = false;\n',
    replace: '    drop(code, reason, done = () => undefined) {\n',
  },
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
    tests: simulation,
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
    name: 'no-gap-check + replay-one-too-late',
    rule: '6 sequence, 1 exact positions',
    why: 'a message is missing and nobody notices',
    tests: simulation,
    edits: [
      {
        file: files.session,
        find: "if (seq > expected) return 'gap';",
        replace: "if (seq > expected) {\n      this.received = seq;\n      return 'deliver';\n    }",
      },
      replayTooLate,
    ],
  },
  {
    name: 'ack-beyond-sent-tolerated',
    rule: '6 sequence',
    why: 'a peer with a broken count drops messages that it never got',
    tests: rules,
    file: files.buffer,
    find: 'if (ack > this.lastSeq) return -1;',
    replace: '',
  },
  {
    name: 'ack-before-acceptance',
    rule: '7 acknowledgement',
    why: 'a frame that was refused counts as received and is never sent again',
    tests: rules,
    file: files.session,
    find: "if (seq > expected) return 'gap';",
    replace: "if (seq > expected) {\n      this.received = seq;\n      return 'gap';\n    }",
  },
  {
    name: 'ack-never-alone',
    rule: '7 acknowledgement',
    why: 'traffic in one direction fills the buffer of its sender',
    tests: rules,
    file: files.acks,
    find: 'due ? now : now + limits.delay',
    replace: 'now + 1e12',
  },
  {
    name: 'ack-by-timer-only',
    rule: '7 acknowledgement',
    why: 'a hidden page, whose timers ring once a minute, stops its server',
    tests: units('session/ack-policy'),
    file: files.acks,
    find: 'due ? now : now + limits.delay',
    replace: 'now + limits.delay',
  },
  {
    name: 'repetition-not-acknowledged',
    rule: '7 acknowledgement',
    why: 'a peer that missed an ack repeats itself for ever',
    tests: units('endpoint/outbox'),
    file: files.outbox,
    find: 'ackOwed ? received : 0',
    replace: 'ackOwed && !ackDue ? received : 0',
  },
  {
    name: 'principal-not-compared',
    rule: '8 authentication on every resume',
    why: 'whoever finds a token goes on with the session of somebody else',
    tests: rules,
    file: files.registry,
    find: 'if (principal !== entry.session.principal) return',
    replace: "if (principal === '') return",
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
    file: files.sendPath,
    find: 'if (this.#buffer.overfull) {',
    replace: 'if (this.#buffer.queueCount < 0) {',
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
    name: 'taken-after-overflow',
    rule: '10 loss is one event',
    why: 'messages sent in the moment of an overflow vanish from every account',
    tests: units('endpoint/endpoint'),
    file: files.sendPath,
    find: "else if (kind !== 'reply') {",
    replace: 'else if (bytes < 0) {',
  },
  {
    name: 'loss-not-told',
    rule: '10 loss is one event',
    why: 'a session is replaced and the application believes that all arrived',
    tests: simulation,
    file: files.clientSession,
    find: 'if (sid !== undefined && why !== undefined) host.lost(',
    replace: "if (sid !== undefined && why === 'disconnected') host.lost(",
  },
  {
    name: 'loss-told-twice',
    rule: '10 loss is one event',
    why: 'an application that sends again what was lost does so twice',
    tests: simulation,
    file: files.clientSession,
    find: 'if (sid !== undefined && why !== undefined) host.lost(',
    replace:
      'if (sid !== undefined && why !== undefined) host.lost(describeLoss(sid, why, remains, codec, requeue));\n' +
      '    if (sid !== undefined && why !== undefined) host.lost(',
  },
  {
    name: 'unknown-not-told',
    rule: '10 loss is one event',
    why: 'what may not have arrived is not mentioned',
    tests: simulation,
    file: files.endpoint,
    find: 'unknown: outbound.unacknowledged().filter(reportable),',
    replace: 'unknown: [],',
  },
  {
    name: 'unsent-told-as-unknown',
    rule: '10 loss is one event',
    why: 'what could be sent again without danger is not',
    tests: rules,
    edits: [
      {
        file: files.endpoint,
        find: 'unknown: outbound.unacknowledged().filter(reportable),',
        replace: 'unknown: [...outbound.unacknowledged(), ...outbound.unsent()].filter(reportable),',
      },
      { file: files.endpoint, find: 'unsent: outbound.unsent().filter(reportable),', replace: 'unsent: [],' },
    ],
  },
  {
    name: 'unknown-sent-again',
    rule: '10 loss is one event',
    why: 'what had arrived before the loss is delivered again in the next session',
    tests: simulation,
    file: files.clientSession,
    find: 'next.adopt(old, remains.unsent);',
    replace: 'next.adopt(old, [...remains.unknown, ...remains.unsent]);',
  },
  {
    name: 'lost-call-told-as-not-run',
    rule: '10 loss is one event',
    why: 'a call that ran is repeated, because its error says that it did not',
    tests: simulation,
    file: files.clientSession,
    find: 'lostCall(name, left, after)',
    replace: 'lostCall(name, false, after)',
  },
  {
    name: 'late-call-told-as-not-run',
    rule: '10 loss is one event',
    why: 'a call that ran is repeated, because its timeout says that it did not',
    tests: simulation,
    file: files.calls,
    find: "executed: item.seq === 0 ? 'no' : 'maybe'",
    replace: "executed: 'no'",
  },
  {
    name: 'withdrawn-call-sent-again',
    rule: '10 loss is one event',
    why: 'a call runs in the next session after its caller was told that it did not',
    tests: units('endpoint/endpoint'),
    file: files.calls,
    find: 'if (this.#buffer.withdraw(item) || this.#path.over) return;',
    replace: 'if (this.#path.over || this.#buffer.withdraw(item)) return;',
  },
  {
    name: 'disconnect-in-loss-ignored',
    rule: '10 loss is one event',
    why: 'a client that disconnects when it hears of a loss is stuck between two states',
    tests: rules,
    file: files.clientSession,
    find: 'if (!link.live) return;',
    replace: '',
  },
  {
    name: 'calls-fail-at-a-cut',
    rule: '11 calls survive a resume',
    why: 'every cut fails every call that is waiting',
    tests: rules,
    file: files.clientSession,
    find: '      pump.bind(undefined);\n',
    replace: "      pump.bind(undefined);\n      pump.endpoint.failCalls((name) => lostCall(name, true, 'lost'));\n",
  },
  {
    name: 'request-ids-used-again',
    rule: '11 calls survive a resume',
    why: 'after a lost session a new call has the id of one that waits to be sent',
    tests: simulation,
    file: files.clientSession,
    find: 'firstId: old.nextId',
    replace: 'firstId: 1',
  },
  {
    name: 'request-ids-not-remembered',
    rule: '11 calls survive a resume',
    why: 'a request that comes again runs again',
    tests: units('messaging/incoming-calls'),
    file: files.incoming,
    find: 'if (this.known(id) || id % 2',
    replace: 'if (id % 2',
  },
  {
    name: 'answer-to-another-session',
    rule: '11 calls survive a resume',
    why: 'the answer to a call of a lost session is given to a call of the next one',
    tests: rules,
    file: files.peer,
    find: '        endpoint.respond(frame);\n',
    replace: '        (endpoint.attached ? endpoint : this.#port.endpoint).respond(frame);\n',
  },
  {
    name: 'no-poison-guard',
    rule: '12 poison guard',
    why: 'one message that is too big for something on the way closes the link for ever',
    tests: rules,
    file: files.session,
    find: 'return poisoned && replayCount > 0;',
    replace: 'return false;',
  },
  {
    name: 'poison-at-first-sight',
    rule: '12 poison guard',
    why: 'one close as too big, whatever its reason, costs the session',
    tests: units('session/session'),
    file: files.session,
    find: 'const poisoned = this.#suspect === firstSeq;',
    replace: 'const poisoned = true;',
  },
  {
    name: 'numbered-when-queued',
    rule: 'numbers are given on first transmission',
    why: 'a message that is dropped or withdrawn before it left makes a gap that never closes',
    tests: simulation,
    edits: [
      {
        file: files.buffer,
        find: '      this.lastSeq += 1;\n      item.seq = this.lastSeq;\n',
        replace: '',
      },
      {
        file: files.buffer,
        find: '  push(item: SendItem): void {\n',
        replace: '  push(item: SendItem): void {\n    this.lastSeq += 1;\n    item.seq = this.lastSeq;\n',
      },
      {
        file: files.buffer,
        find: 'if (item.seq !== 0 || item.encoded === undefined) return false;',
        replace: 'if (item.encoded === undefined || this.#replay.at(0) === item) return false;',
      },
      {
        file: files.buffer,
        find: 'return this.lastSeq - this.#replay.length + 1;',
        replace: 'return (this.#replay.at(0) ?? this.#queue.at(0))?.seq ?? this.lastSeq + 1;',
      },
    ],
  },
  {
    name: 'expires-while-connected',
    rule: '5 only expiry, an end or overflow ends a session',
    why: 'a client that came back in time loses its session a while later',
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
  {
    name: 'packets-over-the-limit',
    rule: '2 of the handshake: limits of the peer',
    why: 'a burst to a peer that takes small packets closes the link for good',
    tests: simulation,
    file: files.outbox,
    find: 'const room = this.largest - packetOverhead;',
    replace: 'const room = Infinity;',
  },
  {
    name: 'own-pings-count-as-life',
    rule: 'heartbeat, HB1',
    why: 'a link that is dead in both directions is never noticed',
    tests: simulation,
    file: files.heartbeat,
    find: '    this.#sentAt = now;\n    return',
    replace: '    this.#sentAt = now;\n    this.heard(now);\n    return',
  },
];
