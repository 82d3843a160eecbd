/** What the other side sent breaks the protocol; the connection closes with this code. Never leaves the SDK. */
export class WireError extends Error {
  /** See `protocol/README.md` section 7. */
  readonly closeCode: number;

  constructor(closeCode: number, reason: string) {
    super(reason);
    this.name = 'WireError';
    this.closeCode = closeCode;
  }
}
