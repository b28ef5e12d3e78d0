import { Type } from 'typebox'
import { managedKeyStates } from '../../domain/participant/managed-key.ts'
import { keyKinds } from '../../domain/participant/private-key.ts'
import { Bytes32, strict, Uuid } from '../schemas.ts'

const Duty = Type.Enum(['maker', 'checker'])
const Nullable = (schema: typeof Uuid) => Type.Union([schema, Type.Null()])
const When = Type.String({ format: 'date-time' })
const Signer = Type.String({
  pattern: '^0x([0-9a-fA-F]{40}|[0-9a-fA-F]{168})$',
  description: 'ERC-7913: an address, or verifier ‖ x ‖ y'
})

export const ManagedKeyParams = Type.Object({ managedKeyId: Uuid })

export const ManagedKeySchema = Type.Object(
  {
    managedKeyId: Uuid,
    userId: Uuid,
    duty: Duty,
    kind: Type.Enum([...keyKinds]),
    signer: Signer,
    state: Type.Enum([...managedKeyStates], {
      description: 'It signs while active. Ended, removed and lapsed are final: the private key is gone'
    }),
    isSigner: Type.Union([Type.Boolean(), Type.Null()], {
      description:
        'The account has it among its signers: in the list as the account says it, null while the chain is silent; else as the directory has it'
    }),
    certificateRequest: Type.Union([Type.String(), Type.Null()], {
      description: 'PKCS#10 of an SM2 key in PEM, for your authority'
    }),
    intentId: { ...Uuid, description: 'By which your signers choose it' },
    removalIntentId: Type.Union([Uuid, Type.Null()], { description: 'By which they remove it, as proposed last' }),
    createdBy: Type.String(),
    createdAt: When,
    changedAt: When
  },
  strict
)

export const ManagedKeyUseSchema = Type.Object(
  {
    intentId: Nullable(Uuid),
    quoteId: Nullable(Uuid),
    userId: Uuid,
    digest: Bytes32,
    requestId: Type.String(),
    usedAt: When
  },
  strict
)

export const ManagedKeyBody = Type.Object(
  {
    userId: Uuid,
    duty: Duty,
    kind: Type.Enum([...keyKinds]),
    replaces: Type.Optional({ ...Signer, description: 'The signer of this duty that it takes the place of' })
  },
  strict
)

export const RemovalBody = Type.Object(
  { replacement: Type.Optional({ ...Signer, description: 'Your own key of this duty that takes its place' }) },
  strict
)

export const CertificatesBody = Type.Object(
  {
    certificates: Type.String({
      minLength: 1,
      maxLength: 50_000,
      description: 'PEM: of the key, and those between it and an authority'
    })
  },
  strict
)
