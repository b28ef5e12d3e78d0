/** A TrueType font made ready for pdf-lib: out of its WOFF 1.0 wrapping (W3C Recommendation of 2012), glyphs on even offsets. */
import { unzlibSync } from 'fflate'

const WOFF = 0x774f4646

type Tables = Map<string, Uint8Array>

/**
 * Only for a font of our own choice: sizes in it are believed. Unwrapped, it is subset a hundred times faster. The subsetter
 * writes short offsets, which are halves, without padding glyphs to even lengths: those of this font have odd ones, and most
 * would not be drawn.
 */
export function sfntOf(font: Uint8Array): Uint8Array {
  const view = viewOf(font)
  const isPacked = view.getUint32(0) === WOFF
  const tables = isPacked ? packedTablesOf(font) : plainTablesOf(font)
  alignGlyphs(tables)
  return join(view.getUint32(isPacked ? 4 : 0), tables)
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function tagAt(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4))
}

function packedTablesOf(font: Uint8Array): Tables {
  const view = viewOf(font)
  const tables: Tables = new Map()
  for (let entry = 44; entry < 44 + 20 * view.getUint16(12); entry += 20) {
    const [offset, packed, size] = [4, 8, 12].map((at) => view.getUint32(entry + at)) as [number, number, number]
    const bytes = font.subarray(offset, offset + packed)
    tables.set(tagAt(font, entry), packed < size ? unzlibSync(bytes) : bytes)
  }
  return tables
}

function plainTablesOf(font: Uint8Array): Tables {
  const view = viewOf(font)
  const tables: Tables = new Map()
  for (let entry = 12; entry < 12 + 16 * view.getUint16(4); entry += 16) {
    const [offset, size] = [view.getUint32(entry + 8), view.getUint32(entry + 12)]
    tables.set(tagAt(font, entry), font.subarray(offset, offset + size))
  }
  return tables
}

function aligned(size: number): number {
  return Math.ceil(size / 4) * 4
}

/** `glyf` with every glyph on a multiple of four, `loca` in its long form, and `head` saying so (OpenType 1.9). */
function alignGlyphs(tables: Tables): void {
  const [glyf, loca, head] = [tables.get('glyf'), tables.get('loca'), tables.get('head')]
  if (!glyf || !loca || !head) throw new RangeError('font must be TrueType, with glyf, loca and head')
  const newHead = head.slice()
  const isLong = viewOf(newHead).getInt16(50) === 1
  const old = viewOf(loca)
  const offsets = Array.from({ length: loca.length / (isLong ? 4 : 2) }, (_, index) =>
    isLong ? old.getUint32(4 * index) : 2 * old.getUint16(2 * index)
  )
  const sizes = offsets.slice(1).map((end, index) => end - offsets[index]!)
  const newGlyf = new Uint8Array(sizes.reduce((sum, size) => sum + aligned(size), 0))
  const newLoca = new Uint8Array(4 * offsets.length)
  let at = 0
  sizes.forEach((size, index) => {
    newGlyf.set(glyf.subarray(offsets[index]!, offsets[index]! + size), at)
    at += aligned(size)
    viewOf(newLoca).setUint32(4 * (index + 1), at)
  })
  viewOf(newHead).setInt16(50, 1)
  tables.set('glyf', newGlyf).set('loca', newLoca).set('head', newHead)
}

/** Checksums are left at zero: the font goes into a subset, which has its own. */
function join(version: number, tables: Tables): Uint8Array {
  const sizes = [...tables.values()].map(({ length }) => aligned(length))
  let at = 12 + 16 * tables.size
  const sfnt = new Uint8Array(sizes.reduce((sum, size) => sum + size, at))
  const view = viewOf(sfnt)
  view.setUint32(0, version)
  view.setUint16(4, tables.size)
  ;[...tables].forEach(([tag, data], index) => {
    const entry = 12 + 16 * index
    for (let place = 0; place < 4; place++) view.setUint8(entry + place, tag.charCodeAt(place))
    view.setUint32(entry + 8, at)
    view.setUint32(entry + 12, data.length)
    sfnt.set(data, at)
    at += aligned(data.length)
  })
  return sfnt
}
