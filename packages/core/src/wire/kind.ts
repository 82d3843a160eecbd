/** Reliable, ordered one-way data. */
export const message = 1;
/** Asks for exactly one result or error. */
export const request = 2;
/** The answer to a request. */
export const result = 3;
/** The refusal of a request. */
export const error = 4;
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
