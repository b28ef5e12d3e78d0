/**
 * UN/EDIFACT INVOIC D.96A to D.16B (ISO 9735 syntax), one message an interchange, with the qualifiers of EN 16931-3-4.
 * Line items are not read.
 */
import { FieldReader, present } from './fields.ts'
import type { Identifier, NormalisedInvoice, Party } from './invoice.ts'
import { DocumentRefused } from './refusal.ts'
import { classOf, isCreditType } from './sign.ts'
import { decodeLatin1 } from './text.ts'
import { XmlElement } from './xml.ts'

const SEGMENTS_MAX = 100_000

/** Elements of a segment, each a list of components. */
type Segment = readonly (readonly string[])[]

export function isEdifact(bytes: Uint8Array): boolean {
  return /^\s*(UNA.{6}\s*)?UNB[^A-Za-z0-9]/.test(decodeLatin1(bytes.subarray(0, 64)))
}

/** Throws `DocumentRefused`, EDIFACT_MALFORMED among others. */
export function readEdifact(bytes: Uint8Array): NormalisedInvoice {
  const segments = messageOf(segmentsOf(textOf(bytes)))
  const itemsFrom = endAt(segments, ['LIN', 'UNS'])
  const summaryFrom = segments.findIndex((segment) => tagOf(segment) === 'UNS')
  const head = segments.slice(0, itemsFrom)
  const partiesFrom = endAt(head, ['NAD'])
  const summary = summaryFrom < 0 ? [] : segments.slice(summaryFrom)
  const reader = new FieldReader()
  const currency = reader.currency(valueIn(head, 'CUX', '2'), undefined)
  const payableElement = valueIn(summary, 'MOA', '9')
  const gross = reader.amount('gross', valueIn(summary, 'MOA', '388'), currency)
  const payable = reader.requiredAmount('payable', payableElement, currency)
  const begin = onlySegment(head, (segment) => tagOf(segment) === 'BGM', 'BGM')
  const typeCode = reader.text('type', elementOf('BGM/1001', begin?.[1]?.[0]))
  const references = (qualifier: string): string[] | undefined => {
    const values = head.slice(0, partiesFrom).flatMap((segment) => {
      const [found, value] = tagOf(segment) === 'RFF' ? (segment[1] ?? []) : []
      return found === qualifier && value ? [value] : []
    })
    return values.length === 0 ? undefined : values
  }
  return {
    format: 'EDIFACT',
    class: classOf(isCreditType(typeCode), gross, payable),
    number: reader.number(elementOf('BGM/1004', begin?.[2]?.[0])),
    issueDate: reader.requiredDate('issueDate', valueIn(head, 'DTM', '137')),
    currency,
    payable,
    seller: partyOf(reader, 'seller', head, 'SE') ?? { ids: [] },
    buyer: partyOf(reader, 'buyer', head, 'BY') ?? { ids: [] },
    preceding: references('OI') ?? [],
    ...present({
      gross,
      dueDate: reader.date('dueDate', valueIn(head, 'DTM', '13')),
      payee: partyOf(reader, 'payee', head, 'PE'),
      orders: references('ON'),
      contracts: references('CT')
    }),
    provenance: reader.provenance
  }
}

function malformed(presented: string, required: string): DocumentRefused {
  return new DocumentRefused('EDIFACT_MALFORMED', { presented, required })
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return decodeLatin1(bytes)
  }
}

/** Separators as UNA gives them, else those of ISO 9735. The release character takes the next one as it is. */
function segmentsOf(text: string): Segment[] {
  const advice = /^\s*UNA([^]{6})/.exec(text)
  const [component, element, , release, , terminator] = [...(advice?.[1] ?? ":+.? '")]
  const segments: string[][][] = []
  let segment: string[][] = [['']]
  const append = (character: string): void => {
    const parts = segment.at(-1)!
    parts[parts.length - 1] += character
  }
  for (let at = advice ? advice[0].length : 0; at < text.length; at++) {
    const character = text[at]!
    if (character === release) append(text[++at] ?? '')
    else if (character === component) segment.at(-1)!.push('')
    else if (character === element) segment.push([''])
    else if (character === terminator) {
      segments.push(segment)
      segment = [['']]
      if (segments.length > SEGMENTS_MAX) throw malformed('too many segments', `at most ${SEGMENTS_MAX}`)
    } else if (segment.length > 1 || segment[0]!.length > 1 || !/\s/.test(character)) append(character)
  }
  if (segment.length > 1 || segment[0]![0] !== '') throw malformed(segment[0]![0]!, 'a terminator at the end')
  return segments
}

