// Faults in numbering, replaying and acknowledging: rules 1, 2, 6 and 7, and what packets are made of.
import { files, rules, simulation, units } from './places.mjs';

/** Repetitions are delivered. */
const noDuplicateCheck = { file: files.session, find: 'return seq === expected;', replace: 'return true;' };
/** The first unacknowledged frame is left out of every replay. */
const replayTooLate = {
  file: files.buffer,
  find: '    this.#cursor = 0;\n    return this.canResume(peerReceived) && this.acknowledge(peerReceived);\n',
  replace:
    '    const possible = this.canResume(peerReceived) && this.acknowledge(peerReceived);\n' +
    '    this.#cursor = Math.min(1, this.replayCount);\n    return possible;\n',
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
    file: files.buffer,
    find: '    this.#cursor = 0;\n    return this.canResume',
    replace: '    return this.canResume',
  },
  {
    name: 'replay-one-too-early + no-duplicate-check',
    rule: '1 exact positions, 6 sequence',
    why: 'the last message before every cut is delivered twice',
    tests: simulation,
    edits: [
      {
        file: files.buffer,
        find: 'this.acknowledge(peerReceived)',
        replace: 'this.acknowledge(peerReceived - 1)',
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
    find: 'return this.endpoint.canResume(recv) &&',
    replace: 'return recv !== 0 && this.endpoint.canResume(recv) &&',
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
    find: '    const socket = this.#socket;\n    this.#host = undefined;\n',
    replace: '    const socket = this.#socket;\n',
  },
  {
    name: 'no-gap-check + replay-one-too-late',
    rule: '6 sequence, 1 exact positions',
    why: 'a message is missing and nobody notices',
    tests: simulation,
    edits: [
      {
        file: files.session,
        find: 'if (seq > expected) throw',
        replace: 'if (seq > expected) {\n      this.received = seq;\n      return true;\n    }\n    if (seq < 0) throw',
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
    find: 'return ack <= this.lastSeq;',
    replace: 'return true;',
  },
  {
    name: 'ack-before-acceptance',
    rule: '7 acknowledgement',
    why: 'a frame that was refused counts as received and is never sent again',
    tests: rules,
    file: files.session,
    find: 'if (seq > expected) throw',
    replace: 'if (seq > expected) this.received = seq;\n    if (seq > expected) throw',
  },
  {
    name: 'ack-never-alone',
    rule: '7 acknowledgement',
    why: 'traffic in one direction fills the buffer of its sender',
    tests: rules,
    file: files.session,
    find: 'due ? now : now + limits.delay',
    replace: 'now + 1e12',
  },
  {
    name: 'ack-by-timer-only',
    rule: '7 acknowledgement',
    why: 'a hidden page, whose timers ring once a minute, stops its server',
    tests: units('session/session'),
    file: files.session,
    find: 'due ? now : now + limits.delay',
    replace: 'now + limits.delay',
  },
  {
    name: 'repetition-not-acknowledged',
    rule: '7 acknowledgement',
    why: 'a peer that missed an ack repeats itself for ever',
    tests: units('endpoint/outbox'),
    file: files.outbox,
    find: 'ackAt < Infinity ? received : 0',
    replace: 'ackAt < Infinity && now < ackAt ? received : 0',
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
        find: 'if (item.seq === 0) {',
        replace: 'if (this.#cursor === this.replayCount) {',
      },
      {
        file: files.buffer,
        find: 'return this.lastSeq - this.replayCount + 1;',
        replace: 'return this.#items[0]?.seq ?? this.lastSeq + 1;',
      },
    ],
  },
  {
    name: 'packets-over-the-limit',
    rule: '2 of the handshake: limits of the peer',
    why: 'a burst to a peer that takes small packets closes the link for good',
    tests: simulation,
    file: files.outbox,
    find: 'const most = Math.min(fullPacket, this.inline);',
    replace: 'const most = Infinity;',
  },
  {
    name: 'own-pings-count-as-life',
    rule: 'heartbeat, HB1',
    why: 'a link that is dead in both directions is never noticed',
    tests: units('endpoint/heartbeat', 'endpoint/rhythm'),
    file: files.heartbeat,
    find: '    this.#sentAt = now;\n    return',
    replace: '    this.#sentAt = now;\n    this.heard(now);\n    return',
  },
  {
    name: 'mask-slides',
    rule: '5 framing',
    why: 'large messages of a client in Node arrive as noise',
    tests: units('driver/masking-socket'),
    file: files.maskingSocket,
    find: 'at += words.length * 4;',
    replace: 'at += words.length * 4 + 1;',
  },
  {
    name: 'mask-is-used-again',
    rule: '5 framing',
    why: 'whoever guesses one mask can write what he likes through proxies',
    tests: units('driver/masking-socket'),
    file: files.maskingSocket,
    find: '    crypto.getRandomValues(block);\n',
    replace: '',
  },
  {
    name: 'upgrade-not-heard',
    rule: '5 framing',
    why: 'a client in Node never masks what it sends itself, and single calls are slower for a reason nobody sees',
    tests: units('driver/masking-socket'),
    file: files.maskingSocket,
    find: "if (headers && headers['sec-websocket-extensions'] === undefined) this[upgradedOn] = socket;",
    replace: '',
  },
  {
    name: 'source-is-changed',
    rule: '1 replay',
    why: 'bytes that are sent again after a resume are noise',
    tests: units('driver/masking-socket'),
    file: files.maskingSocket,
    find: "  if (typeof data !== 'string') frame.set(data, head);\n",
    replace: "  if (typeof data !== 'string') { frame.set(data, head); data.fill(0); }\n",
  },
];
