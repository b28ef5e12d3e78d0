/**
 * Reading of fields by namespace and absolute path. Never by descendant: an extension or a wrapped document may hold
 * an element of the same name. A step that may occur once and occurs again is refused, because whoever takes the first
 * and whoever takes the last would read two different invoices.
 */
import { toHex } from '../crypto/bytes.ts'
import { sha256 } from '../crypto/hash.ts'
import { AmountRefused, minorFromDecimal } from '../money/amount.ts'
import { isCurrency } from '../money/currency.ts'
import type { Attachment, Identifier } from './invoice.ts'
import { DocumentRefused } from './refusal.ts'
import type { XmlElement } from './xml.ts'

const VALUE_LENGTH_MAX = 2000
const NUMBER_LENGTH_MAX = 200

/** One step of a path: namespace and local name. */
export interface Step {
  readonly namespace: string
  readonly name: string
}

/** Makes steps of one namespace: `const cbc = stepsOf('urn:…')`, then `cbc('ID')`. */
export function stepsOf(namespace: string): (name: string) => Step {
  return (name) => ({ namespace, name })
}

/** All elements at the path, in document order. */
export function all(from: XmlElement | undefined, ...path: readonly Step[]): XmlElement[] {
  let found = from ? [from] : []
  for (const { namespace, name } of path) {
    const next: XmlElement[] = []
    for (const { children } of found) {
      for (const child of children) if (child.name === name && child.namespace === namespace) next.push(child)
    }
    found = next
  }
  return found
}

/** The element at the path, if any. Throws FIELD_REPEATED when there are two. */
export function only(from: XmlElement | undefined, ...path: readonly Step[]): XmlElement | undefined {
  let [found, another]: (XmlElement | undefined)[] = [from]
  if (path.length === 1) {
    // Most paths are: without a list.
    const { namespace, name } = path[0]!
    found = undefined
    for (const child of from?.children ?? []) {
      if (child.name !== name || child.namespace !== namespace) continue
      if (found) another ??= child
      else found = child
    }
  } else {
    ;[found, another] = all(from, ...path)
  }
  if (another) throw new DocumentRefused('FIELD_REPEATED', { field: another.path, required: 'one element' })
  return found
}

/** The first element of several that may lawfully occur, such as names in two languages. */
export function first(from: XmlElement | undefined, ...path: readonly Step[]): XmlElement | undefined {
  return all(from, ...path)[0]
}

/** Text of an element that holds a plain value, without the blanks around it; undefined when there is none. */
export function valueOf(element: XmlElement | undefined): string | undefined {
  if (!element) return undefined
  if (element.children.length > 0) {
    throw new DocumentRefused('FIELD_NOT_SIMPLE', { field: element.path, required: 'text only' })
  }
  const value = element.text.trim()
  if (value.length > VALUE_LENGTH_MAX) {
    const required = `at most ${VALUE_LENGTH_MAX} characters`
    throw new DocumentRefused('FIELD_TOO_LONG', { field: element.path, presented: value, required })
  }
  return value === '' ? undefined : value
}

function identifierOf(element: XmlElement | undefined): Identifier | undefined {
  const v = valueOf(element)
  if (v === undefined) return undefined
  const scheme = element!.attributes.get('schemeID')?.trim()
  return scheme ? { v, scheme } : { v }
}

/** Files inside the referenced documents; undefined when there is none. */
export function attachmentsIn(
  documents: readonly XmlElement[],
  id: Step,
  ...content: readonly Step[]
): readonly Attachment[] | undefined {
  const attachments = documents.flatMap((document) =>
    all(document, ...content).map((file) =>
      present({
        id: valueOf(first(document, id)),
        filename: file.attributes.get('filename')?.trim() || undefined,
        mediaType: file.attributes.get('mimeCode')?.trim() || undefined,
        sha256: contentDigest(file.text)
      })
    )
  )
  return attachments.length === 0 ? undefined : attachments
}

