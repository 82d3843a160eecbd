// The monitored process: samples the machine and serves the contract.
import { report, stopWithParent } from '../harness/parent.ts';
import { startService } from './service.ts';

const origins = process.env.MONITOR_ORIGINS ?? 'same-host';

try {
  const service = await startService({
    port: Number(process.env.MONITOR_PORT ?? 4601),
    interval: Number(process.env.MONITOR_INTERVAL ?? 500),
    allowedOrigins: origins === 'any' || origins === 'same-host' ? origins : origins.split(','),
    onSample: (n) => report({ type: 'sent', n }),
  });
  stopWithParent(() => service.close());
  report({ type: 'ready', port: service.port });
} catch (error) {
  const { code, message } = error as NodeJS.ErrnoException;
  const why =
    code === 'EADDRINUSE'
      ? `The service cannot start: port ${process.env.MONITOR_PORT} is taken by another program. Set SERVICE_PORT to another one, or to 0.`
      : `The service cannot start: ${message}`;
  report({ type: 'failed', why });
  process.exitCode = 1;
  if (process.connected) process.disconnect();
}
