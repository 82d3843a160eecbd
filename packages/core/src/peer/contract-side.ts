import { Endpoint } from '../endpoint/endpoint.ts';
import { definitionMap, type Contract } from './contract.ts';
import type { Definition, TopicDef } from './definitions.ts';
import { interactionsOf } from './interaction.ts';
import type { Plug } from './peer-host.ts';

/** A contract as one end looks things up in it. */
export interface ContractSide {
  readonly outgoing: ReadonlyMap<string, Definition>;
  readonly incoming: ReadonlyMap<string, Definition>;
  readonly topics: ReadonlyMap<string, TopicDef>;
  readonly interactions: readonly Plug[];
  /** The least that carries all that. */
  readonly Endpoint: typeof Endpoint;
}

const known = new WeakMap<Contract, ContractSide>();

/** The client's side of a contract, made once however many clients there are. */
export function clientSide(contract: Contract): ContractSide {
  let side = known.get(contract);
  if (!side) {
    const { clientToServer, serverToClient, topics, largeMessages } = contract;
    const interactions = interactionsOf(clientToServer, serverToClient, topics, { large: { '~run': largeMessages } });
    side = {
      outgoing: definitionMap(clientToServer),
      incoming: definitionMap(serverToClient),
      topics: definitionMap(topics),
      interactions,
      Endpoint: interactions.find((plug) => plug.Endpoint)?.Endpoint ?? Endpoint,
    };
    known.set(contract, side);
  }
  return side;
}
