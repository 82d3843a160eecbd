import type { Reading } from './reading.ts';

/** What a server can say to the client that a reading came from. */
export interface Caller {
  push(reading: Reading): void;
}

/** Where the items of a stream come from. Libraries that take only async ones get them wrapped. */
export type Items = Generator<Reading, void, void> | AsyncGenerator<Reading, void, void>;

/** The application behind every server: the same work, whatever carries it. */
export interface Application {
  /** A one-way reading came in. */
  received(reading: Reading, from: Caller): void;
  /** A call came in; what it returns is the answer. */
  answer(reading: Reading): Reading;
  /** A stream is asked for; what it yields are the items. */
  items(reading: Reading): Items;
}

/** How a server is run; libraries of which nothing else is asked take no notice. */
export interface ServeOptions {
  /** @defaultValue a free one */
  readonly port?: number;
  /** Time over which clients are to spread their return, milliseconds. @defaultValue 0 */
  readonly spread?: number;
  /** How often links are probed, milliseconds; when absent, as often as the library does by itself. Hawser and the floor heed it. */
  readonly heartbeatEvery?: number;
}

/** A running server. */
export interface Serving {
  readonly port: number;
  /** Tells every client; absent where the library has no such thing. */
  broadcast?(reading: Reading): void;
  /** Tells all who subscribed to the topic; absent where the library has no such thing. */
  publish?(topic: string, reading: Reading): void;
  close(): Promise<void>;
}

/** How a client connects; libraries of which nothing else is asked take no notice. */
export interface ConnectOptions {
  /** Address of this machine to dial from. @defaultValue 127.0.0.1 */
  readonly from?: string;
  /** After how long a link counts as lasting, milliseconds; when absent, as Hawser does by itself. */
  readonly stableAfter?: number;
  /** Told about a client that comes back by itself. */
  readonly watch?: {
    /** A try begins. */
    dialled(): void;
    /** It is connected, for the first time or again. */
    connected(): void;
    /** The session ended with the server that held it. */
    lost(): void;
  };
}

/** A connected client. */
export interface Connection {
  send(reading: Reading): void;
  call?(reading: Reading): Promise<Reading>;
  /** Reads a stream; resolves when it has ended. */
  read?(reading: Reading, taken: (item: Reading) => void): Promise<void>;
  /** Resolves when what is published to the topic will be pushed to this client. */
  subscribe?(topic: string): Promise<void>;
  close(): void;
}

/** One library, both ends. Servers listen on 127.0.0.1, on a free port. */
export interface Adapter {
  readonly serve: (app: Application, options?: ServeOptions) => Promise<Serving>;
  /** Resolves when the server can push to this client. */
  readonly connect: (port: number, pushed: (reading: Reading) => void, options?: ConnectOptions) => Promise<Connection>;
  /** How many payloads were validated in this process so far; absent where nothing counts them. */
  readonly validated?: () => number;
}
