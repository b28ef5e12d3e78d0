/** One participant at the api: typed operations, problem details as errors, idempotency keys. Runs in Node and in browsers. */
import { operations, type Operations } from './operations.generated.ts'
import { ApiUnreachable, ProblemError, type Problem } from './problem.ts'

export type OperationId = keyof Operations
export type Input<Id extends OperationId> = Operations[Id]['input']
export type Output<Id extends OperationId> = Operations[Id]['output']

export interface ApiOptions {
  /** Where the api is, without a slash at the end; empty for the page's own origin. */
  baseUrl: string
  /** Of an API key or session; without one only what is public answers. Asked before each request. */
  credential?: () => string | undefined
  /** Told of a credential that was refused (401); whether there is another by now, with which the request is made once more. */
  onRefused?: (credential: string | undefined) => Promise<boolean>
  /** How long a request is repeated while the api is away or asks to come again, milliseconds. Zero: not at all. */
  patience?: number
}

export interface CallOptions {
  /** Idempotency key of a command: the same key is the same command, whatever broke in between. Made when left out. */
  key?: string
  signal?: AbortSignal
}

const PAUSE_MS = 100

export class Api {
  readonly #options: ApiOptions

  constructor(options: ApiOptions) {
    this.#options = options
  }

  /**
   * Asks for an operation by its id (docs/openapi.json).
   * @throws ProblemError when it is refused, ApiUnreachable when nobody answers
   */
  async call<Id extends OperationId>(id: Id, input: Input<Id>, options: CallOptions = {}): Promise<Output<Id>> {
    const content = await this.#exchange(requestOf(id, input, options.key), options.signal)
    return (operations[id].answer === 'bytes' ? content : parse(content)) as Output<Id>
  }

  /** The answer's bytes as they came: certificates are kept byte by byte. */
  async download<Id extends OperationId>(id: Id, input: Input<Id>, options: CallOptions = {}): Promise<Uint8Array> {
    return this.#exchange(requestOf(id, input, options.key), options.signal)
  }

  async #exchange({ path, init }: Request, signal: AbortSignal | undefined): Promise<Uint8Array> {
    const { baseUrl, credential, onRefused, patience = 0 } = this.#options
    const deadline = Date.now() + patience
    let isSecond = false
    for (;;) {
      const bearer = credential?.()
      const headers = bearer === undefined ? init.headers : { ...init.headers, authorization: `Bearer ${bearer}` }
      try {
        return await attempt(baseUrl + path, { ...init, headers, ...(signal ? { signal } : {}) })
      } catch (error) {
        signal?.throwIfAborted()
        const isRefused = error instanceof ProblemError && error.problem.status === 401
        if (isRefused && !isSecond && (await onRefused?.(bearer))) {
          isSecond = true
          continue
        }
        const isPassing = error instanceof ApiUnreachable || (error instanceof ProblemError && mayPass(error.problem))
        if (!isPassing || Date.now() >= deadline) throw error
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
  }
}

interface Request {
  path: string
  init: { method: string; headers: Record<string, string>; body?: NonNullable<RequestInit['body']> }
}

function requestOf(id: OperationId, input: Record<string, unknown>, key: string | undefined): Request {
  const { method, path, query } = operations[id]
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(input[name])))
  const asked = (query as readonly string[]).flatMap((name) =>
    input[name] === undefined ? [] : [[name, String(input[name])] as [string, string]]
  )
  const search = asked.length === 0 ? '' : `?${new URLSearchParams(asked).toString()}`
  const headers: Record<string, string> = {}
  if (method === 'POST') headers['idempotency-key'] = key ?? crypto.randomUUID()
  const { body } = input
  if (body === undefined) return { path: filled + search, init: { method, headers } }
  const isFile = body instanceof Uint8Array
  headers['content-type'] = isFile ? 'application/octet-stream' : 'application/json'
  const content = (isFile ? body : JSON.stringify(body)) as NonNullable<RequestInit['body']>
  return { path: filled + search, init: { method, headers, body: content } }
}

/** The body belongs to the attempt: a server that ends in the middle of its answer did not answer. */
async function attempt(url: string, init: RequestInit): Promise<Uint8Array> {
  let response: Response
  let content: Uint8Array
  try {
    response = await fetch(url, init)
    content = new Uint8Array(await response.arrayBuffer())
  } catch (error) {
    const { cause, message } = error as Error
    throw new ApiUnreachable(`${url} does not answer: ${String(cause ?? message)}`, { cause: error })
  }
  if (response.ok) return content
  throw new ProblemError(problemIn(content, response.status))
}

/** A proxy or a server that is being stopped answers in its own words. */
function problemIn(content: Uint8Array, status: number): Problem {
  try {
    const problem = parse(content) as Partial<Problem>
    if (typeof problem.code === 'string' && problem.retry !== undefined) return problem as Problem
  } catch {
    // Not JSON.
  }
  return { code: 'ANSWER_UNKNOWN', title: `HTTP ${status}`, status, retry: status >= 500 ? 'later' : 'never' }
}

function mayPass({ retry, status }: Problem): boolean {
  return retry === 'later' || status >= 500
}

function parse(content: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(content))
}
