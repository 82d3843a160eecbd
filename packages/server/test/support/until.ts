import { setTimeout as pause } from 'node:timers/promises';

/**
 * Resolves as soon as `condition` holds; a test waits on facts, never for a time.
 *
 * @param what - names the fact in the failure
 * @param within - milliseconds after which it fails; the default leaves the test runner's 5 s time to show the reason
 * @throws Error when the deadline passes; `detail()` is added to the message
 */
export async function until(
  what: string,
  condition: () => boolean,
  within = 4_000,
  detail?: () => unknown,
): Promise<void> {
  const deadline = performance.now() + within;
  while (!condition()) {
    if (performance.now() > deadline) {
      const found = detail === undefined ? '' : ` Found: ${JSON.stringify(detail())}`;
      throw new Error(`Not within ${within} ms: ${what}.${found}`);
    }
    await pause(2);
  }
}

/**
 * Resolves with what `promise` resolves with, or fails after `within` milliseconds.
 *
 * @param what - names the promise in the failure
 */
export async function within<T>(what: string, promise: Promise<T>, ms = 4_000): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Not within ${ms} ms: ${what}.`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
