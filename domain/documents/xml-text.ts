/** Writing of XML 1.0 as text. Every value goes through `leaf` or `attributesOf`, so that none can become markup. */

/** Characters that XML 1.0 §2.2 excludes even as references, lone surrogates among them. */
const FORBIDDEN = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu
const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  // Parsers turn a bare one into a line feed or a blank.
  '\r': '&#13;',
  '\n': '&#10;',
  '\t': '&#9;'
}

export const XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'

/** Text as content or attribute value; what XML cannot hold becomes U+FFFD. */
export function escapeXml(text: string): string {
  return text.replace(FORBIDDEN, '\ufffd').replace(/[&<>"'\r\n\t]/g, (character) => ESCAPES[character]!)
}

export type Attributes = Readonly<Record<string, string | undefined>>

function attributesOf(attributes: Attributes): string {
  return Object.entries(attributes)
    .map(([name, value]) => (value === undefined ? '' : ` ${name}="${escapeXml(value)}"`))
    .join('')
}

/** An element that holds a value; nothing when the value is absent. */
export function leaf(name: string, value: string | undefined, attributes: Attributes = {}): string {
  return value === undefined ? '' : `<${name}${attributesOf(attributes)}>${escapeXml(value)}</${name}>`
}

/** An element that holds elements, which are XML already; nothing when all of them are absent. */
export function branch(name: string, ...children: readonly string[]): string {
  const content = children.join('')
  return content === '' ? '' : `<${name}>${content}</${name}>`
}

/** The document's element, present even when it is empty, as UTF-8 with a declaration. */
export function xmlDocument(name: string, attributes: Attributes, ...children: readonly string[]): Uint8Array {
  const content = children.filter((child) => child !== '').join('\n')
  return new TextEncoder().encode(`${XML_DECLARATION}<${name}${attributesOf(attributes)}>\n${content}\n</${name}>\n`)
}
