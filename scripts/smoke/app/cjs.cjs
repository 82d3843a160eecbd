require('@hawser/core/endpoint');
require('@hawser/core/testing');
require('@hawser/core/msgpack');
require('@hawser/core/pool');

require('./scenario.cjs')({
  core: require('@hawser/core'),
  server: require('@hawser/server'),
  rx: require('@hawser/rx'),
  react: require('@hawser/react'),
  zod: require('zod'),
}).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
