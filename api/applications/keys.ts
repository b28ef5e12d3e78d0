import { Type } from 'typebox'
import { strict } from '../schemas.ts'

const Signer = Type.String({
  pattern: '^0x([0-9a-fA-F]{40}|[0-9a-fA-F]{168})$',
  description: 'ERC-7913: an address, or verifier ‖ x ‖ y'
})

/** Keys of an account as they are applied with and proposed. */
export const KeysFields = {
  signers: Type.Array(Type.Object({ signer: Signer, duty: Type.Enum(['maker', 'checker']) }, strict), {
    minItems: 1,
    maxItems: 32
  }),
  quorum: Type.Object(
    { makers: Type.Integer({ minimum: 1, maximum: 32 }), checkers: Type.Integer({ minimum: 0, maximum: 32 }) },
    strict
  )
}
