/**
 * Whether this is the build for production browsers, whose sockets limit messages by themselves, show nothing of a refused
 * upgrade, and report every error by a close as well, and whose timers stop when the page is hidden. What only saves time where
 * nothing can be packed is left out there as well, because bytes cost more. Replaced in that build: see scripts/build.
 */
export const browserOnly: boolean = false;

interface NodeBuffer extends Uint8Array<ArrayBuffer> {
  write(text: string, at: number, encoding?: 'latin1'): number;
  subarray(from: number): NodeBuffer;
}

interface Node {
  readonly Buffer?: { byteLength(text: string): number; allocUnsafe(size: number): NodeBuffer };
}

/**
 * Memory for texts, where the platform is Node: it knows at once of most text that it is ASCII, and so how long it is in
 * UTF-8 and how to write it.
 */
// oxlint-disable-next-line no-restricted-globals -- pure functions, several times faster than any of our own
export const nodeBuffer: Node['Buffer'] = (globalThis as Node).Buffer;
