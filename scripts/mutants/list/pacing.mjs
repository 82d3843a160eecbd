// Faults in how long one-way data waits for more of its kind: section 5.
import { files, units } from './places.mjs';

/** @type {ReadonlyArray<import('../plugin.mjs').Mutant>} */
export const pacing = [
  {
    name: 'call-waits',
    rule: '5 batching',
    why: 'on a busy link a call takes milliseconds longer',
    tests: units('driver/pump'),
    file: files.outbox,
    find: "this.urgency += kind === 'message' ? item.bytes : Infinity;",
    replace: 'this.urgency += item.bytes;',
  },
  {
    name: 'due-ack-waits',
    rule: '5 batching, 7 acknowledgement',
    why: 'a timer rings for the ack again and again, and the process does nothing else',
    tests: units('driver/pump'),
    file: files.pump,
    find: 'deadline > now &&',
    replace: '',
  },
  {
    name: 'page-waits',
    rule: '5 batching',
    why: 'the end of a burst leaves a hidden page, whose timers ring once a second, that much later',
    tests: units('driver/pump'),
    file: files.pump,
    find: '!(globalThis as Page).document;',
    replace: 'true;',
  },
  {
    name: 'first-after-pause-waits',
    rule: '5 batching',
    why: 'a message now and then is late for nothing',
    tests: units('driver/heat'),
    file: files.heat,
    find: '&& now < this.#end + hold ? 1 : cold',
    replace: '? 0 : cold',
  },
  {
    name: 'conversation-waits',
    rule: '5 batching',
    why: 'two ends that answer each other in messages are forty times slower',
    tests: units('driver/heat'),
    file: files.heat,
    find: 'const alone = this.#left === -1;',
    replace: 'const alone = this.#left === -Infinity;',
  },
  {
    name: 'publish-overtakes-message',
    rule: '5 batching',
    why: 'a client hears of a topic what was published after a message before the message',
    tests: ['packages/core/test/client/hot-link.test.ts'],
    file: files.topicOutlet,
    find: '&& urgency === 0 &&',
    replace: '&&',
  },
];
