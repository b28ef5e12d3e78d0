/** The checks of a verification, and what they come to. */
import { EvidenceError, type EvidenceErrorCode } from './errors.ts'
import type { Outcome } from './outcome.ts'
import type { Subject } from './package.ts'

/** One thing looked at. `ok` is null when it could not be checked with what was given; `detail` says why. */
export interface Check {
  name: string
  ok: boolean | null
  detail: string
  code?: EvidenceErrorCode
}

/**
 * `verified`: everything holds, up to the trust anchors. `consistent`: nothing is wrong, but something could not be checked.
 * `failed`: at least one check has a code.
 */
export interface Report {
  result: 'verified' | 'consistent' | 'failed'
  checks: Check[]
  /** The result in one sentence. */
  summary: string
  subject?: Subject
  outcome?: Outcome
}

/** Returned by a check that could not be made. */
interface Unchecked {
  unchecked: string
}

/** What a check found: `value` is for the checks after it. */
export type Verdict<T> = { detail: string; value?: T } | Unchecked

/** Runs checks and keeps their outcomes. */
export class Checks {
  readonly #checks: Check[] = []

  get made(): readonly Check[] {
    return this.#checks
  }

  /** Runs one check and keeps its outcome. What it throws is its refusal; `code` is for what has none of its own. */
  async run<T>(
    name: string,
    code: EvidenceErrorCode,
    work: () => Verdict<T> | Promise<Verdict<T>>
  ): Promise<T | undefined> {
    try {
      const verdict = await work()
      if ('unchecked' in verdict) {
        this.#checks.push({ name, ok: null, detail: verdict.unchecked })
        return undefined
      }
      this.#checks.push({ name, ok: true, detail: verdict.detail })
      return verdict.value
    } catch (error) {
      if (error instanceof EvidenceError) {
        this.#checks.push({ name, ok: false, detail: detailOf(error), code: error.code })
      } else if (error instanceof RangeError || error instanceof TypeError) {
        this.#checks.push({ name, ok: false, detail: error.message, code })
      } else {
        throw error
      }
      return undefined
    }
  }

  report(subject?: Subject, outcome?: Outcome): Report {
    const failed = this.#checks.filter(({ ok }) => ok === false)
    const open = this.#checks.filter(({ ok }) => ok === null)
    const result = failed.length > 0 ? 'failed' : open.length > 0 ? 'consistent' : 'verified'
    const about = subject ? `${subject.kind} ${subject.id}` : 'this file'
    const summaries = {
      verified: `Verified: the evidence for ${about} holds.`,
      consistent: `Consistent, not verified: nothing is wrong with the evidence for ${about}, but not checked: ${open.map(({ name }) => name).join(', ')}.`,
      failed: `Failed: the evidence for ${about} is refused (${[...new Set(failed.map(({ code }) => code))].join(', ')}).`
    }
    return {
      result,
      checks: this.#checks,
      summary: summaries[result],
      ...(subject && { subject }),
      ...(outcome && { outcome })
    }
  }
}

function detailOf({ message, presented, required }: EvidenceError): string {
  const values = [presented && `presented ${presented}`, required && `required ${required}`].filter(Boolean)
  return values.length > 0 ? `${message} (${values.join(', ')})` : message
}
