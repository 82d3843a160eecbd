import { globSync } from 'node:fs';
import { configFor } from '../../rollup.shared.mjs';

// Every word of these files may be seen from outside.
const surface = globSync([
  'src/*.ts',
  'src/testing/*.ts',
  'src/**/*-surface.ts',
  'src/accept/peer-end.ts',
  'src/client/options.ts',
  'src/connection/connection-state.ts',
  'src/connection/retry-policy.ts',
  'src/driver/{clock,dialer,refusal,socket}.ts',
  'src/peer/contract*.ts',
  'src/session/send-limits.ts',
  'src/shared/errors.ts',
  'src/wire/{codec,frame}.ts',
]);

export default configFor(
  {
    index: 'src/index.ts',
    endpoint: 'src/endpoint.entry.ts',
    testing: 'src/testing.entry.ts',
    msgpack: 'src/msgpack.entry.ts',
  },
  { browser: { entries: ['index', 'msgpack', 'testing'], surface } },
);
