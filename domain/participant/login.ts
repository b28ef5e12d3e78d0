/** What a key signs to log in: EIP-712 typed data of a domain of its own, so that it can never pass for an order to an account. */
import { TypedDataEncoder, type TypedDataField } from 'ethers'

export const loginTypes: { Login: TypedDataField[] } = {
  Login: [
    { name: 'statement', type: 'string' },
    { name: 'participant', type: 'uint32' },
    { name: 'nonce', type: 'bytes32' },
    { name: 'expiresAt', type: 'uint48' }
  ]
}

const STATEMENT = 'Log in to Tallystick. This orders nothing. 登录 Tallystick，不构成任何指令。'

export interface LoginTypedData {
  domain: { name: string; version: string; chainId: number; verifyingContract: string }
  types: { Login: TypedDataField[] }
  primaryType: 'Login'
  message: { statement: string; participant: number; nonce: string; expiresAt: number }
}

/**
 * @param registry Address of the deployment's `Participants`: a signature for one registry is none for another.
 * @param nonce 32 bytes, 0x-hex.
 * @param expiresAt Unix seconds.
 */
export function loginTypedData(
  chainId: number,
  registry: string,
  participant: number,
  nonce: string,
  expiresAt: number
): LoginTypedData {
  return {
    domain: { name: 'Tallystick Login', version: '1', chainId, verifyingContract: registry },
    types: loginTypes,
    primaryType: 'Login',
    message: { statement: STATEMENT, participant, nonce, expiresAt }
  }
}

/** The 32-byte EIP-712 digest, 0x-hex. P-256 signs it as it is, SM2 takes it as the message. */
export function loginDigest({ domain, types, message }: LoginTypedData): string {
  return TypedDataEncoder.hash(domain, types, message)
}
