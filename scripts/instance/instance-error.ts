/**
 * A reason why an instance cannot start or go on, with what a person can do about it.
 * `code` is stable; `remedy` is one line in the imperative.
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
