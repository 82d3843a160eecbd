// Loaded before the service and the agent (node --import): leads the packages' names to their sources.
import { registerHooks } from 'node:module';
import { sourcePaths } from './source-paths.ts';

registerHooks({
  resolve: (specifier, context, next) => next(sourcePaths.get(specifier)?.href ?? specifier, context),
});
