import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Identifier, Party } from '../../../domain/documents/invoice.ts'
import { identifiersOf, identifierText, parseIdentifier } from '../../../domain/participant/identifiers.ts'
import { deviationsOf, presentedIn, resolveParty, type Registered } from '../../../domain/participant/resolve.ts'
import { cast, participantIdOf } from '../../../scripts/world/cast.ts'

const directory: readonly Registered[] = cast.flatMap(({ slug, identifiers }) =>
  identifiers.map((text) => ({ ...parseIdentifier(text), participantId: participantIdOf(slug) }))
)

/** As the API asks the database. */
function resolve(party: Party) {
  const presented = identifiersOf(party)
  const texts = new Set(presented.identifiers.map(identifierText))
  const owners = new Set(directory.flatMap((one) => (texts.has(identifierText(one)) ? [one.participantId] : [])))
  return resolveParty(
    presented,
    directory.filter(({ participantId }) => owners.has(participantId))
  )
}

/** Ways to write a number that say the same. */
const spelling = (text: string) =>
  fc
    .array(fc.constantFrom('', '', ' ', '-', '.', '\u200b', '\u00a0'), {
      minLength: text.length,
      maxLength: text.length
    })
    .chain((noise) =>
      fc.tuple(fc.boolean(), fc.boolean()).map(([small, wide]) =>
        [...text]
          .map((character, index) => {
            const cased = small ? character.toLowerCase() : character
            const code = cased.charCodeAt(0)
            return (wide && code > 0x20 && code < 0x7f ? String.fromCharCode(code + 0xfee0) : cased) + noise[index]!
          })
          .join('')
      )
    )

/** Places where a document can write an identifier. */
function placesOf(text: string, country: string): fc.Arbitrary<Partial<Party>> {
  const { scheme, value } = parseIdentifier(text)
  const number = scheme === 'TAX' || scheme === 'LEG' ? value.slice(3) : value
  const schemed = (code: string, written = value) =>
    spelling(written).chain((v) => {
      const id: Identifier = { scheme: code, v }
      return fc.constantFrom<Partial<Party>>({ ids: [id] }, { legal: id }, { endpoint: id })
    })
  switch (scheme) {
    case 'VAT': {
      const isOwn = value.startsWith(country)
      const forms = isOwn ? [value, value.slice(2)] : [value]
      const eas = { DE: '9930', NL: '9944', IT: '0211', SE: '9955' }[value.slice(0, 2)]
      return fc.oneof(
        fc.constantFrom(...forms).chain((form) => spelling(form).map((vat) => ({ vat }))),
        ...(eas ? [schemed(eas), schemed(eas, value.slice(2))] : [])
      )
    }
    case 'USCC':
    case 'CN-TAX':
      return fc.oneof(
        spelling(value).map((uscc) => ({ uscc })),
        spelling(value).map((tax) => ({ tax }))
      )
    case 'TAX':
      return spelling(number).map((tax) => ({ tax }))
    case 'LEG':
      return spelling(number).map((v) => ({ legal: { v } }))
    case 'EM':
      return fc.constantFrom(value, value.toLowerCase()).map((v) => ({ endpoint: { scheme: 'EM', v } }))
    default:
      return schemed({ GLN: '0088', LEI: '0199', DUNS: '0060' }[scheme] ?? scheme)
  }
}

/** One party of these parts; where two want the same place, the later one goes among the ids or has to stay away. */
function joined(country: string, parts: readonly Partial<Party>[]): Party {
  return parts.reduce<Party>((party, part) => ({ ...party, ...part, ids: [...party.ids, ...(part.ids ?? [])] }), {
    ids: [],
    country
  })
}

const someOf = fc
  .constantFrom(...cast)
  .chain((member) =>
    fc
      .subarray(member.identifiers, { minLength: 1 })
      .chain((texts) => fc.tuple(fc.constant(member), ...texts.map((text) => placesOf(text, member.country))))
  )

