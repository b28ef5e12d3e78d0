/** What a certificate states, and the file it comes in: canonical JSON, unknown fields refused. */
import { hexlify } from 'ethers'
import { Type, type Static } from 'typebox'
import { sha256 } from '../../crypto/hash.ts'
import { claimReasons } from '../../fingerprint/claim-word.ts'
import { noteStates } from '../../note/note-states.ts'
import { receivableStates } from '../../receivable/receivable-states.ts'
import { EvidenceError } from '../errors.ts'
import { SignedHeadShape } from '../head.ts'
import { statementRecord, type StatementRecord } from '../record.ts'
import { StateProofShape } from '../proof/state-proof.ts'
import {
  Bytes32,
  canonicalBytes,
  closed,
  Count,
  Decimal,
  DeploymentShape,
  Hex,
  NoteId,
  parseCanonical,
  ReceivableId,
  requireShape,
  Time,
  unixSeconds
} from '../shape.ts'

/** Bytes that a certificate may have at most: some thousand spans with their proofs. */
export const certificateLimit = 32 * 1024 * 1024

const Fingerprint = Type.String({ pattern: '^0x(?!0000)[0-9a-f]{64}$' })

/** As registered: the promise, and where it stands. */
const Receivable = Type.Object(
  {
    state: Type.Enum(receivableStates.filter((state) => state !== 'none')),
    isDisputed: Type.Boolean(),
    amount: Decimal,
    currency: Count,
    creditor: Count,
    debtor: Count,
    maturity: Time
  },
  closed
)
const State = Type.Enum(noteStates.filter((state) => state !== 'none'))

const Span = Type.Object(
  {
    start: Decimal,
    end: Decimal,
    state: State,
    tier: Count,
    holder: Count,
    /** Whom the debtor pays, or paid; zero for a cancelled span. */
    payee: Count,
    /** No act of a participant changes the payee any more. */
    isFinal: Type.Boolean()
  },
  closed
)

const common = {
  v: Type.Literal(1),
  deployment: DeploymentShape,
  /** The block whose state is meant. */
  asOf: Type.Object({ number: Count, hash: Bytes32, time: Time }, closed),
  issuedAt: Time
}
const StatementShapes = {
  /** Who has claimed the document. `registry` 0: the factor `claimant` itself, for a financing elsewhere. */
  search: Type.Object(
    {
      ...common,
      kind: Type.Literal('search'),
      fingerprint: Fingerprint,
      claim: Type.Object(
        {
          registry: Count,
          claimant: Count,
          reason: Type.Enum(claimReasons.filter((reason) => reason !== 'none')),
          subject: ReceivableId
        },
        closed
      )
    },
    closed
  ),
  'no-claim': Type.Object({ ...common, kind: Type.Literal('no-claim'), fingerprint: Fingerprint }, closed),
  'pay-to': Type.Object(
    {
      ...common,
      kind: Type.Literal('pay-to'),
      receivableId: ReceivableId,
      receivable: Receivable,
      /** All of `[0, amount)`, in order. */
      spans: Type.Array(Span, { minItems: 1, maxItems: 4_000 }),
      isFinal: Type.Boolean(),
      /** Names and accounts are the registry's word: the chain knows numbers only. */
      payees: Type.Array(
        Type.Object(
          {
            participantId: Count,
            name: Type.String({ maxLength: 256 }),
            account: Type.Union([Type.String({ maxLength: 128 }), Type.Null()])
          },
          closed
        ),
        { maxItems: 4_000 }
      )
    },
    closed
  ),
  provenance: Type.Object(
    {
      ...common,
      kind: Type.Literal('provenance'),
      noteId: NoteId,
      receivable: Receivable,
      note: Type.Object(
        { start: Decimal, end: Decimal, state: State, tier: Count, holder: Count, hasRecourse: Type.Boolean() },
        closed
      )
    },
    closed
  )
}

export const certificateKinds = ['search', 'no-claim', 'pay-to', 'provenance'] as const
export type CertificateKind = (typeof certificateKinds)[number]

export type SearchStatement = Static<typeof StatementShapes.search>
export type NoClaimStatement = Static<(typeof StatementShapes)['no-claim']>
export type PayToStatement = Static<(typeof StatementShapes)['pay-to']>
export type ProvenanceStatement = Static<typeof StatementShapes.provenance>
export type Statement = SearchStatement | NoClaimStatement | PayToStatement | ProvenanceStatement

/** Detached CMS SignedData of GM/T 0010, DER as 0x-hex. */
export const SignatureShape = Type.Object({ algorithm: Type.Literal('sm2-cms'), signature: Hex }, closed)
export type CertificateSignature = Static<typeof SignatureShape>

const ProofShape = Type.Object(
  {
    /** RLP of the block's header. */
    header: Type.String({ pattern: '^0x([0-9a-f]{2})+$', maxLength: 1 << 17 }),
    /** How the chain names its blocks: by the whole header, or as Besu's QBFT does. */
    hashing: Type.Enum(['header', 'qbft']),
    state: Type.Array(StateProofShape, { minItems: 1, maxItems: 2 }),
    /** Code of the registry version, where anchors may not name it yet: the state proof has its hash. */
    code: Type.Optional(Type.String({ pattern: '^0x([0-9a-f]{2})+$', maxLength: 1 << 17 })),
    /** The statement's record, which names its block, as a leaf of the evidence log. */
    anchored: Type.Optional(
      Type.Object({ leafIndex: Count, proof: Type.Array(Bytes32, { maxItems: 64 }), head: SignedHeadShape }, closed)
    )
  },
  closed
)
export type CertificateProof = Static<typeof ProofShape>

export interface Certificate {
  statement: Statement
  proof: CertificateProof
  signature: CertificateSignature
}

/** What the log keeps of a statement. */
export function recordOfStatement(statement: Statement): StatementRecord {
  return statementRecord({
    chainId: statement.deployment.chainId,
    block: statement.asOf,
    statementKind: statement.kind,
    sha256: hexlify(sha256(canonicalBytes(statement)))
  })
}

/** Canonical bytes of a certificate, as it is handed out. Throws CERTIFICATE_MALFORMED. */
export function certificateBytes(certificate: Certificate): Uint8Array {
  return canonicalBytes(checked(certificate))
}

/** Reads a certificate. Throws CERTIFICATE_MALFORMED for another shape, an unknown field or non-canonical bytes. */
export function parseCertificate(bytes: Uint8Array): Certificate {
  if (bytes.length > certificateLimit) malformed(`certificate is larger than ${certificateLimit} bytes`)
  return parseCanonical(bytes, 'CERTIFICATE_MALFORMED', checked)
}

/** The statement's shape is chosen by its kind, so that a refusal names the field of that kind. */
function checked(value: unknown): Certificate {
  const { statement } = (value ?? {}) as { statement?: { kind?: CertificateKind } }
  const shape = statement?.kind !== undefined && Object.hasOwn(StatementShapes, statement.kind)
  if (!shape) return malformed('statement is of an unknown kind')
  const Shape = Type.Object(
    { statement: StatementShapes[statement.kind as CertificateKind], proof: ProofShape, signature: SignatureShape },
    closed
  )
  requireShape(Shape, value, 'CERTIFICATE_MALFORMED')
  const certificate = value as Certificate
  const { asOf, issuedAt } = certificate.statement
  if ([asOf.time, issuedAt].some((time) => Number.isNaN(unixSeconds(time)))) malformed('a time is no time')
  return certificate
}

function malformed(message: string): never {
  throw new EvidenceError('CERTIFICATE_MALFORMED', message)
}
