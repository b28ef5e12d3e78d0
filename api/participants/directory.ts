import type { Party } from '../../domain/documents/invoice.ts'
import { identifiersOf, identifierText, type IdentifierFault } from '../../domain/participant/identifiers.ts'
import {
  deviationsOf,
  identifyingFieldsOf,
  presentedIn,
  resolveParty,
  type Registered
} from '../../domain/participant/resolve.ts'
import { asService, type Pool, type Transaction } from '../database.ts'
import { ApiError } from '../errors.ts'
import { legalIdentitiesOf } from './repository.ts'

export interface DirectoryEntry {
  participantId: number
  name: string
  /** By this identifier fingerprints name the participant. */
  legalIdentity: string
}

export type PartyRole = 'seller' | 'buyer'

const refusals = {
  seller: { contradictory: 'SELLER_CONTRADICTORY', unknown: 'SELLER_UNKNOWN' },
  buyer: { contradictory: 'BUYER_CONTRADICTORY', unknown: 'BUYER_UNKNOWN' }
} as const

/**
 * The participant that a party of a document is, by its registered identifiers; undefined when none is registered. Throws
 * SELLER_CONTRADICTORY or BUYER_CONTRADICTORY: what is shown of it is the document's own, never what is registered.
 */
export async function findParty(
  client: Pool | Transaction,
  party: Party,
  role: PartyRole
): Promise<DirectoryEntry | undefined> {
  const presented = identifiersOf(party)
  const verdict = resolveParty(presented, await registeredBeside(client, presented.identifiers.map(identifierText)))
  if (verdict.kind === 'unknown') return undefined
  if (verdict.kind === 'contradictory') {
    throw new ApiError(refusals[role].contradictory, {
      field: role,
      presented: presentedIn(party, verdict.fields, role),
      required: 'registered identifiers of one participant',
      ...faultsReason(presented.faults, role)
    })
  }
  const { rows } = await client.query<DirectoryEntry>({
    name: 'participant.entry',
    text: `select participant_id as "participantId", name, legal_identity as "legalIdentity"
             from app.participant where participant_id = $1`,
    values: [verdict.participantId]
  })
  return rows[0]
}

/** By which identifier the directory names a party, where its identifiers are those of one participant and of no other. */
export async function legalIdentityByParty(client: Pool | Transaction, party: Party): Promise<string | undefined> {
  const presented = identifiersOf(party)
  const verdict = resolveParty(presented, await registeredBeside(client, presented.identifiers.map(identifierText)))
  if (verdict.kind === 'unknown' || verdict.kind === 'contradictory') return undefined
  return (await legalIdentitiesOf(client, [verdict.participantId]))[0]
}

/** The refusal of a party that nobody is known as: which fields were looked up, and which of them could be nobody's. */
export function unknownParty(party: Party, role: PartyRole, field: string = role): ApiError {
  const { faults } = identifiersOf(party)
  const fields = identifyingFieldsOf(party).map((one) => `${role}.${one}`)
  return new ApiError(refusals[role].unknown, {
    field,
    presented: party,
    required: fields.length > 0 ? `one of ${fields.join(', ')} registered` : 'an identifier that can be registered',
    ...faultsReason(faults, role)
  })
}

/** Who is named as the debtor must not be contradicted by the document: a VAT id of another firm names another firm. */
export async function requireNoContradiction(
  client: Pool | Transaction,
  buyer: Party,
  debtor: number,
  field: string
): Promise<void> {
  const query = {
    name: 'participant.identifiers',
    text: `select participant_id as "participantId", scheme, value
             from app.participant_identifier where participant_id = $1::bigint`,
    values: [debtor]
  }
  const { rows } = await asService(client, (service) => service.query<Registered>(query))
  const fields = deviationsOf(identifiersOf(buyer), rows)
  if (fields.length === 0) return
  throw new ApiError('BUYER_CONTRADICTORY', {
    field,
    presented: presentedIn(buyer, fields, 'buyer'),
    required: 'registered identifiers of the debtor'
  })
}

/** Every identifier of each participant that any of these belongs to. */
async function registeredBeside(client: Pool | Transaction, identifiers: readonly string[]): Promise<Registered[]> {
  const pairs = identifiers.map((text) => [text.slice(0, text.indexOf(':')), text.slice(text.indexOf(':') + 1)])
  const query = {
    name: 'participant.beside-identifiers',
    text: `select i.participant_id as "participantId", i.scheme, i.value
             from app.participant_identifier i
            where i.participant_id in (
              select named.participant_id from app.participant_identifier named
                join unnest($1::text[], $2::text[]) as presented (scheme, value) using (scheme, value))`,
    values: [pairs.map(([scheme]) => scheme), pairs.map(([, value]) => value)]
  }
  return (await asService(client, (service) => service.query<Registered>(query))).rows
}

function faultsReason(faults: readonly IdentifierFault[], role: PartyRole): { reason?: string } {
  if (faults.length === 0) return {}
  return { reason: faults.map(({ field, code }) => `${role}.${field}: ${code}`).join('; ') }
}
