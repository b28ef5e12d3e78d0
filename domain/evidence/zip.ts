/**
 * A strict reader and a deterministic writer of zip archives (APPNOTE 6.3.10). Only what evidence packages need is read:
 * entries one after the other without gaps, overlaps or trailing bytes, each described alike by its local header and by
 * the directory, stored or deflated. So no two readers see different files, and nothing grows beyond its limit.
 */
import { deflateSync, Inflate, zipSync, type Zippable } from 'fflate'
import { EvidenceError } from './errors.ts'

/** What a hostile archive may cost. `ratio`: inflated bytes for each byte of the archive. */
export interface ZipLimits {
  members: number
  totalBytes: number
  ratio: number
}

const endSize = 22
const localSize = 30
const directorySize = 46

interface Entry {
  name: string
  method: number
  crc: number
  packed: number
  unpacked: number
  offset: number
}

/**
 * Writes members in the order of their names with a fixed time: the same members give the same bytes. A member that would
 * pack so well that a reader takes it for a bomb is stored.
 */
export function writeZip(members: ReadonlyMap<string, Uint8Array>): Uint8Array {
  // The year 1980 in local time, since zip times have no zone: the same bytes everywhere.
  const mtime = new Date(1980, 0, 1)
  const files: Zippable = {}
  for (const [name, bytes] of [...members].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const isBomblike = bytes.length > 4096 && deflateSync(bytes, { level: 1 }).length * 50 < bytes.length
    files[name] = [bytes, { level: isBomblike ? 0 : 9 }]
  }
  return zipSync(files, { mtime })
}

/**
 * Reads all members.
 * @throws EvidenceError PACKAGE_UNREADABLE for anything irregular, PACKAGE_TRUNCATED without an end record at the end,
 * MEMBER_DUPLICATE, PACKAGE_LIMIT before a limit is passed.
 */
export function readZip(bytes: Uint8Array, limits: ZipLimits): Map<string, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const entries = readDirectory(view, bytes, limits)
  const members = new Map<string, Uint8Array>()
  let total = 0
  let position = 0
  for (const entry of entries) {
    if (entry.offset !== position) unreadable(`member ${entry.name} does not follow the one before`)
    const start = requireLocalHeader(view, bytes, entry)
    const end = start + entry.packed
    if (end > bytes.length) unreadable(`member ${entry.name} is cut short`)
    total += entry.unpacked
    if (total > limits.totalBytes) {
      limit(`members hold more than ${limits.totalBytes} bytes`, total, limits.totalBytes)
    }
    // Deflate's header costs a few bytes, so the smallest members may look more packed than they are.
    if (entry.unpacked > limits.ratio * (entry.packed + 16)) {
      limit(
        `member ${entry.name} is packed more than ${limits.ratio} times`,
        entry.unpacked,
        limits.ratio * entry.packed
      )
    }
    const content = unpack(entry, bytes.subarray(start, end))
    if (crc32(content) !== entry.crc) unreadable(`member ${entry.name} has another CRC-32 than declared`)
    members.set(entry.name, content)
    position = end
  }
  return members
}

function readDirectory(view: DataView, bytes: Uint8Array, limits: ZipLimits): Entry[] {
  const end = bytes.length - endSize
  // A comment would follow the end record: packages have none, so the record is always last.
  if (end < 0 || view.getUint32(end, true) !== 0x06054b50 || view.getUint16(end + 20, true) !== 0) {
    const message = 'not a zip archive that ends with its end record'
    if (bytes[0] !== 0x50 || bytes[1] !== 0x4b) unreadable(message)
    throw new EvidenceError('PACKAGE_TRUNCATED', `${message}: cut short, or something was put after it`)
  }
  if (view.getUint16(end + 4, true) !== 0 || view.getUint16(end + 6, true) !== 0)
    unreadable('archive has several disks')
  const count = view.getUint16(end + 10, true)
  if (count !== view.getUint16(end + 8, true)) unreadable('end record has two counts')
  if (count > limits.members) limit(`more than ${limits.members} members`, count, limits.members)
  const size = view.getUint32(end + 12, true)
  const start = view.getUint32(end + 16, true)
  if (start + size !== end) unreadable('directory does not end at the end record')
  const entries: Entry[] = []
  const names = new Set<string>()
  let position = start
  for (let i = 0; i < count; i++) {
    if (position + directorySize > end || view.getUint32(position, true) !== 0x02014b50)
      unreadable('directory is broken')
    const nameLength = view.getUint16(position + 28, true)
    const rest = view.getUint16(position + 30, true) + view.getUint16(position + 32, true)
    const next = position + directorySize + nameLength + rest
    if (next > end) unreadable('directory is cut short')
    const name = nameOf(bytes.subarray(position + directorySize, position + directorySize + nameLength))
    // Names that differ only in case overwrite each other on some disks.
    if (names.has(name.toLowerCase())) {
      throw new EvidenceError('MEMBER_DUPLICATE', `member ${name} is there twice`, { presented: name })
    }
    names.add(name.toLowerCase())
    entries.push({
      name,
      method: methodOf(view, position + 8, name),
      crc: view.getUint32(position + 16, true),
      packed: view.getUint32(position + 20, true),
      unpacked: view.getUint32(position + 24, true),
      offset: view.getUint32(position + 42, true)
    })
    position = next
  }
  if (position !== end) unreadable('directory has more than its entries')
  entries.sort((a, b) => a.offset - b.offset)
  const last = entries.at(-1)
  const used = last ? last.offset + localLength(view, last) + last.packed : 0
  if (used !== start) unreadable('archive has bytes that no member owns')
  return entries
}

