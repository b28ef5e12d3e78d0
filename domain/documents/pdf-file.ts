/** Finds the objects of a PDF through its cross-reference, last revision first (ISO 32000-1:2008 §7.5). */
import { Unzlib } from 'fflate'
import {
  damaged,
  PdfName,
  PdfReader,
  PdfReference,
  PdfStream,
  type PdfDictionary,
  type PdfValue
} from './pdf-syntax.ts'
import { decodeLatin1 } from './text.ts'
import { DocumentRefused } from './refusal.ts'

const OBJECTS_MAX = 100_000
const REVISIONS_MAX = 100
/** Of one stream and of all streams together: an embedded invoice is at most as large as a document may be. */
const INFLATED_MAX = 20 * 1024 * 1024
/** Characters that objects are read from: an object that many references lead to counts each time. */
const PARSED_MAX = 2_000_000
/** Inflating can multiply a piece by a thousand, so that pieces stay small. */
const PIECE = 4096

interface ObjectStream {
  readonly text: string
  /** Where each object starts in the text. */
  readonly offsets: readonly number[]
}

type Place = { readonly offset: number } | { readonly container: number; readonly index: number } | 'free'

export class PdfFile {
  readonly #bytes: Uint8Array
  readonly #source: string
  readonly #places = new Map<number, Place>()
  readonly #containers = new Map<number, ObjectStream>()
  #inflated = 0
  #parsed = 0
  readonly trailer: PdfDictionary

  /** Throws PDF_REFUSED when the file is encrypted or its cross-reference cannot be followed. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#source = decodeLatin1(bytes)
    this.trailer = this.#readRevisions()
    if (this.trailer.has('Encrypt')) {
      throw new DocumentRefused('PDF_REFUSED', { presented: 'an encrypted PDF', required: 'a PDF without encryption' })
    }
  }

  /** The value itself, or the object that a reference leads to. */
  resolve(value: PdfValue | undefined): PdfValue {
    for (let hops = 0; hops < 8; hops++) {
      if (!(value instanceof PdfReference)) return value ?? null
      value = this.#object(value.number)
    }
    throw damaged('references that lead to references')
  }

  dictionary(value: PdfValue | undefined): PdfDictionary | undefined {
    const resolved = this.resolve(value)
    if (resolved instanceof PdfStream) return resolved.dictionary
    return resolved instanceof Map ? resolved : undefined
  }

  array(value: PdfValue | undefined): readonly PdfValue[] {
    const resolved = this.resolve(value)
    return Array.isArray(resolved) ? resolved : []
  }

  integer(value: PdfValue | undefined): number | undefined {
    const resolved = this.resolve(value)
    return typeof resolved === 'number' && Number.isSafeInteger(resolved) && resolved >= 0 ? resolved : undefined
  }

  /** Decoded data of a stream. Only FlateDecode, which is all that an embedded file needs. */
  data({ dictionary, start }: PdfStream): Uint8Array {
    const length = this.integer(dictionary.get('Length'))
    if (length === undefined || start + length > this.#bytes.length) throw damaged('a stream without a true length')
    const raw = this.#bytes.subarray(start, start + length)
    const filter = this.resolve(dictionary.get('Filter'))
    const filters = filter === null ? [] : filter instanceof PdfName ? [filter] : this.array(filter)
    if (filters.length === 0) return raw
    const [only] = filters.map((each) => this.resolve(each))
    if (filters.length > 1 || !(only instanceof PdfName) || only.name !== 'FlateDecode')
      throw damaged('a filter other than FlateDecode')
    const parameters = this.resolve(dictionary.get('DecodeParms'))
    return this.#unpredict(this.#inflate(raw), this.dictionary(Array.isArray(parameters) ? parameters[0] : parameters))
  }

  #inflate(raw: Uint8Array): Uint8Array {
    const pieces: Uint8Array[] = []
    const inflater = new Unzlib((piece) => {
      this.#inflated += piece.length
      if (this.#inflated > INFLATED_MAX) {
        throw new DocumentRefused('PDF_REFUSED', { required: `at most ${INFLATED_MAX} bytes inflated` })
      }
      pieces.push(piece)
    })
    try {
      for (let start = 0; start < raw.length; start += PIECE) {
        inflater.push(raw.subarray(start, start + PIECE), start + PIECE >= raw.length)
      }
    } catch (error) {
      if (error instanceof DocumentRefused) throw error
      throw damaged('compressed data that does not inflate')
    }
    const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
    let at = 0
    for (const piece of pieces) {
      all.set(piece, at)
      at += piece.length
    }
    return all
  }

