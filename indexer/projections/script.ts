/**
 * Statements that are sent together, in PostgreSQL's simple protocol with their values written out: a live block is one round trip
 * instead of one for each statement and two for each COPY. The first one that fails ends them all.
 */
import pg from 'pg'
import type { Cells } from './copy-text.ts'

/** Up to so many rows are worth it: beyond, a COPY reads them for less than parsing SQL costs. */
export const FEW_ROWS = 64

export type Value = string | number | readonly (string | number)[]

export class Script {
  readonly #statements: string[] = []

  /** @param text With `$n` where the values go, and with no other dollar sign */
  add(text: string, values: readonly Value[]): void {
    this.#statements.push(text.replace(/\$(\d+)/g, (_, n: string) => literal(values[Number(n) - 1]!)))
  }

  /** An insert of rows, whose fields `write` gives in the columns' order. */
  insert<R>(table: string, columns: readonly string[], rows: readonly R[], write: (row: R, to: Cells) => void): void {
    if (rows.length === 0) return
    const tuples = rows.map((row) => {
      const cells: string[] = []
      const put = (text: string): void => void cells.push(quoted(text))
      write(row, {
        plain: put,
        number: (value) => put(String(value)),
        json: (value) => put(JSON.stringify(value)),
        null: () => void cells.push('null')
      })
      return `(${cells.join(', ')})`
    })
    this.#statements.push(`insert into ${table} (${columns.join(', ')}) values ${tuples.join(', ')}`)
  }

  /** Sends what was added since the last time. Runs in the caller's transaction. */
  async run(client: pg.Client): Promise<void> {
    if (this.#statements.length === 0) return
    const text = this.#statements.splice(0).join(';\n')
    await client.query(text)
  }
}

function literal(value: Value): string {
  if (typeof value === 'number') return String(value)
  // What arrays hold are numbers, and hex that needs no quotes in them.
  return quoted(typeof value === 'string' ? value : `{${value.join(',')}}`)
}

/** As a literal of SQL. Most has nothing to be escaped; the library's own function puts the text together character by character. */
export function quoted(text: string): string {
  return /['\\]/.test(text) ? pg.escapeLiteral(text) : `'${text}'`
}
