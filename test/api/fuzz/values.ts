/** Values by JSON Schema for fast-check: what a description allows, and what spoils it. */
import fc from 'fast-check'

/** As much of JSON Schema as the description of the api uses. */
export interface Schema {
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  anyOf?: Schema[]
  pattern?: string
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  items?: Schema
  minItems?: number
  maxItems?: number
  uniqueItems?: boolean
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: unknown
}

/** Values that are there, by the name of the field that they belong in. */
export type Known = ReadonlyMap<string, readonly unknown[]>

/** Longest text and list that are made without need. */
const SIZE = 24

/** What a schema allows. Where a field of that name is known, mostly a known value, so that requests get behind the first check. */
export function allowed(schema: Schema, known: Known, name = ''): fc.Arbitrary<unknown> {
  const real = known.get(name)
  const made = bySchema(schema, known, name)
  if (!real || real.length === 0 || schema.properties || schema.items) return made
  return fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...real) }, { weight: 1, arbitrary: made })
}

function bySchema(schema: Schema, known: Known, name: string): fc.Arbitrary<unknown> {
  const { anyOf, type, enum: values, properties, items } = schema
  if (anyOf) return fc.oneof(...anyOf.map((one) => allowed(one, known, name)))
  if (values) return fc.constantFrom(...values)
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (properties) return objectOf(schema, properties, known)
  if (items) {
    const { minItems = 0, maxItems = SIZE, uniqueItems } = schema
    const bounds = { minLength: minItems, maxLength: Math.max(minItems, Math.min(maxItems, 3)) }
    const one = allowed(items, known, name.replace(/s$/, ''))
    return uniqueItems ? fc.uniqueArray(one, bounds) : fc.array(one, bounds)
  }
  switch (Array.isArray(type) ? type[0] : type) {
    case 'string':
      return textOf(schema)
    case 'integer':
      return fc.integer({ min: schema.minimum ?? 0, max: Math.min(schema.maximum ?? 1 << 30, Number.MAX_SAFE_INTEGER) })
    case 'number':
      return fc.double({ noNaN: true, min: schema.minimum ?? -1e6, max: schema.maximum ?? 1e6 })
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    default:
      return fc.jsonValue({ maxDepth: 2 })
  }
}

function objectOf(
  { required = [] }: Schema,
  properties: Record<string, Schema>,
  known: Known
): fc.Arbitrary<Record<string, unknown>> {
  const fields = Object.fromEntries(Object.entries(properties).map(([key, one]) => [key, allowed(one, known, key)]))
  return fc.record(fields, { requiredKeys: required })
}

/** Made once: reading an expression takes longer than making a text by it. */
const matching = new Map<string, fc.Arbitrary<string>>()

function textOf({ pattern, minLength = 0, maxLength }: Schema): fc.Arbitrary<string> {
  const longest = Math.max(minLength, Math.min(maxLength ?? SIZE, SIZE))
  if (pattern === undefined) return fc.string({ minLength, maxLength: longest })
  // What only forbids some characters: text of many scripts, without them.
  if (pattern.startsWith('^[^')) {
    const letters = fc.constantFrom(...'aZ09 .-_/\'";<>&=+%$#@!?{}[]()|~^`éßñЖ中文字号Ａ１ ')
    return fc.string({ minLength, maxLength: longest, unit: letters })
  }
  // Of the looks ahead there is one: an epoch that is not zero.
  const plain = pattern.includes('(?!0000)') ? '^0x0001[0-9a-f]{60}$' : pattern
  const made = matching.get(plain) ?? fc.stringMatching(new RegExp(plain))
  matching.set(plain, made)
  return maxLength === undefined ? made : made.map((text) => text.slice(0, maxLength))
}

/** Texts that have broken something somewhere. */
export const hostileTexts = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\ud800',
  '\udfff\ud800',
  "' or 1=1 --",
  "'; drop table app.intent; --",
  '$1',
  '%s%n%x',
  'a\r\nX-Injected: 1',
  'a\r\n\r\nHTTP/1.1 200 OK',
  '../../etc/passwd',
  '%00',
  '%2e%2e%2f',
  '=cmd|"/c calc"!A1',
  '{{7*7}}${7*7}',
  '<script>alert(1)</script>',
  '\u202e\u200b\ufeff',
  'ｆｕｌｌ　ｗｉｄｔｈ',
  'İıſ\u0301',
  '-0',
  '1e999',
  '0x',
  '9'.repeat(400),
  '__proto__',
  'constructor',
  'x'.repeat(5_000)
] as const

const hostile: readonly unknown[] = [
  ...hostileTexts,
  null,
  true,
  0,
  -1,
  0.5,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  2 ** 63,
  1e308,
  -1e308,
  [],
  {},
  [null],
  [[[[[[]]]]]],
  { $ne: null },
  { toString: 1 }
]

/** A value with one thing wrong: a field too many, missing, of another type, null, just beyond its bound, or hostile. */
export function spoiled(schema: Schema, known: Known): fc.Arbitrary<unknown> {
  return fc
    .tuple(allowed(schema, known), fc.nat(), fc.nat(6), fc.constantFrom(...hostile))
    .map(([value, place, kind, other]) => spoil(schema, value, place, kind, other))
}

function spoil(schema: Schema, value: unknown, place: number, kind: number, other: unknown): unknown {
  const { properties, items } = schema
  if (Array.isArray(value) && items && kind < 5) {
    if (value.length === 0 || kind === 4)
      return Array.from({ length: (schema.maxItems ?? 50) + 1 }, () => value[0] ?? other)
    const at = place % value.length
    return value.map((one, i) => (i === at ? spoil(items, one, place >> 2, kind, other) : (one as unknown)))
  }
  if (typeof value === 'object' && value !== null && properties) {
    const object = value as Record<string, unknown>
    const names = Object.keys(object)
    const name = names[place % Math.max(1, names.length)]
    if (kind === 0) return { ...object, unknownField: other }
    if (name === undefined || kind === 6) return other
    if (kind === 1) return Object.fromEntries(Object.entries(object).filter(([key]) => key !== name))
    return { ...object, [name]: spoil(properties[name] ?? {}, object[name], place >> 3, kind, other) }
  }
  if (kind === 2) return beyond(schema) ?? other
  if (kind === 3) return null
  return other
}

/** The least that a bound forbids; undefined where there is none. */
export function beyond({ maximum, minimum, maxLength, minLength, pattern }: Schema): unknown {
  if (maximum !== undefined) return maximum + 1
  if (minimum !== undefined) return minimum - 1
  if (maxLength !== undefined) return 'x'.repeat(maxLength + 1)
  if (minLength !== undefined && minLength > 0) return 'x'.repeat(minLength - 1)
  return pattern === undefined ? undefined : '\n'
}
