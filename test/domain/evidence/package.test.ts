import { strToU8, unzipSync, zipSync } from 'fflate'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buildPackage, openPackage } from '../../../domain/evidence/package.ts'
import { readZip, writeZip } from '../../../domain/evidence/zip.ts'
import { makePackage } from './story.ts'

const limits = { members: 10, totalBytes: 1_000_000, ratio: 100 }
const made = await makePackage()
const parts = (): Record<string, Uint8Array> => unzipSync(made.bytes)
const code = (name: string) => expect.objectContaining({ code: name })
const concat = (...pieces: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(pieces))

describe('openPackage refuses', () => {
  it.each([
    ['nothing', new Uint8Array(0)],
    ['text', strToU8('not a zip at all, but long enough to hold an end record')],
    ['bytes before the zip', concat(Uint8Array.of(0), made.bytes)],
    ['two zips in one', concat(made.bytes, made.bytes)]
  ])('%s as unreadable', (_, bytes) => {
    expect(() => openPackage(bytes)).toThrow(code('PACKAGE_UNREADABLE'))
  })

  it.each([
    ['cut short', made.bytes.slice(0, -1)],
    ['with bytes after it', concat(made.bytes, Uint8Array.of(0))]
  ])('a zip %s as truncated', (_, bytes) => {
    expect(() => openPackage(bytes)).toThrow(code('PACKAGE_TRUNCATED'))
  })

  it.each([
    '../manifest.json',
    '/etc/passwd',
    'records\\1.json',
    'records/../1.json',
    'C:x',
    'records/',
    '.hidden',
    'a\u0000b',
    'é'
  ])('the member name %j', (name) => {
    expect(() => openPackage(zipSync({ ...parts(), [name]: strToU8('x') }))).toThrow(code('PACKAGE_UNREADABLE'))
  })

  it('a member that is there twice, also when the names differ in case only', () => {
    const twice = zipSync({ 'records/1.json': strToU8('a'), 'records/2.json': strToU8('b') })
    const renamed = new Uint8Array(
      Buffer.from(Buffer.from(twice).toString('latin1').replaceAll('2.json', '1.json'), 'latin1')
    )
    expect(() => openPackage(renamed)).toThrow(code('MEMBER_DUPLICATE'))
    const upper = zipSync({ 'records/1.json': strToU8('a'), 'records/1.JSON': strToU8('a') })
    expect(() => openPackage(upper)).toThrow(code('MEMBER_DUPLICATE'))
  })

  it('a directory that names other members than the headers', () => {
    const text = Buffer.from(made.bytes).toString('latin1')
    const at = text.lastIndexOf('records/1.json')
    const bytes = made.bytes.slice()
    bytes[at + 'records/'.length] = '0'.charCodeAt(0)
    expect(() => openPackage(bytes)).toThrow(code('PACKAGE_UNREADABLE'))
  })

  it('a dropped, an added and a renamed member', () => {
    const { 'records/1.json': first, ...others } = parts()
    expect(() => openPackage(zipSync(others))).toThrow(code('MEMBER_MISSING'))
    expect(() => openPackage(zipSync({ ...others, 'records/0.json': first! }))).toThrow(code('MEMBER_MISSING'))
    expect(() => openPackage(zipSync({ ...parts(), 'readme.txt': strToU8('hi') }))).toThrow(code('MEMBER_UNDECLARED'))
    const { 'manifest.json': _, ...headless } = parts()
    expect(() => openPackage(zipSync(headless))).toThrow(code('MEMBER_MISSING'))
  })

  it('a manifest of a version that it does not know', () => {
    const files = parts()
    const text = new TextDecoder().decode(files['manifest.json']).replace(/"v":1\}$/, '"v":2}')
    files['manifest.json'] = strToU8(text)
    expect(() => openPackage(zipSync(files))).toThrow(code('MANIFEST_VERSION_UNKNOWN'))
  })

  it.each([
    ['is not JSON', (text: string) => text.slice(1)],
    ['has an unknown field', (text: string) => text.replace('"v":1', '"v":1,"x":1')],
    ['has spaces', (text: string) => text.replace('"v":1', '"v": 1')],
    ['names a member twice', (text: string) => text.replace(/"members":\[(\{.*?\})/, '"members":[$1,$1')],
    ['lists a record that is no member', (text: string) => text.replace('"leafIndex":1,', '"leafIndex":2,')],
    ['names a path outside', (text: string) => text.replaceAll('records/1.json', '../records/1.json')]
  ])('a manifest that %s', (_, change) => {
    const files = parts()
    files['manifest.json'] = strToU8(change(new TextDecoder().decode(files['manifest.json'])))
    expect(() => openPackage(zipSync(files))).toThrow(code('MANIFEST_MALFORMED'))
  })
})

