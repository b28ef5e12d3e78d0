import { Type, type Static } from 'typebox'
import type { Party } from '../../domain/documents/invoice.ts'
import { currencyNumberOf } from '../../domain/money/currency.ts'
import { AMOUNT_MAX, receivableIdToHex } from '../../domain/note/span.ts'
import { receivableIdOf, type Terms } from '../../domain/receivable/terms.ts'
import { contentCommitmentOf } from '../../domain/fingerprint/commitment.ts'
import { partyKeyOf } from '../../domain/fingerprint/identity.ts'
import { fingerprintsOf } from '../../domain/fingerprint/keys.ts'
import { assess } from '../alarms/assess.ts'
import type { Services } from '../app.ts'
import type { Vault } from '../vault.ts'
import type { Transaction } from '../database.ts'
import { contentsOf } from '../documents/json.ts'
import { findDocument, findStanding, type StoredDocument } from '../documents/repository.ts'
import { ApiError } from '../errors.ts'
import { createIntent } from '../intents/create.ts'
import type { IntentView } from '../intents/repository.ts'
import { findParty, requireNoContradiction, unknownParty } from '../participants/directory.ts'
import { legalIdentitiesOf, rolesOf } from '../participants/repository.ts'
import type { Caller } from '../plugins/auth.ts'
import { ParticipantId, strict, UnixSeconds, Uuid } from '../schemas.ts'
import { chainTime } from './repository.ts'

/** Longest time to maturity. Seconds. */
export const MAX_TENOR = 366 * 24 * 3600

export const RegisterBody = Type.Object(
  {
    documentId: Uuid,
    debtor: Type.Optional(ParticipantId),
    maturity: Type.Optional(UnixSeconds)
  },
  strict
)

/** Proposes the registration of a receivable from a document of the caller's. */
export async function register(
  tx: Transaction,
  { config, vault, fingerprintKeys }: Services,
  caller: Caller,
  body: Static<typeof RegisterBody>
): Promise<IntentView> {
  const document = await findDocument(tx, vault, body.documentId, caller.participantId)
  if (!document) throw new ApiError('DOCUMENT_NOT_FOUND', { field: 'body/documentId', presented: body.documentId })
  if (document.invoice.class !== 'R') {
    throw new ApiError('DOCUMENT_NOT_RECEIVABLE', { presented: document.invoice.class, required: 'R' })
  }
  const amount = BigInt(document.invoice.payable)
  if (amount <= 0n || amount > AMOUNT_MAX) {
    throw new ApiError('AMOUNT_INVALID', { presented: document.invoice.payable, required: `1 to ${AMOUNT_MAX}` })
  }
  const fingerprints = fingerprintsOf(document.identity, fingerprintKeys)
  await requireFree(tx, vault, document, fingerprints)
  const debtor = await debtorOf(tx, document, body.debtor)
  const [debtorIdentity] = await legalIdentitiesOf(tx, [debtor])
  await assess(tx, vault, document.documentId, debtorIdentity)
  const terms: Terms = {
    creditor: caller.participantId,
    debtor,
    amount,
    currency: currencyNumberOf(document.invoice.currency),
    maturity: maturityOf(document, body.maturity, await chainTime(tx)),
    contentCommitment: document.contentCommitment
  }
  return createIntent(tx, config.deployment, caller, {
    commands: [{ kind: 'register', terms, fingerprints }],
    receivableId: receivableIdToHex(receivableIdOf(terms, fingerprints)),
    currency: terms.currency,
    request: body
  })
}

/**
 * A document whose invoice stands behind a receivable with other content is a conflict. With the same content the contract refuses
 * it, unless all that the receivable claimed is under keys that were retired since: then this does.
 */
async function requireFree(
  tx: Transaction,
  vault: Vault,
  document: StoredDocument,
  fingerprints: readonly string[]
): Promise<void> {
  const contents = contentsOf(document.invoice, document.identity)
  const [seller] = await legalIdentitiesOf(tx, [document.participantId])
  const keyOf = (party: Party): string | undefined => (party === contents.seller ? seller : partyKeyOf(party))
  for (const standing of await findStanding(tx, vault, fingerprints)) {
    if (contentCommitmentOf(contents, standing.contentSalt, keyOf) !== standing.contentCommitment) {
      throw conflictOf(document, standing)
    }
    if (!standing.claimed.some((claimed) => fingerprints.includes(claimed))) {
      throw new ApiError('FINGERPRINT_CLAIMED', {
        field: 'body/documentId',
        presented: document.documentId,
        required: 'a free document',
        reason: `receivable ${standing.receivableId} claimed it under a key that was retired since`
      })
    }
  }
}

/** The same identity with other content is never a silent duplicate: it names the fields that differ. */
function conflictOf(
  document: StoredDocument,
  registered: { receivableId: string; invoice: StoredDocument['invoice'] }
): ApiError {
  const fields = ['number', 'issueDate', 'currency', 'payable', 'gross', 'buyer'] as const
  const differing = fields.filter(
    (field) => JSON.stringify(document.invoice[field]) !== JSON.stringify(registered.invoice[field])
  )
  const pick = (invoice: StoredDocument['invoice']) =>
    Object.fromEntries(differing.map((field) => [field, invoice[field]]))
  return new ApiError('IDENTITY_CONFLICT', {
    presented: pick(document.invoice),
    required: pick(registered.invoice),
    reason: `receivable ${registered.receivableId} stands on a document of the same identity`
  })
}

async function debtorOf(tx: Transaction, document: StoredDocument, named: number | undefined): Promise<number> {
  const buyer = document.invoice.buyer as Party
  const byDocument = (await findParty(tx, buyer, 'buyer'))?.participantId
  if (named !== undefined && byDocument !== undefined && named !== byDocument) {
    throw new ApiError('DEBTOR_MISMATCH', { field: 'body/debtor', presented: named, required: byDocument })
  }
  const debtor = named ?? byDocument
  if (debtor === undefined) throw unknownParty(buyer, 'buyer', 'body/debtor')
  const roles = await rolesOf(tx, debtor)
  if (!roles) throw new ApiError('PARTICIPANT_UNKNOWN', { field: 'body/debtor', presented: debtor })
  if (!roles.includes('debtor'))
    throw new ApiError('ROLE_MISSING', { field: 'body/debtor', presented: roles, required: ['debtor'] })
  await requireNoContradiction(tx, buyer, debtor, 'body/debtor')
  return debtor
}

/** The end of the due day in UTC, unless the parties agreed on another moment. */
function maturityOf(document: StoredDocument, agreed: number | undefined, now: number): number {
  const due = document.invoice.dueDate
  if (agreed === undefined && !due) throw new ApiError('MATURITY_MISSING', { field: 'body/maturity' })
  const maturity = agreed ?? Math.floor(Date.parse(`${due}T23:59:59Z`) / 1000)
  if (maturity <= now || maturity > now + MAX_TENOR) {
    throw new ApiError('MATURITY_INVALID', {
      field: 'body/maturity',
      presented: maturity,
      required: [now + 1, now + MAX_TENOR]
    })
  }
  return maturity
}
