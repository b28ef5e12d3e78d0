/** What the contracts' events look like, for who reads logs without a generic decoder. The events: `events.generated.ts`. */

/** A parameter as Solidity's ABI names it. */
export interface Parameter {
  name: string
  /** `tuple` has components, a type that ends with `[]` is a dynamic array. */
  type: string
  components?: readonly Parameter[]
}

export interface ContractEvent {
  name: string
  /** keccak256 of the signature, 0x-hex: the first topic of its logs. */
  topic: string
  inputs: readonly (Parameter & { indexed: boolean })[]
}
