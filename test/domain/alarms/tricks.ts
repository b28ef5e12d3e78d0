/** What fraudsters do to an invoice that is registered already, and what our rules say to it. Facts: ../shared/facts/data.md §7. */
import { alarmFactsOf, payeeOtherThan, type AlarmFacts } from '../../../domain/alarms/facts.ts'
import { findParts } from '../../../domain/alarms/parts.ts'
import { compare, DEFAULT_THRESHOLD, type Finding } from '../../../domain/alarms/rules.ts'
import type { NormalisedInvoice, Party } from '../../../domain/documents/invoice.ts'
import { identityOf, partyKeyOf } from '../../../domain/fingerprint/identity.ts'
import { identifiersOf, identifierText } from '../../../domain/participant/identifiers.ts'

type Trick = (invoice: NormalisedInvoice) => readonly NormalisedInvoice[] | undefined

const renumbered = (change: (number: string) => string): Trick => {
  return (invoice) => {
    const number = change(invoice.number)
    return number === invoice.number ? undefined : [{ ...invoice, number }]
  }
}
const day = (date: string, days: number): string =>
  new Date(Date.parse(date) + days * 86_400_000).toISOString().slice(0, 10)
const plus = ({ payable, gross }: NormalisedInvoice, more: bigint) => ({
  payable: payable + more,
  ...(gross === undefined ? {} : { gross: gross + more })
})
const grossOf = (invoice: NormalisedInvoice): bigint => invoice.gross ?? invoice.payable
const without = <K extends keyof Party>(party: Party, ...keys: K[]): Party => {
  return Object.fromEntries(Object.entries(party).filter(([key]) => !keys.includes(key as K))) as unknown as Party
}
const isChinese = ({ format }: NormalisedInvoice): boolean => format.startsWith('CN-')
const elsewhere =
  (trick: Trick): Trick =>
  (invoice) =>
    isChinese(invoice) ? undefined : trick(invoice)

/** Numbers of Chinese e-invoices are issued by the state: who changes one has no invoice, so those tricks are for the others. */
export const tricks: Readonly<Record<string, Trick>> = {
  'another format, the same fields': (invoice) => [{ ...invoice, provenance: {} }],
  'blanks between the characters': renumbered((number) => [...number].join(' ')),
  'zero-width characters': renumbered((number) => [...number].join('\u200b')),
  'another dash': renumbered((number) => number.replaceAll('-', '\u2013')),
  'lower case': renumbered((number) => number.toLowerCase()),
  'full-width': renumbered((number) =>
    number.replace(/[!-~]/g, (c) => String.fromCodePoint(c.codePointAt(0)! + 0xfee0))
  ),
  'O for 0, l for 1': elsewhere(renumbered((number) => number.replaceAll('0', 'O').replaceAll('1', 'l'))),
  'Cyrillic letters': elsewhere(
    renumbered((number) =>
      number.toUpperCase().replace(/[ABCEHKMOPTXY]/g, (c) => 'АВСЕНКМОРТХУ'['ABCEHKMOPTXY'.indexOf(c)]!)
    )
  ),
  'leading zeros': elsewhere(renumbered((number) => `00${number}`)),
  'prefix INV-': elsewhere(renumbered((number) => `INV-${number}`)),
  'suffix -R': elsewhere(renumbered((number) => `${number}-R`)),
  'new number, same economics': elsewhere((invoice) => [{ ...invoice, number: 'QZ/77431' }]),
  'amount + 0.01': (invoice) => [{ ...invoice, ...plus(invoice, 1n) }],
  'date + 1 day': (invoice) => (invoice.issueDate ? [{ ...invoice, issueDate: day(invoice.issueDate, 1) }] : undefined),
  'another currency': (invoice) => [{ ...invoice, currency: invoice.currency === 'EUR' ? 'USD' : 'EUR' }],
  'buyer renamed': (invoice) => [{ ...invoice, buyer: { ids: [], name: 'Another Buyer Ltd' } }],
  'date into another year': elsewhere((invoice) => [
    {
      ...invoice,
      issueDate: `${Number(invoice.issueDate!.slice(0, 4)) + 1}${invoice.issueDate!.slice(4)}`.replace('02-29', '02-28')
    }
  ]),
  'another due date': (invoice) => [{ ...invoice, dueDate: '2031-01-31' }],
  'VAT country prefix left out': elsewhere((invoice) => {
    const { vat } = invoice.seller
    if (vat === undefined || !/^[A-Z]{2}/.test(vat)) return undefined
    return [{ ...invoice, seller: { ...invoice.seller, vat: vat.slice(2) } }]
  }),
  'seller VAT left out': elsewhere((invoice) =>
    invoice.seller.vat === undefined ? undefined : [{ ...invoice, seller: without(invoice.seller, 'vat') }]
  ),
  'split in two, suffix -A and -B': elsewhere((invoice) => inTwo(invoice, (number, part) => `${number}-${part}`)),
  'split in two, new numbers': elsewhere((invoice) => inTwo(invoice, (_, part) => `QZ/7743${part === 'A' ? 1 : 2}`)),
  'split in two, new numbers, no order': elsewhere((invoice) =>
    inTwo({ ...invoice, orders: [], contracts: [] }, (_, part) => `QZ/7743${part === 'A' ? 1 : 2}`)
  ),
  'new number, + 0.01, + 1 day': elsewhere((invoice) => [
    { ...invoice, number: 'QZ/77431', ...plus(invoice, 1n), issueDate: day(invoice.issueDate!, 1) }
  ]),
  'new number, + 0.01, + 1 day, buyer renamed': elsewhere((invoice) => [
    {
      ...invoice,
      number: 'QZ/77431',
      ...plus(invoice, 1n),
      issueDate: day(invoice.issueDate!, 1),
      buyer: { ids: [], name: 'Another Buyer Ltd' }
    }
  ]),
  'payable to another': (invoice) => [
    { ...invoice, number: invoice.number, payee: { ids: [], name: 'Quick Factoring Ltd' } }
  ]
}