describe('limits of the archive', () => {
  it('refuse a bomb by its ratio before it is inflated', () => {
    const bomb = zipSync({ 'manifest.json': new Uint8Array(60_000_000) }, { level: 9 })
    expect(() => openPackage(bomb)).toThrow(code('PACKAGE_LIMIT'))
  })

  it('refuse a bomb that lies about its size', () => {
    const bomb = zipSync({ 'manifest.json': new Uint8Array(500_000) }, { level: 9 })
    const view = new DataView(bomb.buffer)
    view.setUint32(22, 10, true)
    const directory = view.getUint32(bomb.length - 6, true)
    view.setUint32(directory + 24, 10, true)
    expect(() => openPackage(bomb)).toThrow(code('PACKAGE_UNREADABLE'))
  })

  it('refuse too many members and too much in all', () => {
    const files = Object.fromEntries(Array.from({ length: 20_001 }, (_, i) => [`records/${i}.json`, strToU8('{}')]))
    expect(() => openPackage(zipSync(files))).toThrow(code('PACKAGE_LIMIT'))
    const noise = new Uint8Array(600_000)
    crypto.getRandomValues(noise.subarray(0, 65_536))
    const large = zipSync({ a: noise, b: noise }, { level: 0 })
    expect(() => readZip(large, limits)).toThrow(code('PACKAGE_LIMIT'))
  })

  it('refuse members that share their bytes', () => {
    const two = zipSync({ a: strToU8('same bytes'), b: strToU8('same bytes') }, { level: 0 })
    const view = new DataView(two.buffer)
    const directory = view.getUint32(two.length - 6, true)
    view.setUint32(directory + 46 + 1 + 42, 0, true)
    expect(() => readZip(two, limits)).toThrow(code('PACKAGE_UNREADABLE'))
  })
})

