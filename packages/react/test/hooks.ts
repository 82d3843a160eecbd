import { bindHooks, type Hooks } from '../src/index.ts';
import type { Fleet } from './fleet.ts';

/** The hooks of the package for the tests' contract. */
export const hooks: Hooks<Fleet> = bindHooks<Fleet>();