/** Whether lines are wrapped does not make another file. */
function contentDigest(base64: string): string | undefined {
  const plain = base64.replace(/[ \t\r\n]/g, '')
  if (plain === '' || !/^[A-Za-z0-9+/]+={0,2}$/.test(plain)) return undefined
  return toHex(sha256(Uint8Array.from(Buffer.from(plain, 'base64'))))
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

/** The same object without the keys that are undefined, for optional fields under exactOptionalPropertyTypes. */
export function present<T extends object>(fields: T): Present<T> {
  const kept: Record<string, unknown> = {}
  for (const key in fields) if (fields[key] !== undefined) kept[key] = fields[key]
  return kept as Present<T>
}

/** Collects fields and remembers which element gave each. One for a document. */
export class FieldReader {
  readonly provenance: Record<string, string> = {}

  /** Text of a field; undefined when the element is absent or empty. */
  text(field: string, element: XmlElement | undefined): string | undefined {
    const value = valueOf(element)
    if (value !== undefined) this.provenance[field] = element!.path
    return value
  }

  identifier(field: string, element: XmlElement | undefined): Identifier | undefined {
    const identifier = identifierOf(element)
    if (identifier) this.provenance[field] = element!.path
    return identifier
  }

  /** Those that have a value, each with its place. */
  identifiers(field: string, elements: readonly XmlElement[]): Identifier[] {
    const found = elements.filter((element) => valueOf(element) !== undefined)
    return found.flatMap((element, i) => this.identifier(`${field}[${i}]`, element) ?? [])
  }

  /** Values of those that have one; undefined when there is none, for fields that are left out. */
  texts(field: string, elements: readonly XmlElement[]): readonly string[] | undefined {
    const found = elements.filter((element) => valueOf(element) !== undefined)
    const values = found.flatMap((element, i) => this.text(`${field}[${i}]`, element) ?? [])
    return values.length === 0 ? undefined : values
  }

  /** The document's number. Throws FIELD_MISSING and FIELD_TOO_LONG. */
  number(element: XmlElement | undefined): string {
    const number = this.text('number', element)
    if (number === undefined) throw new DocumentRefused('FIELD_MISSING', { field: 'number' })
    if (number.length > NUMBER_LENGTH_MAX) {
      const required = `at most ${NUMBER_LENGTH_MAX} characters`
      throw new DocumentRefused('FIELD_TOO_LONG', { field: 'number', presented: number, required })
    }
    return number
  }

  /** A day as YYYY-MM-DD. Throws DATE_MALFORMED. */
  date(field: string, element: XmlElement | undefined): string | undefined {
    const value = this.text(field, element)
    return value === undefined ? undefined : dayOf(value, field)
  }

  requiredDate(field: string, element: XmlElement | undefined): string {
    const day = this.date(field, element)
    if (day === undefined) throw new DocumentRefused('FIELD_MISSING', { field })
    return day
  }

  /**
   * The document's currency: its own element, else the one the amount is given in, which formats name differently.
   * Throws FIELD_MISSING and CURRENCY_UNKNOWN.
   */
  currency(element: XmlElement | undefined, amount: XmlElement | undefined, attribute = 'currencyID'): string {
    let currency = this.text('currency', element)
    if (currency === undefined && amount) {
      currency = amount.attributes.get(attribute)?.trim()
      this.provenance['currency'] = `${amount.path}/@${attribute}`
    }
    if (!currency) throw new DocumentRefused('FIELD_MISSING', { field: 'currency' })
    if (isCurrency(currency)) return currency
    throw new DocumentRefused('CURRENCY_UNKNOWN', { field: 'currency', presented: currency, required: 'ISO 4217' })
  }

  /** Minor units of an amount. Throws AMOUNT_MALFORMED, AMOUNT_TOO_PRECISE, and FIELD_CONTRADICTORY on its currency. */
  amount(field: string, element: XmlElement | undefined, currency: string): bigint | undefined {
    if (!element || this.text(field, element) === undefined) return undefined
    const presented = element.attributes.get('currencyID')?.trim()
    if (presented && presented !== currency) {
      const details = { field: `${element.path}/@currencyID`, presented, required: currency }
      throw new DocumentRefused('FIELD_CONTRADICTORY', details)
    }
    return minorOf(element.text, currency, field)
  }

  requiredAmount(field: string, element: XmlElement | undefined, currency: string): bigint {
    const minor = this.amount(field, element, currency)
    if (minor === undefined) throw new DocumentRefused('FIELD_MISSING', { field })
    return minor
  }
}

/** xs:decimal allows a leading plus and blanks around (XML Schema part 2, 3.2.3 and 4.3.6). */
function minorOf(text: string, currency: string, field: string): bigint {
  const isPlain = /^[-0-9.]*$/.test(text)
  const decimal = isPlain ? text : text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '').replace(/^\+(?=[0-9])/, '')
  try {
    return minorFromDecimal(decimal, currency)
  } catch (error) {
    if (!(error instanceof AmountRefused)) throw error
    const { code, presented, required } = error
    throw new DocumentRefused(code, { field, presented, required })
  }
}

const DAY_FORMS = [/^(\d{4})-(\d{2})-(\d{2})(?!\d)/, /^(\d{4})(\d{2})(\d{2})/, /^(\d{4})年(\d{1,2})月(\d{1,2})日/]

const DAYS_OF_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

function isDay(year: number, month: number, day: number): boolean {
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  const days = month === 2 && isLeap ? 29 : DAYS_OF_MONTH[month - 1]
  return days !== undefined && day >= 1 && day <= days
}

/** The day a date starts with; time and zone after it are ignored, because the document's own day counts. */
function dayOf(value: string, field: string): string {
  for (const form of DAY_FORMS) {
    const match = form.exec(value)
    if (!match) continue
    const day = `${match[1]}-${match[2]!.padStart(2, '0')}-${match[3]!.padStart(2, '0')}`
    if (isDay(Number(match[1]), Number(match[2]), Number(match[3]))) return day
  }
  throw new DocumentRefused('DATE_MALFORMED', { field, presented: value, required: 'YYYY-MM-DD, YYYYMMDD or 年月日' })
}
