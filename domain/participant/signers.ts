/** What a key of an account may do. Order equals `IParticipantAccount.Duty`. */
export const signerDuties = ['none', 'maker', 'checker'] as const
export type SignerDuty = Exclude<(typeof signerDuties)[number], 'none'>

/** A key of an account. `signer`: ERC-7913 bytes, 0x-hex: an address, or verifier ‖ key. */
export interface AccountSigner {
  signer: string
  duty: SignerDuty
}

/** The ERC-7913 verifiers of one deployment: what a signer that is no plain address begins with. */
export interface Verifiers {
  p256Verifier: string
  sm2Verifier: string
}

/** How many of each duty have to sign. */
export interface Quorum {
  makers: number
  checkers: number
}

/** Whether these signers are enough, as `ParticipantAccount` counts them: makers and checkers apart, strangers not at all. */
export function isQuorumReached(signed: readonly string[], signers: readonly AccountSigner[], quorum: Quorum): boolean {
  const present = new Set(signed.map((signer) => signer.toLowerCase()))
  const count = (duty: SignerDuty): number =>
    signers.filter((known) => known.duty === duty && present.has(known.signer.toLowerCase())).length
  return count('maker') >= quorum.makers && count('checker') >= quorum.checkers
}
