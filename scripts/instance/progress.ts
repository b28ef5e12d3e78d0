import { InstanceError } from './instance-error.ts'

/** Where progress goes: one line a step, with what it took. */
export interface Progress {
  /** Runs one step and prints a line when it is done, with `detail` of its result. Prints nothing when it throws. */
  step<T>(label: string, work: () => Promise<T>, detail?: (result: T) => string): Promise<T>
  /** Steps of work that only tells when the next one begins: `begin` ends the step before, `end` the last one. */
  stages(): { begin(label: string): void; end(): void }
  /** Prints a line that is not a step: a note, a heading, a result. */
  line(text: string): void
  /** Milliseconds since this was made. */
  elapsed(): number
}

export interface LineWriter {
  write(text: string): unknown
  readonly isTTY?: boolean
}

// A step that takes longer than this says that it is still at work.
const STILL_MS = 10_000

export function startProgress(out: LineWriter): Progress {
  const begun = performance.now()
  // On a terminal the line of a running step is written over; in a file only finished steps appear.
  const running = new Set<string>()
  const show = () => {
    if (out.isTTY) out.write(`\r\u001b[K${running.size > 0 ? `  … ${[...running].join(', ')}` : ''}`)
  }
  const print = (text: string) => {
    out.write(`${out.isTTY ? '\r\u001b[K' : ''}${text}\n`)
    if (running.size > 0) show()
  }
  return {
    async step(label, work, detail) {
      const started = performance.now()
      const still = setInterval(() => print(`  … ${label}, still at work after ${duration(started)}`), STILL_MS)
      running.add(label)
      show()
      try {
        const result = await work()
        running.delete(label)
        const said = detail?.(result)
        print(`  ✓ ${said ? `${label}: ${said}` : label} … ${duration(started)}`)
        return result
      } finally {
        clearInterval(still)
        running.delete(label)
        show()
      }
    },
    stages() {
      let current: { label: string; started: number } | undefined
      const end = () => {
        if (!current) return
        running.delete(current.label)
        print(`  ✓ ${current.label} … ${duration(current.started)}`)
        current = undefined
      }
      return {
        end,
        begin(label) {
          end()
          current = { label, started: performance.now() }
          running.add(label)
          show()
        }
      }
    },
    line: print,
    elapsed: () => performance.now() - begun
  }
}

/** One line that says what happened and one that says what to do. */
export function describeFailure(error: unknown): string {
  if (error instanceof InstanceError) return `✗ ${error.code}: ${error.message}\n  → ${error.remedy}`
  const remedy = (error as { remedy?: unknown } | undefined)?.remedy
  const code = (error as { code?: unknown } | undefined)?.code
  const message = error instanceof Error ? error.message : String(error)
  const what = typeof code === 'string' ? `${code}: ${message}` : message
  return `✗ ${what}\n  → ${typeof remedy === 'string' ? remedy : 'see the logs in the data folder; --fresh begins anew'}`
}

function duration(since: number): string {
  const ms = Math.round(performance.now() - since)
  return ms < 10_000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`
}
