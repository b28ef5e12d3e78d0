import type { AccountSigner, SignerDuty } from '../../domain/participant/signers.ts'

/** Why a line is no key. */
export interface KeyFault {
  line: number
  presented: string
}

/**
 * Keys as a firm sends them, one a line: `maker 0x…` or `checker 0x…`, ERC-7913 bytes (an address, or verifier ‖ x ‖ y). Empty lines are
 * passed over. Whether a key lies on its curve is the api's to say.
 */
export function readKeys(text: string): { signers: AccountSigner[]; faults: KeyFault[] } {
  const signers: AccountSigner[] = []
  const faults: KeyFault[] = []
  for (const [index, line] of text.split('\n').entries()) {
    const presented = line.trim()
    if (presented === '') continue
    const found = /^(maker|checker)[\s:,]+(0x(?:[0-9a-fA-F]{40}|[0-9a-fA-F]{168}))$/.exec(presented)
    if (found) signers.push({ duty: found[1] as SignerDuty, signer: found[2]! })
    else faults.push({ line: index + 1, presented })
  }
  return { signers, faults }
}
