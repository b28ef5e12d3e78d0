/** UN/EDIFACT INVOIC D.14B with the qualifiers of EN 16931-3-4, in UTF-8 (UNOW). */
import type { Party } from '../invoice.ts'
import { compactDay, decimalsOf, typeCodeOf, type SampleInvoice } from './model.ts'

type Element = string | readonly string[]

/** The release character goes before separators, the terminator and itself. */
function released(text: string): string {
  return text.replace(/[?+:']/g, '?$&')
}

function segment(tag: string, ...elements: readonly Element[]): string {
  return `${[tag, ...elements.map(elementOf)].join('+')}'`
}

/** Empty components at the end are left out. */
function elementOf(element: Element): string {
  const components = typeof element === 'string' ? [element] : element
  const used = components.findLastIndex((component) => component !== '') + 1
  return components.slice(0, used).map(released).join(':')
}

function when(value: string | undefined, make: (value: string) => string): string[] {
  return value === undefined ? [] : [make(value)]
}

function partyOf(role: string, { ids, name, country, vat, tax, legal }: Party): string[] {
  const [id] = ids
  const address = country === undefined ? [] : ['', '', '', '', country]
  return [
    segment('NAD', role, id ? [id.v, id.scheme ?? ''] : '', '', name ?? '', ...address),
    ...when(legal?.v, (v) => segment('RFF', ['GN', v])),
    ...when(vat, (v) => segment('RFF', ['VA', v])),
    ...when(tax, (v) => segment('RFF', ['AHP', v]))
  ]
}

export function writeEdifact(invoice: SampleInvoice): Uint8Array {
  const { number, issueDate, dueDate, currency, preceding, order, contract, seller, buyer, payee, item } = invoice
  const { net, tax, gross, payable, rate } = decimalsOf(invoice)
  const day = (qualifier: string, value: string): string => segment('DTM', [qualifier, compactDay(value), '102'])
  const message = [
    segment('UNH', '1', ['INVOIC', 'D', '14B', 'UN']),
    segment('BGM', typeCodeOf(invoice), number),
    day('137', issueDate),
    ...when(order, (v) => segment('RFF', ['ON', v])),
    ...when(contract, (v) => segment('RFF', ['CT', v])),
    ...when(preceding, (v) => segment('RFF', ['OI', v])),
    ...partyOf('SE', seller),
    ...partyOf('BY', buyer),
    ...(payee ? partyOf('PE', payee) : []),
    segment('CUX', ['2', currency]),
    ...when(dueDate, (v) => `${segment('PYT', '1')}\n${day('13', v)}`),
    segment('LIN', '1'),
    segment('IMD', '', '', ['', '', '', item]),
    segment('QTY', ['47', '1']),
    segment('MOA', ['203', net]),
    segment('UNS', 'S'),
    segment('MOA', ['388', gross]),
    segment('MOA', ['9', payable]),
    segment('TAX', '7', 'VAT', '', '', ['', '', '', rate], 'S'),
    segment('MOA', ['124', tax])
  ]
  const count = String(message.join('\n').split("'\n").length + 1)
  const stamp = compactDay(issueDate)
  return new TextEncoder().encode(
    [
      "UNA:+.? '",
      segment('UNB', ['UNOW', '4'], ['SAMPLE-SELLER', 'ZZZ'], ['SAMPLE-BUYER', 'ZZZ'], [stamp, '1200'], '1'),
      ...message,
      segment('UNT', count, '1'),
      segment('UNZ', '1', '1'),
      ''
    ].join('\n')
  )
}
