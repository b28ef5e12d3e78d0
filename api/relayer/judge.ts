import type { ContractRefusal } from '../../domain/chain/contracts.ts'

export type Simulation = { kind: 'passes'; gasLimit: bigint } | { kind: 'reverts'; refusal: ContractRefusal }

/** What may have become of an outbox row that waits to be sent. */
export type Verdict = 'send' | 'refuse' | 'wait' | 'later'

/** Block time may be behind the clock by which a command was taken for possible. Seconds. */
const CLOCK_SKEW = 30n
const tooEarly = new Set(['NoteNotMatured', 'ReceivableNotMatured', 'NoteDeadlinePending'])

/**
 * Decides from a simulation. A call that reverts while others of ours are on their way may pass after them, so it waits;
 * with nothing on its way the refusal is the contract's own and final, unless it only came a moment too early.
 */
export function judge(simulation: Simulation, inFlight: number): Verdict {
  switch (simulation.kind) {
    case 'passes':
      return 'send'
    case 'reverts':
      if (isTooEarly(simulation.refusal)) return 'later'
      return inFlight > 0 ? 'wait' : 'refuse'
  }
}

function isTooEarly({ name, args }: ContractRefusal): boolean {
  const { presented, maturity, required = maturity } = args
  return tooEarly.has(name) && BigInt(required!) - BigInt(presented!) <= CLOCK_SKEW
}
