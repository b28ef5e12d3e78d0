import { createRequire } from 'node:module'
import type { Answer } from './instance.ts'

/** As much of an OpenAPI 3.1 description as the tests read. */
export interface OpenApi {
  openapi: string
  paths: Record<string, Record<string, Operation>>
  components?: { responses?: Record<string, Response> }
}

export interface Response {
  $ref?: string
  description?: string
  content?: Record<string, { schema?: object }>
}

export interface Operation {
  operationId?: string
  summary?: string
  parameters?: { name: string; in: string; required?: boolean; schema?: object }[]
  requestBody?: { content: Record<string, { schema?: object }> }
  responses: Record<string, Response>
}

interface Validator {
  compile(schema: object): ((data: unknown) => boolean) & { errors?: unknown }
}

// Fastify's own validator, in the draft that OpenAPI 3.1 uses.
const require = createRequire(createRequire(import.meta.url).resolve('fastify'))
const { default: Ajv } = require('ajv/dist/2020.js') as { default: new (options: object) => Validator }

/** The published description, and whether an answer is one that it promises. */
export class Contract {
  readonly document: OpenApi
  private readonly compiled = new Map<object, ReturnType<Validator['compile']>>()
  private readonly ajv = new Ajv({ strict: false, validateFormats: false })

  constructor(document: unknown) {
    this.document = document as OpenApi
  }

  operations(): { method: string; path: string; operation: Operation }[] {
    return Object.entries(this.document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation }))
    )
  }

  /** A schema of the description, with what it may refer to. */
  compile(schema: object) {
    const known = this.compiled.get(schema)
    if (known) return known
    const validate = this.ajv.compile({ ...schema, components: this.document.components ?? {} })
    this.compiled.set(schema, validate)
    return validate
  }

  /** What an operation says of a status, wherever that stands. */
  responseOf({ responses }: Operation, status: number): Response | undefined {
    const said = responses[String(status)]
    const name = /^#\/components\/responses\/(\w+)$/.exec(said?.$ref ?? '')?.[1]
    return name === undefined ? said : this.document.components?.responses?.[name]
  }

  /** Throws when a described operation gives an answer that its description does not have. */
  check(method: string, url: string, answer: Answer): void {
    const path = url.split('?')[0]!
    const found = this.operations().find((one) => {
      const pattern = one.path.replace(/\{[^}]+\}/g, '[^/]+')
      return one.method === method && new RegExp(`^${pattern}$`).test(path)
    })
    const trouble = found && this.troubleOf(found.operation, answer)
    if (trouble) throw new Error(`${method} ${found.path} ${answer.status} ${trouble}`)
  }

  /** What is not as an operation says it; undefined: nothing. */
  troubleOf(operation: Operation, answer: Answer): string | undefined {
    const response = this.responseOf(operation, answer.status)
    if (!response) return `is not described: ${answer.text}`
    const type = answer.headers.get('content-type')?.split(';')[0]
    const content = response.content ?? {}
    if (type === undefined) return Object.keys(content).length > 0 ? 'has no media type' : undefined
    if (!(type in content)) return `is of the media type ${type}, not of ${Object.keys(content).join()}`
    const { schema } = content[type]!
    if (!schema || !type.endsWith('json')) return undefined
    const validate = this.compile(schema)
    return validate(answer.body) ? undefined : `is not as described: ${JSON.stringify(validate.errors)}`
  }
}
