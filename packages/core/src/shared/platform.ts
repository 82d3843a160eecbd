/**
 * Whether this is the build for production browsers, whose sockets limit messages by themselves, show nothing of a refused
 * upgrade, and report every error by a close as well, and whose timers stop when the page is hidden; replaced in that build:
 * see scripts/build.
 */
export const browserOnly: boolean = false;

interface Node {
  readonly Buffer?: { byteLength(text: string): number };
}

/**
 * Where the platform can tell the size of a text in UTF-8 without writing it: the engine knows at once of most text that it
 * is ASCII.
 */
// oxlint-disable-next-line no-restricted-globals -- a pure function, several times faster than one of our own
export const textSizes: Node['Buffer'] = (globalThis as Node).Buffer;
