import { Type, type Static } from 'typebox'
import type { Party } from '../../domain/documents/invoice.ts'
import type { Command } from '../../domain/intent/commands.ts'
import { currencyNumberOf } from '../../domain/money/currency.ts'
import { AMOUNT_MAX, receivableIdToHex } from '../../domain/note/span.ts'
import { receivableIdOf, type Terms } from '../../domain/receivable/terms.ts'
import { contentCommitmentOf } from '../../domain/fingerprint/commitment.ts'
import { partyKeyOf } from '../../domain/fingerprint/identity.ts'
import { fingerprintsOf, MAX_KEYS } from '../../domain/fingerprint/keys.ts'
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
import { strict, UnixSeconds, Uuid } from '../schemas.ts'
import { documentOf, type RegisterBody } from './fields.ts'
import { chainTime } from './repository.ts'

/** Longest time to maturity. Seconds. */
export const MAX_TENOR = 366 * 24 * 3600

export const IssueBody = Type.Object({ documentId: Uuid, maturity: Type.Optional(UnixSeconds) }, strict)

/** What founds a receivable, and the number of its invoice. */
export interface Founding {
  command: Extract<Command, { kind: 'register' | 'issue' }>
  receivableId: string
  number: string
}

/** Proposes the registration of a receivable from a document of the caller's, who is its seller. */
export async function register(
  tx: Transaction,
  services: Services,
  caller: Caller,
  body: Static<typeof RegisterBody>
): Promise<IntentView> {
  return propose(tx, services, caller, await registrationOf(tx, services, caller, body), body)
}

/** Throws ApiError for what can not be registered. */
export async function registrationOf(
  tx: Transaction,
  services: Services,
  caller: Caller,
  body: Static<typeof RegisterBody>
): Promise<Founding> {
  const document = await invoiceOf(tx, services, caller, await documentOf(tx, services, caller, body))
  await requireSeller(tx, document, caller)
  const debtor = await debtorOf(tx, document, body.debtor)
  return foundingOf(tx, services, document, { creditor: caller.participantId, debtor }, 'register', body.maturity)
}

/**
 * Proposes that the caller, who is the buyer of a document that it brought, owes it from now on: registered and confirmed at once. The
 * document's fingerprints are claimed as in a registration, so that one of the two can be and never both.
 */
export async function issue(
  tx: Transaction,
  services: Services,
  caller: Caller,
  body: Static<typeof IssueBody>
): Promise<IntentView> {
  const document = await invoiceOf(tx, services, caller, body.documentId)
  const parties = { creditor: await creditorOf(tx, document, caller), debtor: caller.participantId }
  return propose(tx, services, caller, await foundingOf(tx, services, document, parties, 'issue', body.maturity), body)
}

function propose(
  tx: Transaction,
  { config }: Services,
  caller: Caller,
  { command, receivableId }: Founding,
  request: object
): Promise<IntentView> {
  const { currency } = command.terms
  return createIntent(tx, config.deployment, caller, { commands: [command], receivableId, currency, request })
}

/** A document of the caller's by which money is owed. */
async function invoiceOf(
  tx: Transaction,
  { vault }: Services,
  caller: Caller,
  documentId: string
): Promise<StoredDocument> {
  const document = await findDocument(tx, vault, documentId, caller.participantId)
  if (!document) throw new ApiError('DOCUMENT_NOT_FOUND', { field: 'body/documentId', presented: documentId })
  if (document.invoice.class !== 'R') {
    throw new ApiError('DOCUMENT_NOT_RECEIVABLE', { presented: document.invoice.class, required: 'R' })
  }
  return document
}

async function foundingOf(
  tx: Transaction,
  { vault, fingerprintKeys }: Services,
  document: StoredDocument,
  { creditor, debtor }: { creditor: number; debtor: number },
  kind: 'register' | 'issue',
  maturity: number | undefined
): Promise<Founding> {
  const amount = BigInt(document.invoice.payable)
  if (amount <= 0n || amount > AMOUNT_MAX) {
    throw new ApiError('AMOUNT_INVALID', { presented: document.invoice.payable, required: `1 to ${AMOUNT_MAX}` })
  }
  const fingerprints = fingerprintsOf(document.identities, fingerprintKeys)
  if (fingerprints.length > MAX_KEYS) {
    throw new ApiError('FINGERPRINTS_TOO_MANY', { presented: fingerprints.length, required: MAX_KEYS })
  }
  await requireFree(tx, vault, document, creditor, fingerprints)
  const [debtorIdentity] = await legalIdentitiesOf(tx, [debtor])
  await assess(tx, vault, document.documentId, debtorIdentity)
  const terms: Terms = {
    creditor,
    debtor,
    amount,
    currency: currencyNumberOf(document.invoice.currency),
    maturity: maturityOf(document, maturity, await chainTime(tx)),
    contentCommitment: document.contentCommitment
  }
  return {
    command: { kind, terms, fingerprints },
    receivableId: receivableIdToHex(receivableIdOf(terms, fingerprints)),
    number: document.invoice.number
  }
}

/**
 * A document whose invoice stands behind a receivable with other content is a conflict. With the same content the contract refuses
 * it, unless all that the receivable claimed is under keys that were retired since: then this does.
 */
async function requireFree(
  tx: Transaction,
  vault: Vault,
  document: StoredDocument,
  creditor: number,
  fingerprints: readonly string[]
): Promise<void> {
  const contents = contentsOf(document.invoice, document.identity)
  const [seller] = await legalIdentitiesOf(tx, [creditor])
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

/** Only a debtor can have brought an invoice of somebody else: one that it owes, and sells nothing by. */
async function requireSeller(tx: Transaction, document: StoredDocument, caller: Caller): Promise<void> {
  if (!caller.roles.includes('debtor')) return
  const seller = await findParty(tx, document.invoice.seller as Party, 'seller')
  if (seller?.participantId === caller.participantId) return
  throw new ApiError('SELLER_MISMATCH', {
    field: 'body/documentId',
    presented: seller?.name ?? null,
    required: 'yourself'
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

/** The seller, where the caller is the buyer: nobody issues what another owes, or to itself. */
async function creditorOf(tx: Transaction, document: StoredDocument, { participantId }: Caller): Promise<number> {
  const seller = document.invoice.seller as Party
  const buyer = await findParty(tx, document.invoice.buyer as Party, 'buyer')
  if (buyer?.participantId !== participantId) {
    const details = { field: 'body/documentId', presented: buyer?.participantId ?? null, required: participantId }
    throw new ApiError('DEBTOR_MISMATCH', details)
  }
  const creditor = (await findParty(tx, seller, 'seller'))?.participantId
  if (creditor === undefined) throw unknownParty(seller, 'seller', 'body/documentId')
  const roles = await rolesOf(tx, creditor)
  if (!roles?.includes('supplier')) {
    throw new ApiError('ROLE_MISSING', { field: 'body/documentId', presented: roles, required: ['supplier'] })
  }
  return creditor
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