/** The one INVOIC between UNH and UNT, whose count of segments must be there to be read, not to be right. */
function messageOf(segments: readonly Segment[]): Segment[] {
  const starts = segments.flatMap((segment, index) => (tagOf(segment) === 'UNH' ? [index] : []))
  const end = segments.findIndex((segment) => tagOf(segment) === 'UNT')
  if (starts.length !== 1 || end < starts[0]!) throw malformed(`${starts.length} messages`, 'one, with UNH and UNT')
  const kind = segments[starts[0]!]![2]?.[0] ?? ''
  if (kind !== 'INVOIC') throw new DocumentRefused('DOCUMENT_KIND_UNKNOWN', { presented: kind, required: 'INVOIC' })
  return segments.slice(starts[0]! + 1, end)
}

function tagOf(segment: Segment): string {
  return segment[0]?.[0] ?? ''
}

function endAt(segments: readonly Segment[], tags: readonly string[]): number {
  const found = segments.findIndex((segment) => tags.includes(tagOf(segment)))
  return found < 0 ? segments.length : found
}

/** As an element, so that the same reader with the same checks takes it and provenance names tag and qualifier. */
function elementOf(name: string, text: string | undefined): XmlElement | undefined {
  if (text === undefined) return undefined
  const element = new XmlElement('', name, new XmlElement('', 'INVOIC', undefined, new Map()), new Map())
  element.text = text
  return element
}

function onlySegment(
  segments: readonly Segment[],
  is: (segment: Segment) => boolean,
  field: string
): Segment | undefined {
  const [found, another] = segments.filter(is)
  if (another) throw new DocumentRefused('FIELD_REPEATED', { field, required: 'one segment' })
  return found
}

/** Second component of the segment with that qualifier. */
function valueIn(segments: readonly Segment[], tag: string, qualifier: string): XmlElement | undefined {
  const is = (segment: Segment): boolean => tagOf(segment) === tag && segment[1]?.[0] === qualifier
  const name = `${tag}+${qualifier}`
  return elementOf(name, onlySegment(segments, is, name)?.[1]?.[1])
}

/** NAD with the references up to the next party. GN legal registration, VA VAT, AHP tax registration. */
function partyOf(reader: FieldReader, field: string, head: readonly Segment[], role: string): Party | undefined {
  const is = (segment: Segment): boolean => tagOf(segment) === 'NAD' && segment[1]?.[0] === role
  const address = onlySegment(head, is, `NAD+${role}`)
  if (!address) return undefined
  const after = head.slice(head.indexOf(address) + 1)
  const own = after.slice(0, endAt(after, ['NAD', 'CUX', 'PYT', 'TDT', 'ALC']))
  const [id, scheme] = address[2] ?? []
  const ids: Identifier[] = id ? [scheme ? { v: id, scheme } : { v: id }] : []
  const name = address[4]?.[0] || address[3]?.[0]
  const legal = valueIn(own, 'RFF', 'GN')?.text.trim()
  return {
    ids,
    ...present({
      vat: reader.text(`${field}.vat`, valueIn(own, 'RFF', 'VA')),
      tax: reader.text(`${field}.tax`, valueIn(own, 'RFF', 'AHP')),
      legal: legal ? { v: legal } : undefined,
      name: reader.text(`${field}.name`, elementOf(`NAD+${role}`, name)),
      country: reader.text(`${field}.country`, elementOf(`NAD+${role}/3207`, address[9]?.[0]))
    })
  }
}
