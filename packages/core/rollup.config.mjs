import { configFor } from '../../rollup.shared.mjs';

export default configFor(
  {
    index: 'src/index.ts',
    endpoint: 'src/endpoint.entry.ts',
    testing: 'src/testing.entry.ts',
    msgpack: 'src/msgpack.entry.ts',
    pool: 'src/pool.entry.ts',
  },
  { browser: ['index', 'endpoint', 'testing', 'msgpack', 'pool'] },
);
