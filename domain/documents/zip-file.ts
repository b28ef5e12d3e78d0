/**
 * Members of a zip archive from a stranger (APPNOTE 6.3.10), for OFD. Only the central directory counts, every local header
 * must agree with it, and no two members overlap, so that no two readers see different files. Nothing is inflated before it
 * is asked for, and bytes are counted while they inflate: sizes in headers are claims.
 */
import { Inflate } from 'fflate'
import { DocumentRefused } from './refusal.ts'

/** Real OFD invoices have 12 to 40. */
const MEMBERS_MAX = 2000
/** Bytes of all members that are read, packed or not, each time they are read: real OFD invoices have 0.4 MB of XML. */
const READ_MAX = 8 * 1024 * 1024
/** Bytes inflated from one. */
const RATIO_MAX = 100
/** Tiny members may pack better than the ratio without being bombs. */
const RATIO_FROM = 64 * 1024
const PIECE = 4096
const END_SIZE = 22
const LOCAL_SIZE = 30
const ENTRY_SIZE = 46
const ENCRYPTED = 0x0001
const SIZES_BEHIND = 0x0008
const SYMBOLIC_LINK = 0xa000

interface Member {
  readonly name: string
  readonly flags: number
  readonly method: number
  readonly packed: number
  readonly unpacked: number
  readonly offset: number
  /** Where the packed data start. */
  readonly start: number
}

export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 0x03 && bytes[3] === 0x04
}

export class ZipFile {
  readonly #bytes: Uint8Array
  readonly #members: ReadonlyMap<string, Member>
  #read = 0

  /** Throws ARCHIVE_REFUSED for anything irregular or beyond the limits. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#members = membersOf(bytes)
  }

  has(name: string): boolean {
    return this.#members.has(name)
  }

  /** Content of a member; undefined when there is none of that name. Throws ARCHIVE_REFUSED. */
  data(name: string): Uint8Array | undefined {
    const member = this.#members.get(name)
    if (!member) return undefined
    const packed = this.#bytes.subarray(member.start, member.start + member.packed)
    if (member.method === 0) this.#count(packed.length, name)
    const content = member.method === 0 ? packed : this.#inflate(packed, name)
    if (content.length !== member.unpacked) throw refused(`${name} has another size than declared`)
    return content
  }

  #count(bytes: number, name: string): void {
    this.#read += bytes
    if (this.#read > READ_MAX) throw refused(name, `at most ${READ_MAX} bytes to read`)
  }

  #inflate(packed: Uint8Array, name: string): Uint8Array {
    const pieces: Uint8Array[] = []
    let size = 0
    const inflater = new Inflate((piece) => {
      size += piece.length
      this.#count(piece.length, name)
      if (size > RATIO_FROM && size > RATIO_MAX * packed.length) {
        throw refused(name, `at most ${RATIO_MAX} bytes inflated from one`)
      }
      pieces.push(piece)
    })
    try {
      for (let from = 0; from < packed.length; from += PIECE) {
        inflater.push(packed.subarray(from, from + PIECE), from + PIECE >= packed.length)
      }
    } catch (error) {
      if (error instanceof DocumentRefused) throw error
      throw refused(`${name} does not inflate`)
    }
    const content = new Uint8Array(size)
    let at = 0
    for (const piece of pieces) {
      content.set(piece, at)
      at += piece.length
    }
    return content
  }
}

function refused(presented: string, required = 'a regular zip archive'): DocumentRefused {
  return new DocumentRefused('ARCHIVE_REFUSED', { presented, required })
}

function membersOf(bytes: Uint8Array): Map<string, Member> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = endOf(view)
  const count = view.getUint16(end + 10, true)
  const size = view.getUint32(end + 12, true)
  let position = view.getUint32(end + 16, true)
  if (view.getUint16(end + 4, true) !== 0 || view.getUint16(end + 8, true) !== count) throw refused('several disks')
  if (count > MEMBERS_MAX) throw refused(`${count} members`, `at most ${MEMBERS_MAX} members`)
  if (position + size > end) throw refused('a directory beyond its end')
  const members = new Map<string, Member>()
  const seen = new Set<string>()
  for (let index = 0; index < count; index++) {
    if (position + ENTRY_SIZE > end || view.getUint32(position, true) !== 0x02014b50)
      throw refused('a broken directory')
    const nameLength = view.getUint16(position + 28, true)
    const next =
      position + ENTRY_SIZE + nameLength + view.getUint16(position + 30, true) + view.getUint16(position + 32, true)
    if (next > end) throw refused('a directory that is cut short')
    const member = memberAt(view, bytes, position, nameLength)
    // Names that differ only in case are one file on some disks.
    if (seen.has(member.name.toLowerCase())) throw refused(`${member.name} twice`)
    seen.add(member.name.toLowerCase())
    members.set(member.name, member)
    position = next
  }
  requireApart([...members.values()], end)
  return members
}

