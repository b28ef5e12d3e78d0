/** By which values documents that could ring an alarm find each other, so that not all have to be compared with all. */
import { idNumberKey, numberKey, skeleton } from '../fingerprint/normalise.ts'
import { digitsOf, type AlarmFacts } from './facts.ts'

export const traitKinds = ['number', 'preceding', 'skeleton', 'digits', 'pair', 'file', 'search'] as const
export type TraitKind = (typeof traitKinds)[number]

/** One value of a document; equal values make two documents candidates. */
export interface Trait {
  readonly kind: TraitKind
  readonly value: readonly string[]
}

/** Under these a document can be found. */
export function traitsOf(facts: AlarmFacts): Trait[] {
  const { seller, buyer, currency } = facts
  const digits = digitsOf(facts)
  const look = skeleton(facts.numberKey)
  return [
    { kind: 'number', value: [seller, facts.numberKey] },
    ...facts.preceding.map((key): Trait => ({ kind: 'preceding', value: [seller, key] })),
    ...(look === '' ? [] : [{ kind: 'skeleton', value: [seller, look] } as const]),
    ...(digits === undefined ? [] : [{ kind: 'digits', value: [seller, digits] } as const]),
    ...(buyer === '' ? [] : [{ kind: 'pair', value: [seller, buyer, currency] } as const]),
    ...[facts.file, ...facts.attachments].map((digest): Trait => ({ kind: 'file', value: [digest] }))
  ]
}

/** Under these people find a document by its number alone, with or without the code of a Chinese one. Documents find none by them. */
export function searchTraitsOf({ number, numberKey: key }: AlarmFacts): Trait[] {
  return [...new Set([key, numberKey(number)])].map((value) => ({ kind: 'search', value: [value] }))
}

/** What a person typed, as {@link searchTraitsOf} would have it. */
export function searchTraitsFor(text: string): Trait[] {
  const keys = [...new Set([numberKey(text), idNumberKey(text)])].filter((key) => key !== '')
  return keys.map((key) => ({ kind: 'search', value: [key] }))
}

/** Under these a document finds others: what it names as preceding is another's number, and the other way round. */
export function lookupsOf(facts: AlarmFacts): Trait[] {
  const crossed: Partial<Record<TraitKind, TraitKind>> = { number: 'preceding', preceding: 'number' }
  return traitsOf(facts).map(({ kind, value }) => ({ kind: crossed[kind] ?? kind, value }))
}