describe('a party is found', () => {
  it('by every choice of its registered identifiers, in every spelling and place, under any name', () => {
    fc.assert(
      fc.property(someOf, fc.constantFrom(...cast.map(({ name }) => name)), ([member, ...parts], name) => {
        const party = { ...joined(member.country, parts), name }
        expect(resolve(party)).toMatchObject({ kind: 'one', participantId: participantIdOf(member.slug) })
      }),
      { numRuns: 2000 }
    )
  })

  it('with its VAT id or USCC left out, whichever other registered identifier is there', () => {
    for (const { slug, country, identifiers } of cast) {
      for (const text of identifiers.slice(1)) {
        const [part] = fc.sample(placesOf(text, country), 1)
        expect(resolve(joined(country, [part!])), text).toMatchObject({ participantId: participantIdOf(slug) })
      }
    }
  })

  it('by no name, and not by what nobody has registered', () => {
    for (const { name, country } of cast) expect(resolve({ ids: [], name, country })).toEqual({ kind: 'unknown' })
    expect(resolve({ ids: [], vat: 'DE999999999', legal: { scheme: '0007', v: '5566778899' } })).toEqual({
      kind: 'unknown'
    })
  })
})

describe('a party is contradictory', () => {
  it('with any identifier of somebody else beside its own', () => {
    const stranger = fc.constantFrom(...cast)
    fc.assert(
      fc.property(
        fc
          .tuple(fc.constantFrom(...cast), stranger)
          .filter(([one, other]) => one !== other)
          .chain(([one, other]) =>
            fc.tuple(
              fc.constant(one),
              fc.constantFrom(...one.identifiers).chain((text) => placesOf(text, one.country)),
              fc
                .constantFrom(...other.identifiers.filter((text) => !/^(TAX|LEG):/.test(text)))
                .chain((text) => placesOf(text, 'XX'))
            )
          ),
        ([one, own, foreign]) => {
          const places = (part: Partial<Party>) => Object.keys(part).filter((place) => place !== 'ids')
          fc.pre(!places(own).some((place) => places(foreign).includes(place)))
          // A foreign number without prefix is one of this country, and nobody's.
          fc.pre(foreign.vat === undefined && foreign.tax === undefined)
          expect(resolve(joined(one.country, [own, foreign])).kind).toBe('contradictory')
        }
      ),
      { numRuns: 1000 }
    )
  })

  const own: Party = { ids: [{ scheme: '0088', v: '9520000000035' }], country: 'DE' }
  it.each<[string, Partial<Party>, string[]]>([
    ['another VAT id of its country', { vat: 'DE999999999' }, ['ids[0]', 'vat']],
    ['another LEI', { endpoint: { scheme: '0199', v: '5493001KJTIIGC8Y1R12' } }, ['ids[0]', 'endpoint']],
    [
      'an LEI that is checked wrong',
      { endpoint: { scheme: '0199', v: '999900TALLYALDER0308' } },
      ['ids[0]', 'endpoint']
    ]
  ])('with %s than the registered one', (_what, more, fields) => {
    expect(resolve({ ...own, ...more })).toEqual({ kind: 'contradictory', fields })
  })

  it.each<[string, Partial<Party>]>([
    ['a VAT id of another country', { vat: 'ATU12345678' }],
    ['a tax number more', { tax: '201/113/40209' }],
    ['a GLN that is checked wrong', { endpoint: { scheme: '0088', v: '9520000000036' } }],
    ['a number of the buyer’s own', { legal: { v: 'HRB 77' } }]
  ])('not with %s', (_what, more) => {
    expect(resolve({ ...own, ...more })).toMatchObject({ kind: 'one', participantId: participantIdOf('alder') })
  })

  it('to who is named in its place, where a VAT id is another one', () => {
    const meridian = directory.filter(({ participantId }) => participantId === participantIdOf('meridian'))
    expect(deviationsOf(identifiersOf({ ids: [], vat: 'DE999999998' }), meridian)).toEqual(['vat'])
    expect(deviationsOf(identifiersOf({ ids: [], vat: 'DE 900 417 723' }), meridian)).toEqual([])
    expect(deviationsOf(identifiersOf({ ids: [], name: 'Meridian' }), meridian)).toEqual([])
  })

  it('and is told its own words only', () => {
    expect(presentedIn({ ...own, vat: 'DE 1' }, ['ids[0]', 'vat'], 'seller')).toEqual({
      'seller.ids[0]': '9520000000035',
      'seller.vat': 'DE 1'
    })
  })
})