  /** PNG predictors of cross-reference streams (§7.4.4.4), one byte a sample. */
  #unpredict(data: Uint8Array, parameters: PdfDictionary | undefined): Uint8Array {
    if ((this.integer(parameters?.get('Predictor')) ?? 1) < 10) return data
    const columns = this.integer(parameters!.get('Columns')) ?? 1
    const rows = Math.floor(data.length / (columns + 1))
    const plain = new Uint8Array(rows * columns)
    for (let row = 0; row < rows; row++) {
      const kind = data[row * (columns + 1)]!
      if (kind !== 0 && kind !== 1 && kind !== 2) throw damaged(`predictor ${kind}`)
      for (let column = 0; column < columns; column++) {
        const at = row * columns + column
        const left = kind === 1 && column > 0 ? plain[at - 1]! : 0
        const above = kind === 2 && row > 0 ? plain[at - columns]! : 0
        plain[at] = data[row * (columns + 1) + 1 + column]! + left + above
      }
    }
    return plain
  }

  #object(number: number): PdfValue {
    const place = this.#places.get(number)
    if (place === undefined || place === 'free') return null
    if ('offset' in place) {
      return this.#parse(new PdfReader(this.#source, place.offset), (reader) => reader.object(number))
    }
    const { text, offsets } = this.#container(place.container)
    const offset = offsets[place.index]
    return offset === undefined ? null : this.#parse(new PdfReader(text, offset), (reader) => reader.value())
  }

  #parse(reader: PdfReader, parse: (reader: PdfReader) => PdfValue): PdfValue {
    const start = reader.position
    const value = parse(reader)
    this.#parsed += reader.position - start
    if (this.#parsed > PARSED_MAX) throw damaged('more objects than the file has bytes for')
    return value
  }

  /** An object stream (§7.5.7), of which only those objects are parsed that are asked for. */
  #container(number: number): ObjectStream {
    const known = this.#containers.get(number)
    if (known) return known
    const place = this.#places.get(number)
    const stream = place !== undefined && place !== 'free' && 'offset' in place ? this.#object(number) : null
    if (!(stream instanceof PdfStream)) throw damaged('an object stream that is none')
    const count = this.integer(stream.dictionary.get('N')) ?? 0
    const firstOffset = this.integer(stream.dictionary.get('First')) ?? 0
    if (count > OBJECTS_MAX) throw damaged('too many objects')
    const text = decodeLatin1(this.data(stream))
    const header = new PdfReader(text)
    const offsets = Array.from({ length: count }, () => {
      header.value()
      const offset = this.integer(header.value())
      if (offset === undefined) throw damaged('an offset in an object stream')
      return firstOffset + offset
    })
    const container = { text, offsets }
    this.#containers.set(number, container)
    return container
  }

  /** Follows /Prev from the last revision to the first and returns the last trailer. */
  #readRevisions(): PdfDictionary {
    const start = /startxref[\0\t\n\f\r ]+([0-9]{1,10})/.exec(this.#source.slice(this.#source.lastIndexOf('startxref')))
    if (!start) throw damaged('no startxref')
    const seen = new Set<number>()
    const pending = [Number(start[1])]
    let last: PdfDictionary | undefined
    for (let offset = pending.shift(); offset !== undefined; offset = pending.shift()) {
      if (seen.has(offset) || seen.size >= REVISIONS_MAX) throw damaged('cross-references in a loop')
      seen.add(offset)
      const trailer = this.#readSection(new PdfReader(this.#source, offset))
      last ??= trailer
      for (const key of ['XRefStm', 'Prev']) {
        const next = trailer.get(key)
        if (typeof next === 'number') pending.push(next)
      }
    }
    return last!
  }

  #readSection(reader: PdfReader): PdfDictionary {
    if (!reader.takeText('xref')) return this.#readStreamSection(reader)
    for (let head = reader.take(/([0-9]{1,9}) ([0-9]{1,9})/y); head; head = reader.take(/([0-9]{1,9}) ([0-9]{1,9})/y)) {
      for (let index = 0; index < Number(head[2]); index++) {
        const entry = reader.take(/([0-9]{10}) [0-9]{5} ([nf])/y)
        if (!entry) throw damaged('a cross-reference entry')
        this.#place(Number(head[1]) + index, entry[2] === 'n' ? { offset: Number(entry[1]) } : 'free')
      }
    }
    const trailer = reader.takeText('trailer') ? reader.value() : null
    if (!(trailer instanceof Map)) throw damaged('no trailer')
    return trailer
  }

  /** A cross-reference stream (§7.5.8). */
  #readStreamSection(reader: PdfReader): PdfDictionary {
    const head = reader.take(/([0-9]{1,9})[\0\t\n\f\r ]+[0-9]{1,5}[\0\t\n\f\r ]+obj/y)
    const stream = head ? reader.streamOr(reader.value()) : null
    if (!(stream instanceof PdfStream)) throw damaged('no cross-reference')
    const { dictionary } = stream
    const widths = this.array(dictionary.get('W')).map((width) => this.integer(width) ?? 0)
    const [kinds = 0, seconds = 0, thirds = 0] = widths
    if (widths.length !== 3 || widths.some((width) => width > 6) || kinds + seconds + thirds === 0)
      throw damaged('cross-reference widths')
    const data = this.data(stream)
    let at = 0
    const next = (width: number, absent: number): number => {
      if (width === 0) return absent
      let value = 0
      for (let index = 0; index < width; index++) value = value * 256 + (data[at++] ?? 0)
      return value
    }
    const ranges = dictionary.has('Index') ? this.array(dictionary.get('Index')) : [0, dictionary.get('Size') ?? 0]
    for (let range = 0; range + 1 < ranges.length; range += 2) {
      const [from, count] = [Number(ranges[range]), Number(ranges[range + 1])]
      for (let index = 0; index < count && at < data.length; index++) {
        const [kind, second, third] = [next(kinds, 1), next(seconds, 0), next(thirds, 0)]
        this.#place(
          from + index,
          kind === 1 ? { offset: second } : kind === 2 ? { container: second, index: third } : 'free'
        )
      }
    }
    return dictionary
  }

  /** The last revision is read first, so that what is known stays. */
  #place(number: number, place: Place): void {
    if (this.#places.size >= OBJECTS_MAX) throw damaged('too many objects')
    if (!this.#places.has(number)) this.#places.set(number, place)
  }
}
