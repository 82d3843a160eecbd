import { readFileSync } from 'node:fs';
import os from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { CoreTimes, NetworkCounters, Reading } from './sampler.ts';

/** Milliseconds between the looks `perf_hooks` takes at the event loop; its figures include them. */
const loopResolution = 10;
/** Milliseconds between readings of the network where that starts a process. */
const slowNetworkEvery = 2_000;

/** The machine this process runs on. */
export interface Machine extends Disposable {
  /** Reads everything there is to read; cheap enough for several times a second. */
  read(): Reading;
}

/** Starts watching the machine; dispose to stop. */
export function openMachine(): Machine {
  const delay = monitorEventLoopDelay({ resolution: loopResolution });
  delay.enable();
  const network = process.platform === 'linux' ? openProcNetwork() : openSlowNetwork();
  return {
    read() {
      const at = Date.now();
      const loop = delay.count ? { mean: lateness(delay.mean), max: lateness(delay.max) } : { mean: 0, max: 0 };
      delay.reset();
      const total = os.totalmem();
      return {
        at,
        cores: os.cpus().map(coreTimes),
        load: os.loadavg()[0] ?? 0,
        memory: { used: total - os.freemem(), total },
        network: network.read(at),
        loop,
      };
    },
    [Symbol.dispose]() {
      delay.disable();
      network[Symbol.dispose]();
    },
  };
}

function lateness(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e6 - loopResolution);
}

function coreTimes({ times }: os.CpuInfo): CoreTimes {
  const busy = times.user + times.nice + times.sys + times.irq;
  return { busy, total: busy + times.idle };
}

interface NetworkReader extends Disposable {
  read(at: number): NetworkCounters | null;
}

function openProcNetwork(): NetworkReader {
  return {
    read(at) {
      try {
        return { at, ...parseProcNetDev(readFileSync('/proc/net/dev', 'latin1')) };
      } catch {
        return null;
      }
    },
    [Symbol.dispose]() {},
  };
}

/** Adds up the byte counters of all interfaces in the text of `/proc/net/dev`. */
export function parseProcNetDev(text: string): { received: number; sent: number } {
  let received = 0;
  let sent = 0;
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon === -1) continue;
    const columns = line
      .slice(colon + 1)
      .trim()
      .split(/\s+/);
    received += Number(columns[0]);
    sent += Number(columns[8]);
  }
  return { received, sent };
}

/** Elsewhere `systeminformation` knows how to ask, but starts a process for it: so rarely, and beside the samples. */
function openSlowNetwork(): NetworkReader {
  let counters: NetworkCounters | null = null;
  let asking = false;
  const ask = async (): Promise<void> => {
    if (asking) return;
    asking = true;
    try {
      const { default: information } = await import('systeminformation');
      const interfaces = await information.networkStats('*');
      counters = {
        at: Date.now(),
        received: interfaces.reduce((sum, one) => sum + one.rx_bytes, 0),
        sent: interfaces.reduce((sum, one) => sum + one.tx_bytes, 0),
      };
    } catch {
      counters = null;
    } finally {
      asking = false;
    }
  };
  void ask();
  const timer = setInterval(() => void ask(), slowNetworkEvery);
  return {
    read: () => counters,
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
