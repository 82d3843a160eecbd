import type { Contract } from '../peer/contract.ts';
import { interactionsOf } from '../peer/interaction.ts';
import { largeMessages } from '../peer/large-messages.ts';
import type { Plug } from '../peer/peer-host.ts';

/** What the accepting side of a contract needs: what clients send may be large, whatever the contract names. */
export function plugsOf({ serverToClient, clientToServer }: Contract): readonly Plug[] {
  return [largeMessages, ...interactionsOf(serverToClient, clientToServer)];
}
