/** Compares a document with what stands registered, and keeps the alarms that ring. */
import { alarmFactsOf, payeeOtherThan, type AlarmFacts } from '../../domain/alarms/facts.ts'
import { findParts } from '../../domain/alarms/parts.ts'
import { compare, payeeFinding, type Finding } from '../../domain/alarms/rules.ts'
import type { NormalisedInvoice } from '../../domain/documents/invoice.ts'
import { partyKeyOf } from '../../domain/fingerprint/identity.ts'
import { asService, type Transaction } from '../database.ts'
import { legalIdentityByParty } from '../participants/directory.ts'
import type { Vault } from '../vault.ts'
import { findCandidates, keepAlarms, keepFacts, readFacts } from './repository.ts'

/** A document's facts, with its id. */
export type Watched = AlarmFacts & { readonly documentId: string }

export interface Arrival {
  documentId: string
  invoice: NormalisedInvoice
  /** Of the file, 0x-hex. */
  sha256: string
  /** Directory names (legal identities); undefined: not a participant. */
  seller: string
  buyer: string | undefined
}

/** Keeps what alarms need of a new document, and compares it with everybody's. */
export function watch(tx: Transaction, vault: Vault, arrival: Arrival): Promise<void> {
  return asService(tx, (service) => keepAndCompare(service, vault, arrival))
}

async function keepAndCompare(tx: Transaction, vault: Vault, arrival: Arrival): Promise<void> {
  const { documentId, invoice, seller, sha256 } = arrival
  const buyer = arrival.buyer ?? partyKeyOf(invoice.buyer)
  const payee = await payeeOf(tx, arrival)
  const facts = alarmFactsOf(invoice, { seller, buyer, payee }, sha256.replace(/^0x/, ''))
  await keepFacts(tx, vault, { ...facts, documentId })
  await compareWithRegistered(tx, { ...facts, documentId }, vault)
}

/**
 * Compares a document again with what came since. Whom it is registered against counts for its buyer from then on: the text may
 * name the same firm in another way.
 */
export function assess(tx: Transaction, vault: Vault, documentId: string, debtor?: string): Promise<void> {
  return asService(tx, (service) => compareAgain(service, vault, documentId, debtor))
}

async function compareAgain(tx: Transaction, vault: Vault, documentId: string, debtor?: string): Promise<void> {
  const known = await readFacts(tx, vault, documentId)
  if (!known) return
  const facts = debtor === undefined ? known : { ...known, buyer: debtor }
  if (facts.buyer !== known.buyer) await keepFacts(tx, vault, facts)
  await compareWithRegistered(tx, facts, vault)
}

/** By the directory where it knows the payee, so that the holder is told from anybody else. */
async function payeeOf(tx: Transaction, { invoice, seller }: Arrival): Promise<string | undefined> {
  if (!invoice.payee) return undefined
  const participant = await legalIdentityByParty(tx, invoice.payee)
  if (participant !== undefined) return participant === seller ? undefined : participant
  return payeeOtherThan(invoice.seller, invoice.payee, partyKeyOf)
}

async function compareWithRegistered(tx: Transaction, facts: Watched, vault: Vault): Promise<void> {
  const others = await findCandidates(tx, vault, facts)
  const findings: { finding: Finding; other: string | null }[] = others.flatMap((other) =>
    compare(facts, other).map((finding) => ({ finding, other: other.documentId }))
  )
  for (const finding of findParts(facts, others)) {
    for (const { documentId } of new Set([finding.total, ...finding.parts])) {
      if (documentId !== facts.documentId) findings.push({ finding, other: documentId })
    }
  }
  const payee = payeeFinding(facts, facts.seller)
  if (payee) findings.push({ finding: payee, other: null })
  await keepAlarms(tx, facts.documentId, findings)
}
