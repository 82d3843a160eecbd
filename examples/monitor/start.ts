// Starts everything: the service, the cable, the page and an agent. `npm start`, or `npm run dev` to work on the page.
import { type RequestListener, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Cable } from './harness/cable.ts';
import { Child } from './harness/child.ts';
import { createControl } from './harness/control.ts';
import { type Page, buildPage, servePage } from './harness/page.ts';

const started = performance.now();
const dev = process.argv.includes('--dev');
const host = process.env.HOST ?? '127.0.0.1';
const everyAddress = host === '0.0.0.0' || host === '::';
const ports = { page: portFrom('PORT', 4600), service: portFrom('SERVICE_PORT', 0), cable: portFrom('CABLE_PORT', 0) };
const children: Child[] = [];
const running: { cable?: Cable; page?: Page } = {};
let sent = 0;
let stopping: Promise<void> | undefined;

let handle: RequestListener = (_, response) => response.writeHead(503).end('The monitor is starting.\n');
const http = createServer((request, response) => handle(request, response));

process.on('SIGINT', () => void stop(0));
process.on('SIGTERM', () => void stop(0));

await listen();
const servicePort = await startService();
const cable = new Cable({ host, target: servicePort });
running.cable = cable;
const cablePort = await cable
  .listen(ports.cable)
  .catch((error: unknown) => failToListen('CABLE_PORT', ports.cable, error));
const page = dev ? await servePage(cablePort, http) : await buildPage(cablePort);
running.page = page;
await startAgent(cablePort);
const control = createControl(cable, () => sent);
const { handle: servePageFile } = page;
handle = (request, response) => {
  if (request.url?.startsWith('/control')) control(request, response);
  else servePageFile(request, response);
};
announce();

async function listen(): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen(ports.page, host, resolve);
  }).catch((error: unknown) => failToListen('PORT', ports.page, error));
}

async function startService(): Promise<number> {
  const service = new Child(new URL('service/main.ts', import.meta.url), {
    env: { MONITOR_PORT: String(ports.service), MONITOR_ORIGINS: pageOrigins() },
    onReport: (report) => {
      if (report.type === 'sent') sent = report.n;
    },
    onCrash: crash,
  });
  children.push(service);
  return (await service.ready()) ?? 0;
}

async function startAgent(cablePort: number): Promise<void> {
  const agent = new Child(new URL('agent/main.ts', import.meta.url), {
    env: { MONITOR_URL: `ws://${inUrl(everyAddress ? '127.0.0.1' : host)}:${cablePort}/ws`, MONITOR_AGENT: 'agent-1' },
    // For the command that collects garbage.
    nodeOptions: ['--expose-gc'],
    onCrash: crash,
  });
  children.push(agent);
  await agent.ready();
}

/** Where the page may come from: its port differs from the cable's, so the service has to be told. */
function pageOrigins(): string {
  if (everyAddress) return 'any';
  const { port } = http.address() as AddressInfo;
  return ['localhost', '127.0.0.1', inUrl(host)].map((name) => `http://${name}:${port}`).join();
}

function announce(): void {
  const { port } = http.address() as AddressInfo;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`
  Hawser monitor is running (ready in ${seconds} s)

    page     http://${everyAddress || host === '127.0.0.1' ? 'localhost' : inUrl(host)}:${port}/
    cable    ${host}:${cablePort} -> 127.0.0.1:${servicePort}   (cut it on the page)

  Ctrl-C stops everything.
`);
}

function inUrl(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

function crash(why: string): void {
  console.error(why);
  void stop(1);
}

function failToListen(variable: string, port: number, error: unknown): Promise<never> {
  const { code } = error as NodeJS.ErrnoException;
  const reason =
    code === 'EADDRINUSE'
      ? `port ${port} is taken by another program`
      : `port ${port} on ${host} cannot be opened (${code ?? String(error)})`;
  console.error(`The monitor cannot start: ${reason}. Set ${variable} to another port, or to 0 for any free one.`);
  return stop(1) as Promise<never>;
}

function stop(code: number): Promise<void> {
  stopping ??= (async () => {
    http.close();
    http.closeAllConnections();
    await Promise.all(children.map((child) => child.stop()));
    await running.cable?.close();
    await running.page?.close();
    process.exit(code);
  })();
  return stopping;
}

function portFrom(variable: string, fallback: number): number {
  const text = process.env[variable];
  if (text === undefined || text === '') return fallback;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  console.error(`${variable} is ${JSON.stringify(text)}, but must be a port: 0 to 65535, 0 for any free one.`);
  return process.exit(1);
}
