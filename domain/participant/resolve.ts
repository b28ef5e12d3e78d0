/** Whom the directory knows a party as. */
import type { Party } from '../documents/invoice.ts'
import {
  identifiersOf,
  identifierText,
  singleKindOf,
  type CanonicalIdentifier,
  type PartyIdentifiers
} from './identifiers.ts'

/** One registered identifier of a participant. */
export interface Registered extends CanonicalIdentifier {
  readonly participantId: number
}

/** `fields` of `contradictory`: the party's own that do not go together. */
export type Verdict =
  | { readonly kind: 'one'; readonly participantId: number; readonly fields: readonly string[] }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'contradictory'; readonly fields: readonly string[] }

/**
 * Every identifier that is registered must name the same participant, and none may be another than the registered one of a
 * kind that a firm has one of: else a true VAT id would carry a stranger's LEI. What is not registered proves nothing.
 * `directory` holds every identifier of each participant that any of the party's identifiers belongs to.
 */
export function resolveParty(presented: PartyIdentifiers, directory: readonly Registered[]): Verdict {
  const owners = new Map(directory.map((entry) => [identifierText(entry), entry.participantId]))
  const known = presented.identifiers.flatMap((one) => {
    const participantId = owners.get(identifierText(one))
    return participantId === undefined ? [] : [{ field: one.field, participantId }]
  })
  const fields = known.map(({ field }) => field)
  const [first] = known
  if (!first) return { kind: 'unknown' }
  if (known.some(({ participantId }) => participantId !== first.participantId)) return { kind: 'contradictory', fields }
  const others = deviationsOf(
    presented,
    directory.filter(({ participantId }) => participantId === first.participantId)
  )
  if (others.length > 0) return { kind: 'contradictory', fields: [...fields, ...others] }
  return { kind: 'one', participantId: first.participantId, fields }
}

/** Fields whose identifier is another than the participant's registered one of a kind that a firm has one of. */
export function deviationsOf(
  { identifiers, faults }: PartyIdentifiers,
  registered: readonly CanonicalIdentifier[]
): readonly string[] {
  const texts = new Set(registered.map(identifierText))
  const kinds = new Set(registered.map(singleKindOf))
  const isOther = (one: CanonicalIdentifier): boolean => {
    const kind = singleKindOf(one)
    return kind !== undefined && kinds.has(kind) && !texts.has(identifierText(one))
  }
  return [
    ...identifiers.filter(isOther).map(({ field }) => field),
    // What is checked wrong is not the registered one either.
    ...faults.filter(({ scheme }) => kinds.has(scheme)).map(({ field }) => field)
  ]
}

/** What the document says in these fields, for who is told about them: `{ 'seller.vat': … }`. */
export function presentedIn(party: Party, fields: readonly string[], role: string): Readonly<Record<string, string>> {
  const { vat, uscc, tax, legal, endpoint, ids } = party
  const texts: Record<string, string | undefined> = { vat, uscc, tax, legal: legal?.v, endpoint: endpoint?.v }
  ids.forEach((id, index) => (texts[`ids[${index}]`] = id.v))
  return Object.fromEntries(fields.map((field) => [`${role}.${field}`, texts[field] ?? '']))
}

/** Of the fields that name anybody at all: for who is told that none of them is registered. */
export function identifyingFieldsOf(party: Party): readonly string[] {
  return identifiersOf(party).identifiers.map(({ field }) => field)
}