function inTwo(invoice: NormalisedInvoice, number: (number: string, part: 'A' | 'B') => string): NormalisedInvoice[] {
  // Unequal, so that the parts do not look like each other.
  const first = (grossOf(invoice) * 37n) / 100n
  const part = (name: 'A' | 'B', amount: bigint): NormalisedInvoice => {
    return { ...invoice, number: number(invoice.number, name), payable: amount, gross: amount, attachments: [] }
  }
  return [part('A', first), part('B', grossOf(invoice) - first)]
}

export interface Outcome {
  /** How the fingerprint or the directory refuses it. */
  readonly refused: 'identity' | 'seller-unknown' | undefined
  readonly findings: readonly Finding[]
}

/** Sellers by every identifier that the documents give them, as a directory that has admitted them all: one identifier, one firm. */
export class Directory {
  readonly #firms = new Map<string, string>()

  constructor(invoices: readonly NormalisedInvoice[]) {
    for (const { seller } of invoices) {
      const keys = keysOf(seller)
      const joined = new Set(keys.flatMap((key) => this.#firms.get(key) ?? []))
      for (const [key, firm] of this.#firms) if (joined.has(firm)) this.#firms.set(key, keys[0]!)
      for (const key of keys) this.#firms.set(key, keys[0]!)
    }
  }

  /** The firm, by any identifier; never by its name. */
  find(party: Party): string | undefined {
    return keysOf(party)
      .map((key) => this.#firms.get(key))
      .find((firm) => firm !== undefined)
  }
}

const keysOf = (party: Party): string[] => identifiersOf(party).identifiers.map(identifierText)

/** What happens to whoever presents the variation, after the invoice itself is registered. */
export function outcomeOf(
  directory: Directory,
  original: NormalisedInvoice,
  presented: readonly NormalisedInvoice[]
): Outcome {
  const registered = [factsOf(directory, original, 'original')!]
  const identity = identityOf(original, sellerKeyOf(directory)).join('\n')
  const findings: Finding[] = []
  for (const [i, invoice] of presented.entries()) {
    const facts = factsOf(directory, invoice, `presented ${i}`)
    if (!facts) return { refused: 'seller-unknown', findings }
    if (identityOf(invoice, sellerKeyOf(directory)).join('\n') === identity) return { refused: 'identity', findings }
    findings.push(...registered.flatMap((other) => compare(facts, other)), ...findParts(facts, registered))
    registered.push(facts)
  }
  return { refused: undefined, findings }
}

const sellerKeyOf = (directory: Directory) => (party: Party) => directory.find(party)

function factsOf(directory: Directory, invoice: NormalisedInvoice, file: string): AlarmFacts | undefined {
  const seller = directory.find(invoice.seller)
  if (seller === undefined && !isChinese(invoice)) return undefined
  const payee = payeeOtherThan(invoice.seller, invoice.payee, partyKeyOf)
  return alarmFactsOf(
    invoice,
    { seller: seller ?? partyKeyOf(invoice.seller) ?? '', buyer: partyKeyOf(invoice.buyer), payee },
    file
  )
}

export interface TrickRow {
  readonly trick: string
  readonly tried: number
  readonly identity: number
  readonly sellerUnknown: number
  /** Alarms below the threshold only. */
  readonly shown: number
  /** Alarms that stop financing until a person decides. */
  readonly stopping: number
  readonly missed: number
}

/** Every trick on every invoice whose seller can be admitted, which a firm that has but a name can not. */
export function tableOf(all: readonly NormalisedInvoice[]): TrickRow[] {
  const directory = new Directory(all)
  const invoices = all.filter((invoice) => isChinese(invoice) || directory.find(invoice.seller) !== undefined)
  return Object.entries(tricks).map(([trick, play]) => {
    const outcomes = invoices.flatMap((invoice) => {
      const presented = play(invoice)
      return presented ? [outcomeOf(directory, invoice, presented)] : []
    })
    const open = outcomes.filter(({ refused }) => refused === undefined)
    const best = open.map(({ findings }) => Math.max(-1, ...findings.map(({ score }) => score)))
    return {
      trick,
      tried: outcomes.length,
      identity: outcomes.filter(({ refused }) => refused === 'identity').length,
      sellerUnknown: outcomes.filter(({ refused }) => refused === 'seller-unknown').length,
      shown: best.filter((score) => score >= 0 && score < DEFAULT_THRESHOLD).length,
      stopping: best.filter((score) => score >= DEFAULT_THRESHOLD).length,
      missed: best.filter((score) => score < 0).length
    }
  })
}