describe('a zip whose parts disagree', () => {
  /** One stored member `a` of 4 bytes: header at 0, directory at 35, end record at 82. */
  const plain = (): { bytes: Uint8Array; view: DataView } => {
    const bytes = zipSync({ a: strToU8('1234') }, { level: 0 })
    return { bytes, view: new DataView(bytes.buffer) }
  }
  const [directory, end] = [35, 82]

  it('is otherwise read', () => {
    const { bytes, view } = plain()
    expect([view.getUint32(directory, true), view.getUint32(end, true)]).toEqual([0x02014b50, 0x06054b50])
    expect(readZip(bytes, limits)).toEqual(new Map([['a', strToU8('1234')]]))
  })

  it.each<[string, string, (view: DataView) => void]>([
    ['encrypted', 'has flags 1', (view) => [6, directory + 8].forEach((at) => view.setUint16(at, 1, true))],
    [
      'with sizes behind the data',
      'has flags 8',
      (view) => [6, directory + 8].forEach((at) => view.setUint16(at, 8, true))
    ],
    [
      'packed by another method',
      'method 12',
      (view) => [8, directory + 10].forEach((at) => view.setUint16(at, 12, true))
    ],
    ['stored with two sizes', 'two sizes', (view) => [22, directory + 24].forEach((at) => view.setUint32(at, 5, true))],
    ['described in two ways', 'two ways', (view) => view.setUint32(22, 5, true)],
    ['with another CRC', 'CRC-32', (view) => [14, directory + 16].forEach((at) => view.setUint32(at, 5, true))],
    ['without its header', 'has no header', (view) => view.setUint32(0, 0, true)],
    ['counted in two ways', 'two counts', (view) => view.setUint16(end + 8, 2, true)],
    ['on several disks', 'several disks', (view) => view.setUint16(end + 4, 1, true)],
    ['outside the archive', 'outside the archive', (view) => view.setUint32(directory + 42, 0xffff, true)],
    ['of a directory elsewhere', 'does not end at', (view) => view.setUint32(end + 12, 46, true)],
    [
      'of a directory that counts less',
      'more than its entries',
      (view) => [8, 10].forEach((at) => view.setUint16(end + at, 0, true))
    ],
    ['with a name beyond the directory', 'cut short', (view) => view.setUint16(directory + 28, 2, true)]
  ])('is refused when a member is %s', (_, reason, change) => {
    const { bytes, view } = plain()
    change(view)
    expect(() => readZip(bytes, limits)).toThrow(code('PACKAGE_UNREADABLE'))
    expect(() => readZip(bytes, limits)).toThrow(reason)
  })

  it('is refused when bytes hide between the last member and the directory', () => {
    const { bytes } = plain()
    const hidden = concat(bytes.subarray(0, directory), strToU8('hidden'), bytes.subarray(directory))
    new DataView(hidden.buffer).setUint32(end + 6 + 16, directory + 6, true)
    expect(() => readZip(hidden, limits)).toThrow('no member owns')
  })

  it('is refused when bytes hide between two members', () => {
    const two = zipSync({ a: strToU8('1234'), b: strToU8('5678') }, { level: 0 })
    const hidden = concat(two.subarray(0, 35), strToU8('hidden'), two.subarray(35))
    const view = new DataView(hidden.buffer)
    const at = view.getUint32(hidden.length - 6, true) + 6
    view.setUint32(hidden.length - 6, at, true)
    view.setUint32(at + 47 + 42, 35 + 6, true)
    expect(() => readZip(hidden, limits)).toThrow('does not follow')
  })
})

describe('reading a zip', () => {
  it('throws nothing but a refusal for any flipped byte, and never reads other contents', () => {
    fc.assert(
      fc.property(fc.nat(made.bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const bytes = made.bytes.slice()
        bytes[at]! ^= flip
        try {
          expect(openPackage(bytes).members).toEqual(openPackage(made.bytes).members)
        } catch (error) {
          expect(error).toMatchObject({ name: 'EvidenceError' })
        }
      }),
      { numRuns: 300 }
    )
  })

  it('gives back what was written, for any members', () => {
    const name = fc.stringMatching(/^[a-z0-9]{1,8}(\/[a-z0-9]{1,8})?$/)
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(name, fc.uint8Array({ maxLength: 2_000 })), {
          selector: ([key]) => key,
          maxLength: 10
        }),
        (entries) => {
          const members = new Map(entries)
          expect(readZip(writeZip(members), limits)).toEqual(members)
        }
      )
    )
  })

  it('gives back a member that packs better than the limit would allow', () => {
    const members = new Map([['zeros', new Uint8Array(500_000)]])
    expect(readZip(writeZip(members), limits)).toEqual(members)
  })
})

describe('buildPackage', () => {
  it('refuses a record that is none and two records of one leaf', () => {
    const [first] = made.input.records
    const broken = { ...made.input, records: [{ ...first!, bytes: strToU8('{}') }] }
    expect(() => buildPackage(broken)).toThrow(code('RECORD_MALFORMED'))
    expect(() => buildPackage({ ...made.input, records: [first!, first!] })).toThrow(code('MANIFEST_MALFORMED'))
    expect(() => buildPackage({ ...made.input, records: [] })).toThrow(code('MANIFEST_MALFORMED'))
  })

  it('gives the same bytes for the same input, in any order', () => {
    const records = [...made.input.records].reverse()
    expect(buildPackage({ ...made.input, records })).toEqual(made.bytes)
  })

  it('takes the same file twice as one document', () => {
    const documents = [...made.input.documents, ...made.input.documents]
    expect(buildPackage({ ...made.input, documents })).toEqual(made.bytes)
  })
})
