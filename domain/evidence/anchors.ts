/** Trust anchors: what a verifier knows from elsewhere and therefore need not believe a package about. */
import { Type, type Static } from 'typebox'
import { EvidenceError } from './errors.ts'
import { Address, Bytes32, closed, Count, DeploymentShape, Hex, requireShape, Time } from './shape.ts'
import { requireAuthority } from './signed.ts'

const Sm2Key = Type.String({ pattern: '^0x[0-9a-f]{128}$' })

const AnchorsShape = Type.Object(
  {
    version: Type.Literal(1),
    deployment: DeploymentShape,
    logKeys: Type.Array(Sm2Key, { minItems: 1, maxItems: 64 }),
    certificateKeys: Type.Array(Sm2Key, { minItems: 1, maxItems: 64 }),
    authorities: Type.Optional(Type.Array(Hex, { minItems: 1, maxItems: 256 })),
    participants: Type.Array(
      Type.Object(
        {
          id: Count,
          account: Address,
          name: Type.String({ minLength: 1, maxLength: 256 }),
          legalIdentity: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
          signers: Type.Array(Type.String({ pattern: '^0x([0-9a-fA-F]{2}){20,}$' }))
        },
        closed
      )
    ),
    heads: Type.Array(
      Type.Object(
        { size: Count, root: Bytes32, blockNumber: Count, txHash: Bytes32, time: Type.Optional(Time) },
        closed
      )
    ),
    validators: Type.Optional(Type.Array(Address, { minItems: 1, maxItems: 256 })),
    blocks: Type.Optional(Type.Array(Type.Object({ number: Count, hash: Bytes32 }, closed)))
  },
  closed
)

/**
 * `logKeys` may sign heads and `certificateKeys` certificates (SM2, x‖y); several while one follows another. `authorities`
 * are DER of those whose certificates say whose an SM2 key is; a court takes them from elsewhere than the registry.
 * `legalIdentity` is the organizationIdentifier in a participant's certificates. Signers are ERC-7913: 20 bytes for a plain key, else verifier ‖ key. `heads` are those seen on the chain, with the time of the block where known, `validators`
 * those of a QBFT chain, `blocks` hashes known from elsewhere.
 */
export type TrustAnchors = Static<typeof AnchorsShape>

/** Checks the shape. Throws ANCHORS_MALFORMED. */
export function parseTrustAnchors(json: unknown): TrustAnchors {
  requireShape(AnchorsShape, json, 'ANCHORS_MALFORMED')
  try {
    json.authorities?.forEach(requireAuthority)
  } catch (error) {
    throw new EvidenceError('ANCHORS_MALFORMED', `/authorities ${(error as Error).message}`)
  }
  return json
}
