import { once } from 'node:events';
import { createServer as createHttp } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import type { HandlerContext, HandlerIn, HandlerOut } from '@hawser/core';
import { type ServerPeer, createServer } from '@hawser/server';
import { Identity, type Monitor, type PeerInfo, monitor } from '../contract.ts';
import { defaultThresholds } from '../metrics.ts';
import { RunningNumber } from '../running-number.ts';
import { Alarms } from './alarms.ts';
import { openMachine } from './machine.ts';
import { Past } from './past.ts';
import { receiveFile } from './receive-file.ts';
import { Sampler } from './sampler.ts';

/** How the service runs. */
export interface ServiceOptions {
  /** 0 for any free one. */
  readonly port: number;
  /** Milliseconds between samples. */
  readonly interval: number;
  /** Pages that may connect, by their origin. */
  readonly allowedOrigins: 'same-host' | 'any' | readonly string[];
  /** Called after each sample with its number. */
  readonly onSample?: (n: number) => void;
}

/** A running service. */
export interface Service {
  readonly port: number;
  close(): Promise<void>;
}

type MonitorPeer = ServerPeer<Monitor, Identity>;
type RunOn = Monitor['clientToServer']['runOn'];

/** Samples the machine, serves the contract on `/ws`, and raises alarms. */
export async function startService({ port, interval, allowedOrigins, onSample }: ServiceOptions): Promise<Service> {
  const machine = openMachine();
  const sampler = new Sampler(machine.read());
  const alarms = new Alarms(defaultThresholds);
  const past = new Past(interval);
  const cores = os.cpus().length;
  const beats = new WeakMap<MonitorPeer, RunningNumber>();

  const server = createServer({
    contract: monitor,
    authenticate: ({ auth, refuse }) => {
      const identity = Identity.safeParse(auth);
      return identity.success ? identity.data : refuse('UNAUTHENTICATED', 'Say who you are: { kind, name, commands }.');
    },
    allowedOrigins,
    authorizeTopic: ({ params, refuse }) => {
      if (params.core >= cores) refuse('NOT_FOUND', `This machine has ${cores} cores, counted from 0.`);
    },
    principal: ({ name }) => name,
    // Much quicker than the defaults, so that a black hole is noticed while one watches.
    heartbeat: { every: 1_500, grace: 2_000 },
  }).implement({
    overview: (_, { peer }) => ({
      you: peer.id,
      host: describeHost(),
      interval,
      thresholds: alarms.thresholds,
      alarms: [...alarms.recent],
      peers: listPeers(),
      history: past.last(samplesKept(cores)),
    }),
    setThreshold: ({ metric, limit }, { fail }) => {
      const refusal = alarms.setThreshold(metric, limit);
      if (refusal?.code === 'OUT_OF_RANGE') fail(refusal.code, refusal);
      if (refusal?.code === 'NOT_METERED') fail(refusal.code);
      server.broadcast('thresholds', alarms.thresholds);
      return { thresholds: alarms.thresholds, at: Date.now() };
    },
    runOn: (input, context) => runOn(input, context),
    past: () => past.read(),
    file: receiveFile,
  });

  server.on('beat', ({ n }, { peer }) => {
    const row = beats.get(peer) ?? new RunningNumber();
    beats.set(peer, row);
    row.accept(n);
    peer.send('beats', row.tally());
  });

  /** Passes a command on: a call from the server to a client, in the middle of a call from another client. */
  async function runOn(
    { peer: id, command }: HandlerIn<RunOn>,
    { fail, peer: asker }: HandlerContext<RunOn> & { readonly peer: MonitorPeer },
  ): Promise<HandlerOut<RunOn>> {
    const peer = server.peers.get(id);
    if (!peer) return fail('GONE', { peer: id });
    const started = performance.now();
    const result = await peer.safeCall('run', { command, from: asker.auth.name }, { timeout: 8_000 });
    if (result.ok) return { answer: result.data, took: performance.now() - started };
    const { error } = result;
    if (error.origin === 'system') return fail('NO_ANSWER', { code: error.code, text: error.message });
    return error.code === 'BUSY' ? fail(error.code, error.data) : fail(error.code, error.data);
  }

  function listPeers(): PeerInfo[] {
    return [...server.peers.values()].map(({ id, auth, connected }) => ({ ...auth, id, linked: connected }));
  }

  const http = createHttp((_, response) =>
    response.writeHead(426).end('This is the service; open the page instead.\n'),
  );
  // Only this machine reaches the service; everybody else comes through the cable.
  http.listen(port, '127.0.0.1');
  await once(http, 'listening');
  server.attach(http, { path: '/ws' });

  let toldPeers = '';
  const timer = setInterval(() => {
    const sample = sampler.next(machine.read());
    server.broadcast('sample', sample);
    past.add(sample);
    sample.cores.forEach((share, core) => server.publish('core', { core }, { at: sample.at, share }));
    for (const alarm of alarms.evaluate(sample)) server.broadcast('alarm', alarm);
    const peers = listPeers();
    const peersNow = JSON.stringify(peers);
    if (peersNow !== toldPeers) server.broadcast('peers', peers);
    toldPeers = peersNow;
    onSample?.(sample.n);
  }, interval);

  return {
    port: (http.address() as AddressInfo).port,
    async close() {
      clearInterval(timer);
      machine[Symbol.dispose]();
      await server.close();
      http.close();
    },
  };
}

/** Samples kept for new pages: a minute and a half, less on machines with so many cores that the answer would be long. */
function samplesKept(cores: number): number {
  return Math.min(180, Math.ceil(20_000 / (cores + 10)));
}

function describeHost(): { name: string; platform: string; model: string; cores: number; node: string } {
  const cores = os.cpus();
  return {
    name: os.hostname(),
    platform: `${os.type()} ${os.release().split('-')[0]}`,
    model: cores[0]?.model.trim() ?? 'unknown processor',
    cores: cores.length,
    node: process.version,
  };
}
