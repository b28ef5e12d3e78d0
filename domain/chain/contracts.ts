import { Interface } from 'ethers/abi'
import {
  accountFactoryAbi,
  evidenceLogAbi,
  fingerprintsAbi,
  participantAccountAbi,
  participantsAbi,
  receivablesAbi,
  sm2VerifierAbi
} from './abi.generated.ts'

/** The contracts' interfaces, for encoding calls and decoding events and refusals. */
export const contracts = {
  participants: new Interface(participantsAbi),
  fingerprints: new Interface(fingerprintsAbi),
  receivables: new Interface(receivablesAbi),
  evidenceLog: new Interface(evidenceLogAbi),
  participantAccount: new Interface(participantAccountAbi),
  accountFactory: new Interface(accountFactoryAbi),
  sm2Verifier: new Interface(sm2VerifierAbi)
} as const

/** Where one registry lives. Written by the deployment, checked by everybody who starts. */
export interface Deployment {
  chainId: number
  /** Hash of block 0: another chain behind the same address is recognised by it. */
  genesisHash: string
  /** Block of the first deployment: nothing of ours is older. */
  fromBlock: number
  participants: string
  fingerprints: string
  receivables: string
  evidenceLog: string
  accountFactory: string
  /** ERC-7913 verifier of P-256 keys. */
  p256Verifier: string
  /** ERC-7913 verifier of SM2 keys. */
  sm2Verifier: string
  /** keccak256 of each contract's runtime code, by address. */
  codeHashes: Record<string, string>
}

/** A contract's refusal: the error's name and its arguments by name, as decimal or hex strings. */
export interface ContractRefusal {
  name: string
  args: Record<string, string>
}

/** Decodes revert data by all our ABIs. Undefined for data that none of them knows. */
export function decodeRefusal(data: string | null | undefined): ContractRefusal | undefined {
  if (!data || data.length < 10) return undefined
  for (const abi of Object.values(contracts)) {
    const error = abi.parseError(data)
    if (!error) continue
    const args = Object.fromEntries(error.fragment.inputs.map((input, i) => [input.name, String(error.args[i])]))
    return { name: error.name, args }
  }
  return undefined
}