/** The end record is the last thing in the file but for its own comment. */
function endOf(view: DataView): number {
  const last = view.byteLength - END_SIZE
  for (let end = last; end >= 0 && end >= last - 0xffff; end--) {
    if (view.getUint32(end, true) === 0x06054b50 && view.getUint16(end + 20, true) === last - end) return end
  }
  throw refused('no end record')
}

function memberAt(view: DataView, bytes: Uint8Array, at: number, nameLength: number): Member {
  const rawName = bytes.subarray(at + ENTRY_SIZE, at + ENTRY_SIZE + nameLength)
  const name = nameOf(rawName)
  const flags = view.getUint16(at + 8, true)
  const method = view.getUint16(at + 10, true)
  const packed = view.getUint32(at + 20, true)
  const unpacked = view.getUint32(at + 24, true)
  const offset = view.getUint32(at + 42, true)
  if ((flags & ENCRYPTED) !== 0) throw refused(`${name}, encrypted`)
  if (method !== 0 && method !== 8) throw refused(`${name}, packed by method ${method}`)
  if ([packed, unpacked, offset].includes(0xffffffff)) throw refused(`${name}, in Zip64`)
  if (((view.getUint32(at + 38, true) >>> 16) & 0xf000) === SYMBOLIC_LINK) throw refused(`${name}, a link`)
  if (offset + LOCAL_SIZE > bytes.length || view.getUint32(offset, true) !== 0x04034b50) {
    throw refused(`${name} without a local header`)
  }
  const localName = view.getUint16(offset + 26, true)
  const nameStart = offset + LOCAL_SIZE
  const start = nameStart + localName + view.getUint16(offset + 28, true)
  const behind = (flags & SIZES_BEHIND) !== 0
  const isSame =
    localName === nameLength &&
    rawName.every((byte, index) => byte === bytes[nameStart + index]) &&
    view.getUint16(offset + 6, true) === flags &&
    view.getUint16(offset + 8, true) === method &&
    (behind || hasSizes(view, offset, nameStart + localName, start, packed, unpacked))
  if (!isSame) throw refused(`${name} described in two ways`)
  return { name, flags, method, packed, unpacked, offset, start }
}

/** Sizes of the local header, in its Zip64 field when writers that did not know them beforehand left room for it. */
function hasSizes(view: DataView, at: number, extra: number, end: number, packed: number, unpacked: number): boolean {
  const [localPacked, localUnpacked] = [view.getUint32(at + 18, true), view.getUint32(at + 22, true)]
  if (localPacked !== 0xffffffff || localUnpacked !== 0xffffffff) {
    return localPacked === packed && localUnpacked === unpacked
  }
  if (end > view.byteLength || end - extra < 20 || view.getUint16(extra, true) !== 1) return false
  return (
    view.getBigUint64(extra + 4, true) === BigInt(unpacked) && view.getBigUint64(extra + 12, true) === BigInt(packed)
  )
}

/** A relative path without steps up. A backslash is a separator to some programs and a letter to others: refused. */
function nameOf(raw: Uint8Array): string {
  let name: string
  try {
    name = new TextDecoder('utf-8', { fatal: true }).decode(raw)
  } catch {
    // Old tools write the names of their own code page. Such members exist, but none that an invoice refers to.
    name = Array.from(raw, (byte) => String.fromCharCode(byte)).join('')
  }
  const unsafe = name === '' || /[\0\\:]|^\//.test(name) || name.split('/').includes('..')
  if (unsafe) throw refused(`member name ${JSON.stringify(name)}`, 'a plain relative path')
  return name
}

function requireApart(members: Member[], end: number): void {
  members.sort((left, right) => left.offset - right.offset)
  members.forEach(({ name, start, packed }, index) => {
    if (start + packed > (members[index + 1]?.offset ?? end)) throw refused(`${name} overlapping what follows`)
  })
}
