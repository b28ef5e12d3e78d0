/** What honest trade rings: every invoice of a real ledger against all that were issued before it. */
import { readFileSync } from 'node:fs'
import { alarmFactsOf, type AlarmFacts } from '../../../domain/alarms/facts.ts'
import { findParts } from '../../../domain/alarms/parts.ts'
import { compare, DEFAULT_THRESHOLD } from '../../../domain/alarms/rules.ts'
import { lookupsOf, traitsOf, type Trait } from '../../../domain/alarms/traits.ts'
import { readInvoices } from '../../../domain/documents/read.ts'
import { partyKeyOf } from '../../../domain/fingerprint/identity.ts'
import { publicLedger, publicLedgerMapping } from '../documents/public-ledger.ts'

export interface HonestRow {
  readonly invoices: number
  /** Invoices with an alarm from the default threshold on. */
  readonly stopping: number
  /** Of these by what rule. */
  readonly byRule: Readonly<Record<string, number>>
  /** Invoices with alarms below it only. */
  readonly shown: number
}

export function honestLedger(): HonestRow {
  const documents = readInvoices(readFileSync(publicLedger), publicLedgerMapping)
    .map((invoice, i) => {
      return alarmFactsOf(
        invoice,
        { seller: 'SELLER', buyer: partyKeyOf(invoice.buyer), payee: undefined },
        `file ${i}`
      )
    })
    .sort((left, right) => (left.issueDate! < right.issueDate! ? -1 : 1))
  const byTrait = new Map<string, AlarmFacts[]>()
  const byRule: Record<string, number> = {}
  let [stopping, shown] = [0, 0]
  for (const facts of documents) {
    const others = new Set(lookupsOf(facts).flatMap((trait) => byTrait.get(keyOf(trait)) ?? []))
    const findings = [
      ...[...others].flatMap((other) => compare(facts, other)),
      ...findParts(facts, [...others].reverse())
    ]
    const stops = findings.filter(({ score }) => score >= DEFAULT_THRESHOLD)
    for (const rule of new Set(stops.map((finding) => finding.rule))) byRule[rule] = (byRule[rule] ?? 0) + 1
    if (stops.length > 0) stopping++
    else if (findings.length > 0) shown++
    for (const trait of traitsOf(facts)) byTrait.set(keyOf(trait), [...(byTrait.get(keyOf(trait)) ?? []), facts])
  }
  return { invoices: documents.length, stopping, byRule, shown }
}

const keyOf = ({ kind, value }: Trait): string => JSON.stringify([kind, ...value])
