import { definitionMap, type Contract } from './contract.ts';
import type { Definition, TopicDef } from './definitions.ts';
import { interactionsOf, type Interaction } from './interaction.ts';

/** A contract as one end looks things up in it. */
export interface ContractSide {
  readonly outgoing: ReadonlyMap<string, Definition>;
  readonly incoming: ReadonlyMap<string, Definition>;
  readonly topics: ReadonlyMap<string, TopicDef>;
  readonly interactions: readonly Interaction[];
}

const known = new WeakMap<Contract, ContractSide>();

/** The client's side of a contract, made once however many clients there are. */
export function clientSide(contract: Contract): ContractSide {
  let side = known.get(contract);
  if (!side) {
    const { clientToServer, serverToClient, topics } = contract;
    side = {
      outgoing: definitionMap(clientToServer),
      incoming: definitionMap(serverToClient),
      topics: definitionMap(topics),
      interactions: interactionsOf(clientToServer, serverToClient, topics),
    };
    known.set(contract, side);
  }
  return side;
}
