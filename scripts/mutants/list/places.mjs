// Where faults are planted, and which tests must notice.

const core = 'packages/core/src';

/** Sources by what they are called here. */
export const files = {
  acceptor: `${core}/accept/acceptor.ts`,
  answerOnce: `${core}/accept/answer-once.ts`,
  answers: `${core}/accept/answers.ts`,
  buffer: `${core}/session/send-buffer.ts`,
  bulkReceiver: `${core}/messaging/bulk-receiver.ts`,
  bulkSender: `${core}/messaging/bulk-sender.ts`,
  calls: `${core}/messaging/exchanges.ts`,
  clientSession: `${core}/client/client-session.ts`,
  endpoint: `${core}/endpoint/endpoint.ts`,
  bulkEndpoint: `${core}/endpoint/bulk-endpoint.ts`,
  lostExchange: `${core}/messaging/lost-exchange.ts`,
  heat: `${core}/driver/heat.ts`,
  heartbeat: `${core}/endpoint/heartbeat.ts`,
  hostedAnswering: `${core}/accept/hosted-answering.ts`,
  hostedEndpoint: `${core}/accept/hosted-endpoint.ts`,
  hostedPeer: `${core}/accept/hosted-peer.ts`,
  idTable: `${core}/messaging/id-table.ts`,
  iterateStream: `${core}/peer/stream/iterate-stream.ts`,
  link: `${core}/driver/link.ts`,
  maskingSocket: `${core}/driver/masking-socket.ts`,
  openStream: `${core}/peer/stream/open-stream.ts`,
  outcome: `${core}/peer/call/read-outcome.ts`,
  outbox: `${core}/endpoint/outbox.ts`,
  peer: `${core}/peer/peer.ts`,
  pump: `${core}/driver/pump.ts`,
  registry: `${core}/accept/session-registry.ts`,
  sendItems: `${core}/peer/stream/send-items.ts`,
  session: `${core}/session/session.ts`,
  subscriptions: `${core}/messaging/subscriptions.ts`,
  topicHub: `${core}/accept/topic-hub.ts`,
  topicLane: `${core}/accept/topic-lane.ts`,
  topicOutlet: `${core}/accept/topic-outlet.ts`,
  topicRegistry: `${core}/accept/topic-registry.ts`,
};

/** Seeded scripts; in a run with a mutant it stops at the first seed that fails. */
export const simulation = ['packages/core/test/simulation/simulation.test.ts'];
/** The same for what travels in chunks. */
export const bulk = ['packages/core/test/simulation/bulk.test.ts'];
/** One directed script or more for every rule. */
export const rules = ['packages/core/test/simulation/rules.test.ts'];
/** Clients and servers that read streams over a network in memory. */
export const streams = ['', '-ending', '-resuming'].map((part) => `packages/core/test/client/streams${part}.test.ts`);
/** Topics of client and server over the test bed. */
export const clientTopics = ['', '-recovery'].map((part) => `packages/core/test/client/topics${part}.test.ts`);
/** The test beside a source. */
export const units = (/** @type {string[]} */ ...names) => names.map((name) => `${core}/${name}.test.ts`);
