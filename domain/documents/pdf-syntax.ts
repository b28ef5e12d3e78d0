/** Objects of ISO 32000-1:2008 §7.3, read from a PDF held as one character for each byte. */
import { DocumentRefused } from './refusal.ts'

const NESTING_MAX = 32

export class PdfName {
  readonly name: string

  constructor(name: string) {
    this.name = name
  }
}

export class PdfReference {
  readonly number: number

  constructor(number: number) {
    this.number = number
  }
}

export type PdfDictionary = ReadonlyMap<string, PdfValue>

export class PdfStream {
  readonly dictionary: PdfDictionary
  /** Where the data starts. */
  readonly start: number

  constructor(dictionary: PdfDictionary, start: number) {
    this.dictionary = dictionary
    this.start = start
  }
}

export type PdfValue =
  null | boolean | number | string | PdfName | PdfReference | PdfStream | PdfDictionary | readonly PdfValue[]

export function damaged(what: string): DocumentRefused {
  return new DocumentRefused('PDF_REFUSED', { presented: what, required: 'an undamaged PDF' })
}

const BLANK = '[\\0\\t\\n\\f\\r ]'
const SKIPPED = new RegExp(`(?:${BLANK}|%[^\\r\\n]*)*`, 'y')
const REFERENCE = new RegExp(`([0-9]{1,9})${BLANK}+[0-9]{1,5}${BLANK}+R(?![A-Za-z0-9])`, 'y')
const NUMBER = /[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)/y
const NAME = /\/([^\0\t\n\f\r ()<>[\]{}/%]*)/y
const HEX = /<([0-9A-Fa-f\0\t\n\f\r ]*)>/y
const KEYWORD = /(?:true|false|null)(?![A-Za-z0-9])/y
const OBJECT = new RegExp(`([0-9]{1,9})${BLANK}+[0-9]{1,5}${BLANK}+obj`, 'y')
const STREAM = /stream(?:\r\n|\n)/y
const KEYWORDS: Readonly<Record<string, PdfValue>> = { true: true, false: false, null: null }
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' }

/** Reads values one after another. Throws PDF_REFUSED on anything that is not a value. */
export class PdfReader {
  readonly source: string
  position: number

  constructor(source: string, position = 0) {
    this.source = source
    this.position = position
  }

  /** The match of a sticky expression here, after blanks and comments; the position moves only when there is one. */
  take(expression: RegExp): RegExpExecArray | undefined {
    SKIPPED.lastIndex = this.position
    SKIPPED.exec(this.source)
    expression.lastIndex = SKIPPED.lastIndex
    const match = expression.exec(this.source)
    if (!match) return undefined
    this.position = expression.lastIndex
    return match
  }

  takeText(text: string): boolean {
    SKIPPED.lastIndex = this.position
    SKIPPED.exec(this.source)
    if (!this.source.startsWith(text, SKIPPED.lastIndex)) return false
    this.position = SKIPPED.lastIndex + text.length
    return true
  }

  value(depth = 0): PdfValue {
    if (depth > NESTING_MAX) throw damaged('values nested too deep')
    if (this.takeText('<<')) return this.#dictionary(depth)
    if (this.takeText('[')) return this.#array(depth)
    if (this.takeText('(')) return this.#literal()
    const name = this.take(NAME)
    if (name)
      return new PdfName(name[1]!.replace(/#([0-9A-Fa-f]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16))))
    const hex = this.take(HEX)
    if (hex) return textOfHex(hex[1]!)
    const reference = this.take(REFERENCE)
    if (reference) return new PdfReference(Number(reference[1]))
    const number = this.take(NUMBER)
    if (number) return Number(number[0])
    const keyword = this.take(KEYWORD)
    if (keyword) return KEYWORDS[keyword[0]]!
    throw damaged(`no value at byte ${this.position}`)
  }

  /** The indirect object that starts here, which must be the one of that number. */
  object(number: number): PdfValue {
    const head = this.take(OBJECT)
    if (!head || Number(head[1]) !== number) throw damaged(`object ${number} is not at byte ${this.position}`)
    return this.streamOr(this.value())
  }

  /** A dictionary followed by stream data is a stream. */
  streamOr(value: PdfValue): PdfValue {
    return value instanceof Map && this.take(STREAM) ? new PdfStream(value, this.position) : value
  }

  #dictionary(depth: number): PdfDictionary {
    const entries = new Map<string, PdfValue>()
    while (!this.takeText('>>')) {
      const key = this.value(depth + 1)
      if (!(key instanceof PdfName)) throw damaged(`no key at byte ${this.position}`)
      entries.set(key.name, this.value(depth + 1))
    }
    return entries
  }

  #array(depth: number): readonly PdfValue[] {
    const values: PdfValue[] = []
    while (!this.takeText(']')) values.push(this.value(depth + 1))
    return values
  }

  /** A string in parentheses, which may nest (§7.3.4.2). */
  #literal(): string {
    let text = ''
    for (let open = 1; ; this.position++) {
      const character = this.source[this.position]
      if (character === undefined) throw damaged('a string without an end')
      if (character === '(') open += 1
      if (character === ')' && --open === 0) break
      text += character === '\\' ? this.#escape() : character
    }
    this.position += 1
    return text
  }

  #escape(): string {
    const octal = /^[0-7]{1,3}/.exec(this.source.slice(this.position + 1, this.position + 4))?.[0]
    this.position += octal?.length ?? 1
    if (octal) return String.fromCharCode(parseInt(octal, 8) & 0xff)
    const escaped = this.source[this.position] ?? ''
    return escaped === '\n' || escaped === '\r' ? '' : (ESCAPES[escaped] ?? escaped)
  }
}

function textOfHex(hex: string): string {
  const digits = hex.replace(/[^0-9A-Fa-f]/g, '')
  const pairs = digits.padEnd(digits.length + (digits.length % 2), '0').match(/../g) ?? []
  return pairs.map((pair) => String.fromCharCode(parseInt(pair, 16))).join('')
}
