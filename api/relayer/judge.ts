import type { ContractRefusal } from '../../domain/chain/contracts.ts'

export type Simulation = { kind: 'passes'; gasLimit: bigint } | { kind: 'reverts'; refusal: ContractRefusal }

/** What may have become of an outbox row that waits to be sent. */
export type Verdict = 'send' | 'refuse' | 'wait'

/**
 * Decides from a simulation. A call that reverts while others of ours are on their way may pass after them, so it waits;
 * with nothing on its way the refusal is the contract's own and final.
 */
export function judge(simulation: Simulation, inFlight: number): Verdict {
  switch (simulation.kind) {
    case 'passes':
      return 'send'
    case 'reverts':
      return inFlight > 0 ? 'wait' : 'refuse'
  }
}