/** Reads flags and method: neither encryption nor sizes behind the data. */
function methodOf(view: DataView, flagsAt: number, name: string): number {
  const flags = view.getUint16(flagsAt, true)
  const method = view.getUint16(flagsAt + 2, true)
  // Bits 1 and 2 tell deflate's effort, bit 11 that the name is UTF-8.
  if ((flags & ~0x0806) !== 0) unreadable(`member ${name} has flags ${flags} that packages do not use`)
  if (method !== 0 && method !== 8) unreadable(`member ${name} is packed by method ${method}`)
  return method
}

/** Names are plain relative paths of ASCII letters, digits, `.`, `_` and `-`. */
function nameOf(bytes: Uint8Array): string {
  const name = String.fromCharCode(...bytes.subarray(0, 256))
  if (bytes.length > 255 || !/^(?!.*\.\.)[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/.test(name)) {
    unreadable(`member name ${JSON.stringify(name)} is not a plain path`)
  }
  return name
}

function localLength(view: DataView, entry: Entry): number {
  if (entry.offset + localSize > view.byteLength) unreadable(`member ${entry.name} lies outside the archive`)
  return localSize + view.getUint16(entry.offset + 26, true) + view.getUint16(entry.offset + 28, true)
}

/** Where the member's data start, after its local header was found to say what the directory says. */
function requireLocalHeader(view: DataView, bytes: Uint8Array, entry: Entry): number {
  const at = entry.offset
  const start = at + localLength(view, entry)
  if (view.getUint32(at, true) !== 0x04034b50 || start > bytes.length) unreadable(`member ${entry.name} has no header`)
  const name = nameOf(bytes.subarray(at + localSize, at + localSize + view.getUint16(at + 26, true)))
  const isSame =
    name === entry.name &&
    methodOf(view, at + 6, name) === entry.method &&
    view.getUint32(at + 14, true) === entry.crc &&
    view.getUint32(at + 18, true) === entry.packed &&
    view.getUint32(at + 22, true) === entry.unpacked
  if (!isSame) unreadable(`member ${entry.name} is described in two ways`)
  return start
}

/** Never keeps more than the declared size, whatever the data would grow to. */
function unpack(entry: Entry, packed: Uint8Array): Uint8Array {
  if (entry.method === 0) {
    if (entry.packed !== entry.unpacked) unreadable(`member ${entry.name} is stored with two sizes`)
    return packed.slice()
  }
  const content = new Uint8Array(entry.unpacked)
  let length = 0
  try {
    const inflate = new Inflate((chunk) => {
      if (length + chunk.length > content.length) unreadable(`member ${entry.name} is larger than declared`)
      content.set(chunk, length)
      length += chunk.length
    })
    // Small steps, so that a lie about the size is noticed after little work.
    for (let from = 0; from < packed.length; from += 4096) {
      inflate.push(packed.subarray(from, from + 4096), from + 4096 >= packed.length)
    }
  } catch (error) {
    if (error instanceof EvidenceError) throw error
    unreadable(`member ${entry.name} can't be inflated: ${(error as Error).message}`)
  }
  if (length !== content.length) unreadable(`member ${entry.name} is smaller than declared`)
  return content
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  return value
})

/** CRC-32 of ISO 3309, as zip declares it. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) crc = (crc >>> 8) ^ (crcTable[(crc ^ byte) & 0xff] as number)
  return (crc ^ 0xffffffff) >>> 0
}

function unreadable(message: string): never {
  throw new EvidenceError('PACKAGE_UNREADABLE', message)
}

function limit(message: string, presented: number, required: number): never {
  throw new EvidenceError('PACKAGE_LIMIT', message, { presented, required })
}
