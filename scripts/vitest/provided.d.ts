import 'vitest';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Address of the echo server that runs beside the tests. */
    echoUrl: string;
  }
}
