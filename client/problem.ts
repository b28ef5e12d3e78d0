/** Problem details by RFC 9457. Act on `code` (docs/ERRORS.md); the texts are for people and may change. */
export interface Problem {
  code: string
  title: string
  status: number
  /** Whether the same request can succeed later without a change. */
  retry: 'never' | 'later'
  field?: string
  presented?: unknown
  required?: unknown
  reason?: string
}

/** The api refused a request. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  readonly problem: Problem

  constructor(problem: Problem) {
    super(`${problem.code}: ${problem.title} ${JSON.stringify(problem)}`)
    this.problem = problem
  }

  get code(): string {
    return this.problem.code
  }
}

/** The api did not answer: nothing is known about the request. Every request is safe to repeat with its key. */
export class ApiUnreachable extends Error {
  override readonly name = 'ApiUnreachable'
  readonly code = 'API_UNREACHABLE'
}

/** A contract refused a signed command: its error's name and arguments. */
export class CommandRefused extends Error {
  override readonly name = 'CommandRefused'
  readonly code: string
  readonly args: Record<string, string>

  constructor({ code, args }: { code: string; args: Record<string, string> }) {
    super(`${code} ${JSON.stringify(args)}`)
    this.code = code
    this.args = args
  }
}
