/** Reliable, ordered one-way data. */
export const message = 1;
/** Asks for exactly one result or error. */
export const request = 2;
/** The answer to a request. */
export const result = 3;
/** The refusal of a request or stream. */
export const error = 4;
/** Asks for a stream of items, or announces an upload. */
export const open = 5;
/** One item of a stream; uses one credit. */
export const item = 6;
/** A stream is complete. */
export const end = 7;
/** Permission to send more. */
export const credit = 8;
/** The asker no longer wants the answer. */
export const cancel = 9;
/** First frame a client sends. */
export const hello = 32;
/** First frame a server sends. */
export const welcome = 33;
/** The server turns the client away. */
export const reject = 34;
/** Asks for a pong. */
export const ping = 35;
/** Answers a ping. */
export const pong = 36;
/** The server will close soon. */
export const goaway = 37;
/** Data that may be dropped and is never replayed. */
export const volatile = 41;
/** Asks for the messages of a topic. */
export const subscribe = 42;
/** Wants no more of them. */
export const unsubscribe = 43;
/** One message of a topic. */
export const publish = 44;
/** Where a subscription stands. */
export const topicState = 45;
/** A subscription is over: refused, revoked, or the topic ended. */
export const topicEnd = 46;
