/** Requests that are right but for one thing, for every operation of the description: the matrix of bad input is made of them. */
import fc from 'fast-check'
import { rules } from '../../api/access/rules.ts'
import { cast } from '../../scripts/world/cast.ts'
import type { Operation } from './contract.ts'
import { allowed, beyond, type Known, type Schema } from './fuzz/values.ts'
import type { Instance } from './instance.ts'

export interface Route {
  method: string
  path: string
  operation: Operation
}

/** Routes of /v1. */
export function routesOf({ contract }: Instance): Route[] {
  return contract.operations().filter(({ path }) => path.startsWith('/v1'))
}

/** Who has the role for an operation, whom it is not about. */
export function holderOf({ operation }: Route, but: readonly string[] = []): string | undefined {
  const roles = rules[operation.operationId!]!.roles
  const preferred = ['alder', 'meridian', 'lindqvist', 'jiangan', 'regulator', ...cast.map(({ slug }) => slug)]
  return preferred.find((slug) => {
    const held = cast.find((member) => member.slug === slug)!.roles
    return !but.includes(slug) && (!roles || roles.some((role) => held.includes(role)))
  })
}

/** Who lacks every role that an operation needs. */
export function strangerTo({ operation }: Route): string | undefined {
  const roles = rules[operation.operationId!]!.roles
  return roles && cast.find((member) => !member.roles.some((role) => roles.includes(role)))?.slug
}

export function bodySchemaOf({ operation }: Route): Schema | undefined {
  return operation.requestBody?.content['application/json']?.schema as Schema | undefined
}

export function isFileRoute({ operation }: Route): boolean {
  return operation.requestBody !== undefined && !('application/json' in operation.requestBody.content)
}

/** A value that a schema allows, the same each time. */
export function example(schema: Schema, known: Known, name = ''): unknown {
  return fc.sample(allowed(schema, known, name), { numRuns: 1, seed: 7 })[0]
}

/** The path with values for its parameters, and the query parameters that it needs. */
export function urlOf(route: Route, known: Known, more: Record<string, string> = {}): string {
  const { path, operation } = route
  const of = (place: string) => (operation.parameters ?? []).filter((one) => one.in === place)
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const schema = of('path').find((one) => one.name === name)!.schema as Schema
    return encodeURIComponent(more[name] ?? String(known.get(name)?.[0] ?? example(schema, known, name)))
  })
  const query = of('query').flatMap(({ name, required, schema }) => {
    if (more[name] === undefined && !required) return []
    return [`${name}=${encodeURIComponent(more[name] ?? String(example(schema as Schema, known, name)))}`]
  })
  return query.length > 0 ? `${filled}?${query.join('&')}` : filled
}

/** For each field of a body, or parameter, one value that its type does not have. */
export function ofWrongType(schema: Schema): unknown {
  const { type, enum: values, anyOf, properties, items } = schema
  if (properties || items || type === 'integer' || type === 'number' || type === 'boolean') return 'text'
  if (type === 'string' || values || anyOf) return 7.5
  return undefined
}

/** Just beyond a bound of a field, or of the things in it. */
export function beyondBound(schema: Schema): unknown {
  if (schema.items) {
    if (schema.maxItems !== undefined) {
      const one = example(schema.items, new Map())
      return Array.from({ length: schema.maxItems + 1 }, () => one)
    }
    const one = beyond(schema.items)
    return one === undefined ? undefined : [one]
  }
  return beyond(schema)
}
