/**
 * The client's types from the api's description. The usual generator (openapi-typescript) needs TypeScript 5 as a library, this project
 * is at 7 (docs/adr/0027). What TypeBox writes is little of JSON Schema; what is not here becomes `unknown`.
 */

interface Schema {
  type?: string | readonly string[]
  enum?: readonly (string | number)[]
  const?: string | number
  anyOf?: readonly Schema[]
  oneOf?: readonly Schema[]
  allOf?: readonly Schema[]
  items?: Schema
  properties?: Record<string, Schema>
  patternProperties?: Record<string, Schema>
  required?: readonly string[]
  description?: string
}

interface Content {
  content?: Record<string, { schema?: Schema }>
}

interface Operation {
  operationId?: string
  summary?: string
  parameters?: readonly { name: string; in: string; required?: boolean; schema: Schema }[]
  requestBody?: Content & { required?: boolean }
  responses: Record<string, Content>
}

export interface Description {
  paths: Record<string, Record<string, Operation>>
}

/** Shapes that many answers share, by a field (and one beside it) that only they have, with what the description leaves open in them. */
const named: readonly { name: string; field: string; beside?: string; typed?: Record<string, string> }[] = [
  {
    name: 'Intent',
    field: 'signersRequired',
    typed: { typedData: 'ExecuteTypedData', args: 'Record<string, string>' }
  },
  { name: 'Receivable', field: 'isDisputed' },
  { name: 'Note', field: 'hasRecourse' },
  { name: 'ReadDocument', field: 'identifierFaults' },
  { name: 'Alarm', field: 'stops' },
  { name: 'Recovery', field: 'isFinishable' },
  { name: 'Standing', field: 'isGoverned' },
  { name: 'ApplicationReview', field: 'checks', beside: 'applicationId' },
  { name: 'Participant', field: 'encryptionKey', beside: 'participantId' }
]

/** The module: every operation's input and output as types, and how it is asked for as a table. */
export function clientModule({ paths }: Description): string {
  const shapes = new Map<string, string>()
  const types: string[] = []
  const table: string[] = []
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const { operationId, summary, parameters = [], responses } = operation
      if (!operationId) throw new Error(`${method} ${path} has no operationId`)
      const placed = (place: string) => parameters.filter((parameter) => parameter.in === place)
      const fields = [...placed('path'), ...placed('query')].map(
        ({ name, required, schema }) => `${name}${required ? '' : '?'}: ${typeOf(schema, shapes)}`
      )
      const bodySchema = operation.requestBody?.content?.['application/json']?.schema
      if (bodySchema) fields.push(`body: ${typeOf(bodySchema, shapes)}`)
      else if (operation.requestBody) fields.push('body: Uint8Array')
      const [answerType, answer] = answerOf(responses)
      const output = answerType === 'json' ? typeOf(answer ?? {}, shapes) : 'Uint8Array'
      types.push(
        `  /** ${summary ?? operationId}. */\n  ${operationId}: { input: { ${fields.join('; ')} }; output: ${output} }`
      )
      const query = placed('query').map(({ name }) => `'${name}'`)
      table.push(
        `  ${operationId}: { method: '${method.toUpperCase()}', path: '${path}', query: [${query.join(', ')}], answer: '${answerType}' }`
      )
    }
  }
  return [
    '// Generated from docs/openapi.json by `npm run generate`. Do not edit.',
    "import type { ExecuteTypedData } from '../domain/intent/typed-data.ts'\n",
    ...[...shapes].map(([name, type]) => `export type ${name} = ${type}\n`),
    `export interface Operations {\n${types.join('\n')}\n}\n`,
    `export const operations = {\n${table.join(',\n')}\n} as const\n`
  ].join('\n')
}

/** The answer of success: its JSON, or bytes of a type of its own. */
function answerOf(responses: Operation['responses']): ['json' | 'bytes', Schema | undefined] {
  const [, success] = Object.entries(responses).find(([status]) => status.startsWith('2')) ?? []
  const types = Object.keys((success ?? Object.values(responses)[0])?.content ?? {})
  const isBytes = types.length > 0 && !types.includes('application/json')
  return [isBytes ? 'bytes' : 'json', success?.content?.['application/json']?.schema]
}

function typeOf(schema: Schema, shapes: Map<string, string>, typed: Record<string, string> = {}): string {
  const { anyOf = schema.oneOf, allOf, items, properties, patternProperties } = schema
  if (anyOf) return [...new Set(anyOf.map((one) => typeOf(one, shapes, typed)))].join(' | ')
  if (allOf) return allOf.map((one) => typeOf(one, shapes, typed)).join(' & ')
  if (schema.enum) return schema.enum.map(literal).join(' | ')
  if (schema.const !== undefined) return literal(schema.const)
  if (items) {
    const type = typeOf(items, shapes, typed)
    return /[|&]/.test(type) && !items.properties ? `(${type})[]` : `${type}[]`
  }
  if (properties) return objectOf(schema, properties, shapes, typed)
  const [value] = Object.values(patternProperties ?? {})
  if (value) return `Record<string, ${typeOf(value, shapes, typed)}>`
  if (Array.isArray(schema.type)) {
    return schema.type.map((type: string) => typeOf({ ...schema, type }, shapes, typed)).join(' | ')
  }
  switch (schema.type) {
    case 'string':
    case 'boolean':
    case 'null':
      return schema.type
    case 'integer':
    case 'number':
      return 'number'
    case 'object':
      return 'Record<string, unknown>'
    default:
      return 'unknown'
  }
}

function objectOf(
  { required = [] }: Schema,
  properties: Record<string, Schema>,
  shapes: Map<string, string>,
  typed: Record<string, string>
): string {
  const shape = named.find(({ field, beside = field }) => field in properties && beside in properties)
  const known = { ...typed, ...shape?.typed }
  const fields = Object.entries(properties).map(([name, schema]) => {
    const key = /^[A-Za-z_]\w*$/.test(name) ? name : literal(name)
    return `${key}${required.includes(name) ? '' : '?'}: ${known[name] ?? typeOf(schema, shapes, known)}`
  })
  const type = `{ ${fields.join('; ')} }`
  if (!shape) return type
  // Another one with that field keeps its own form.
  if ((shapes.get(shape.name) ?? type) !== type) return type
  shapes.set(shape.name, type)
  return shape.name
}

function literal(value: string | number): string {
  return typeof value === 'string' ? `'${value}'` : String(value)
}
