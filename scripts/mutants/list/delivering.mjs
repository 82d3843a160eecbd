// Faults in numbering, replaying and acknowledging: rules 1, 2, 6 and 7, and what packets are made of.
import { files, rules, simulation, units } from './places.mjs';

/** Repetitions are delivered. */
const noDuplicateCheck = { file: files.session, find: "return 'duplicate';", replace: "return 'deliver';" };
/** The first unacknowledged frame is left out of every replay. */
const replayTooLate = {
  file: files.buffer,
  find: '  rewind(): void {\n    this.#cursor = 0;',
  replace: '  rewind(): void {\n    this.#cursor = Math.min(1, this.#replay.length);',
};

/** @type {ReadonlyArray<import('../plugin.mjs').Mutant>} */
export const delivering = [
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
    tests: rules,
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
        find: '    if (hello.contract !== undefined &&',
        replace:
          "    Object.assign(hello, { early: this.#peers.get(hello.resume?.sid ?? '')?.received });\n" +
          '    if (hello.contract !== undefined &&',
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
