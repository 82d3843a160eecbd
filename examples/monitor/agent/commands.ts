import { hostname } from 'node:os';
import { setImmediate as afterOthers } from 'node:timers/promises';
import type { Handler } from '@hawser/core';
import type { Answer, Command, Monitor } from '../contract.ts';

/** What this agent can do. */
export const agentCommands: readonly Command[] = ['identify', 'report', 'gc', 'burn'];

/** Milliseconds the command `burn` keeps one core busy. */
const burnFor = 5_000;
/** Milliseconds of it at a stretch, so that the link still gets its turn. */
const burnSlice = 40;

/** Answers the service's `run`. */
export function createRunner(
  name: string,
  extraFacts: () => Answer['facts'],
): Handler<Monitor['serverToClient']['run']> {
  let burning: { readonly until: number } | undefined;
  return ({ command, from }, { fail }) => {
    switch (command) {
      case 'identify':
        console.log(`agent    ${'*'.repeat(8)} ${from} asks who is here: ${name} ${'*'.repeat(8)}`);
        return { text: `${name} waved in its terminal`, facts: { host: hostname(), pid: String(process.pid) } };
      case 'report':
        return { text: `${name} is well`, facts: { ...processFacts(), ...extraFacts() } };
      case 'gc': {
        const { gc } = globalThis;
        if (!gc) return fail('UNSUPPORTED', { command });
        const before = process.memoryUsage().heapUsed;
        gc();
        const after = process.memoryUsage().heapUsed;
        return { text: `${name} took out the garbage`, facts: { before: megabytes(before), after: megabytes(after) } };
      }
      case 'burn':
        if (burning) {
          return fail('BUSY', { job: `burning for another ${((burning.until - Date.now()) / 1000).toFixed(1)} s` });
        }
        burning = { until: Date.now() + burnFor };
        void burn(burning.until).finally(() => {
          burning = undefined;
        });
        return { text: `${name} keeps one core busy: watch the CPU`, facts: { seconds: String(burnFor / 1000) } };
      default:
        return command satisfies never;
    }
  };
}

async function burn(until: number): Promise<void> {
  while (Date.now() < until) {
    const slice = Date.now() + burnSlice;
    while (Date.now() < slice);
    await afterOthers();
  }
}

function processFacts(): Answer['facts'] {
  const { rss, heapUsed } = process.memoryUsage();
  return {
    node: process.version,
    pid: String(process.pid),
    uptime: `${Math.round(process.uptime())} s`,
    memory: megabytes(rss),
    heap: megabytes(heapUsed),
  };
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
