// The module loader has file requests of its own under way.
const busy = () => process.getActiveResourcesInfo().filter((name) => /Timeout|Immediate|TCP|TLS|UDP/.test(name));
const busyBefore = busy().toString();
const globalsBefore = Object.getOwnPropertyNames(globalThis).toString();
const core = await import('@hawser/core');
await import('@hawser/core/endpoint');
await import('@hawser/core/testing');
await import('@hawser/core/msgpack');
await import('@hawser/core/pool');
const server = await import('@hawser/server');
const rx = await import('@hawser/rx');
const react = await import('@hawser/react');
if (busy().toString() !== busyBefore) throw new Error('importing started a timer or a socket');
if (Object.getOwnPropertyNames(globalThis).toString() !== globalsBefore) throw new Error('importing changed a global');

const { default: scenario } = await import('./scenario.cjs');
await scenario({ core, server, rx, react, zod: await import('zod') });
