import { HawserError, type UploadOptions } from '@hawser/core';
import { type FileInfo, type Receipt, largestFile } from '../contract.ts';
import { bytes } from './format.ts';

/** How far a file is. */
export interface SendingSnapshot {
  readonly status: 'idle' | 'sending' | 'done' | 'cancelled' | 'failed';
  readonly name: string;
  /** Bytes the service has acknowledged. */
  readonly acked: number;
  /** Bytes of the file. */
  readonly total: number;
  /** Times the link was lost meanwhile. */
  readonly cuts: number;
  /** What the service says it got. */
  readonly receipt: Receipt | undefined;
  /** SHA-256 of the file as this page has it; `undefined` where the browser does not hash. */
  readonly sha256: string | undefined;
  /** Why it failed. */
  readonly problem: string | undefined;
}

/** Starts the upload of the contract. */
export type StartUpload = (info: FileInfo, file: Blob, options: UploadOptions) => Promise<Receipt>;

const nothing: SendingSnapshot = {
  status: 'idle',
  name: '',
  acked: 0,
  total: 0,
  cuts: 0,
  receipt: undefined,
  sha256: undefined,
  problem: undefined,
};

/** Sends one file at a time, and compares what the service got with what this page has. */
export class Sending {
  readonly #upload: StartUpload;
  readonly #changed: () => void;
  #snapshot = nothing;
  #running: AbortController | undefined;

  /** @param changed - told when there is something new to show */
  constructor(upload: StartUpload, changed: () => void) {
    this.#upload = upload;
    this.#changed = changed;
  }

  /** Where it stands; the same object until something changes. */
  snapshot(): SendingSnapshot {
    return this.#snapshot;
  }

  /** Sends a file; resolves when it is over, one way or the other. One that is still under way is cancelled. */
  async send(name: string, file: Blob): Promise<void> {
    this.cancel();
    const running = new AbortController();
    this.#running = running;
    this.#snapshot = nothing;
    const set = (change: Partial<SendingSnapshot>): void => {
      if (this.#running === running) this.#set(change);
    };
    set({ status: 'sending', name, total: file.size });
    try {
      const options = { signal: running.signal, onProgress: ({ acked }: { acked: number }) => set({ acked }) };
      const [receipt, sha256] = await Promise.all([
        this.#upload({ name, size: file.size }, file, options),
        hashOf(file),
      ]);
      set({ status: 'done', receipt, sha256, acked: receipt.size });
    } catch (error) {
      set(running.signal.aborted ? { status: 'cancelled' } : { status: 'failed', problem: explain(error) });
    }
  }

  /** Stops it, here and at the service. */
  cancel(): void {
    this.#running?.abort();
  }

  /** The link is gone. The upload is not: nothing to do but to count it. */
  linkLost(): void {
    if (this.#snapshot.status === 'sending') this.#set({ cuts: this.#snapshot.cuts + 1 });
  }

  #set(change: Partial<SendingSnapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...change };
    this.#changed();
  }
}

function explain(error: unknown): string {
  if (!(error instanceof HawserError)) return String(error);
  return error.code === 'TOO_BIG' ? `the service takes at most ${bytes(largestFile)}` : error.message || error.code;
}

async function hashOf(file: Blob): Promise<string | undefined> {
  // Browsers hash only on pages they call secure: https, or this machine.
  const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined;
  if (!subtle) return undefined;
  const hash = await subtle.digest('SHA-256', await file.arrayBuffer());
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
