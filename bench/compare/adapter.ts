import type { Reading } from './reading.ts';

/** What a server can say to the client that a reading came from. */
export interface Caller {
  push(reading: Reading): void;
}

/** The application behind every server: the same work, whatever carries it. */
export interface Application {
  /** A one-way reading came in. */
  received(reading: Reading, from: Caller): void;
  /** A call came in; what it returns is the answer. */
  answer(reading: Reading): Reading;
}

/** A running server. */
export interface Serving {
  readonly port: number;
  /** Tells every client; absent where the library has no such thing. */
  broadcast?(reading: Reading): void;
  close(): Promise<void>;
}

/** A connected client. */
export interface Connection {
  send(reading: Reading): void;
  call?(reading: Reading): Promise<Reading>;
  close(): void;
}

/** One library, both ends. Servers listen on 127.0.0.1, on a free port. */
export interface Adapter {
  readonly serve: (app: Application) => Promise<Serving>;
  /** Resolves when the server can push to this client. */
  readonly connect: (port: number, pushed: (reading: Reading) => void) => Promise<Connection>;
  /** How many payloads were validated in this process so far; absent where nothing counts them. */
  readonly validated?: () => number;
}
