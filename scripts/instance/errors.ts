/**
 * A failure of starting or running an instance, said in one line, with one line of what to do about it.
 * `code` is stable and UPPER_SNAKE; `message` names what was found and, where there is one, what is required.
 */
export class InstanceError extends Error {
  readonly code: string
  readonly remedy: string

  constructor(code: string, message: string, remedy: string) {
    super(message)
    this.name = 'InstanceError'
    this.code = code
    this.remedy = remedy
  }
}

/** The message of anything thrown; an AggregateError of the network layer hides its own in `errors`. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; ')
  if (error instanceof Error) return error.message || ((error as { code?: string }).code ?? error.name)
  return String(error)
}
