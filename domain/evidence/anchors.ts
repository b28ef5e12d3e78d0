/** Trust anchors: what a verifier knows from elsewhere and therefore need not believe a package about. */
import { Type, type Static } from 'typebox'
import { Address, Bytes32, closed, Count, DeploymentShape, requireShape } from './shape.ts'

const AnchorsShape = Type.Object(
  {
    version: Type.Literal(1),
    deployment: DeploymentShape,
    logOperator: Address,
    participants: Type.Array(
      Type.Object(
        {
          id: Count,
          account: Address,
          name: Type.String({ minLength: 1, maxLength: 256 }),
          signers: Type.Array(Type.String({ pattern: '^0x([0-9a-fA-F]{2}){20,}$' }))
        },
        closed
      )
    ),
    heads: Type.Array(Type.Object({ size: Count, root: Bytes32, blockNumber: Count, txHash: Bytes32 }, closed)),
    validators: Type.Optional(Type.Array(Address, { minItems: 1, maxItems: 256 })),
    blocks: Type.Optional(Type.Array(Type.Object({ number: Count, hash: Bytes32 }, closed)))
  },
  closed
)

/**
 * Signers are ERC-7913: 20 bytes for a plain key, else verifier ‖ key. `heads` are those seen on the chain, `validators`
 * those of a QBFT chain, `blocks` hashes known from elsewhere.
 */
export type TrustAnchors = Static<typeof AnchorsShape>

/** Checks the shape. Throws ANCHORS_MALFORMED. */
export function parseTrustAnchors(json: unknown): TrustAnchors {
  requireShape(AnchorsShape, json, 'ANCHORS_MALFORMED')
  return json
}
