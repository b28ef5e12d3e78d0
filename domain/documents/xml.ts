/**
 * XML 1.0 with namespaces to a tree of elements, with limits, for files from strangers.
 * Nothing is fetched, no entity is defined, comments and processing instructions vanish, CDATA is text.
 */
import { SaxesParser, type SaxesTagNS } from 'saxes'
import { DocumentRefused } from './refusal.ts'
import { decodeXml } from './text.ts'

/** The deepest real invoice has 13 levels. */
const DEPTH_MAX = 64
const ATTRIBUTES_MAX = 200
/** Of one element: room for an attachment in base64, which is one text. */
const TEXT_MAX = 4 * 1024 * 1024
/** The longest invoice of the corpus has 1,000. Each costs far more memory than its bytes. */
const ELEMENTS_MAX = 100_000

/** Shared by all elements without children, which are most. */
const CHILDLESS: readonly XmlElement[] = Object.freeze([])

export class XmlElement {
  readonly namespace: string
  readonly name: string
  readonly parent: XmlElement | undefined
  /** Attributes without a namespace, which are the only ones an invoice uses. */
  readonly attributes: ReadonlyMap<string, string>
  #children: XmlElement[] | undefined
  text = ''
  #path: string | undefined

  constructor(
    namespace: string,
    name: string,
    parent: XmlElement | undefined,
    attributes: ReadonlyMap<string, string>
  ) {
    this.namespace = namespace
    this.name = name
    this.parent = parent
    this.attributes = attributes
  }

  get children(): readonly XmlElement[] {
    return this.#children ?? CHILDLESS
  }

  /** For the parser alone. */
  append(child: XmlElement): void {
    if (this.#children) this.#children.push(child)
    else this.#children = [child]
  }

  /** Path of local names from the root, for people. */
  get path(): string {
    return (this.#path ??= `${this.parent?.path ?? ''}/${this.name}`)
  }
}

const BLANKS = /^[ \t\r\n]*$/

/** Shared by all elements without attributes, which are most. */
const NONE: ReadonlyMap<string, string> = new Map()

function plainOf(attributes: SaxesTagNS['attributes']): ReadonlyMap<string, string> {
  const plain = new Map<string, string>()
  for (const name in attributes) {
    const { uri, local, value } = attributes[name]!
    if (uri === '') plain.set(local, value)
  }
  return plain
}

/** The root element. Throws `DocumentRefused` for everything but one well-formed document within the limits. */
export function parseXml(bytes: Uint8Array): XmlElement {
  const text = decodeXml(bytes)
  const parser = new SaxesParser({ xmlns: true, position: false })
  let root: XmlElement | undefined
  let current: XmlElement | undefined
  let depth = 0
  let attributeCount = 0
  let elementCount = 0
  parser.on('xmldecl', ({ version }) => {
    if (version === '1.0') return
    throw new DocumentRefused('XML_VERSION_REFUSED', { presented: String(version), required: '1.0' })
  })
  parser.on('doctype', () => {
    throw new DocumentRefused('XML_DOCTYPE_REFUSED', { required: 'no DOCTYPE' })
  })
  parser.on('attribute', () => {
    if (++attributeCount <= ATTRIBUTES_MAX) return
    throw new DocumentRefused('XML_TOO_MANY_ATTRIBUTES', { required: `at most ${ATTRIBUTES_MAX}` })
  })
  parser.on('opentag', (tag) => {
    if (++depth > DEPTH_MAX) throw new DocumentRefused('XML_TOO_DEEP', { required: `at most ${DEPTH_MAX} levels` })
    if (++elementCount > ELEMENTS_MAX) {
      throw new DocumentRefused('DOCUMENT_TOO_LARGE', { required: `at most ${ELEMENTS_MAX} elements` })
    }
    const element = new XmlElement(tag.uri, tag.local, current, attributeCount === 0 ? NONE : plainOf(tag.attributes))
    attributeCount = 0
    current?.append(element)
    root ??= element
    current = element
  })
  const append = (piece: string): void => {
    if (!current) return
    const length = current.text.length + piece.length
    // Indentation, which is half of all text and no value of anything.
    if (current.text !== '' || !BLANKS.test(piece)) current.text += piece
    if (length <= TEXT_MAX) return
    throw new DocumentRefused('XML_TOO_MUCH_TEXT', { field: current.path, required: `at most ${TEXT_MAX} characters` })
  }
  parser.on('text', append)
  parser.on('cdata', append)
  parser.on('closetag', () => {
    depth -= 1
    current = current?.parent
  })
  parser.on('error', (error) => {
    throw new DocumentRefused('XML_MALFORMED', { presented: error.message })
  })
  parser.write(text).close()
  if (!root) throw new DocumentRefused('XML_MALFORMED', { required: 'one root element' })
  return root
}
