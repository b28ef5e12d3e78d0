import fc from 'fast-check'
import { parse } from 'csv-parse/sync'
import { expect, it } from 'vitest'
import { eachRow } from '../../../domain/documents/csv.ts'

function rowsOf(text: string): [number, readonly string[]][] {
  const rows: [number, readonly string[]][] = []
  eachRow(text, 1, ',', ({ row, cells }) => rows.push([row, cells]))
  return rows
}

/** As csv-parse alone reads it: rows by their line, without those of empty cells. */
function parsedRowsOf(text: string): [number, string[]][] {
  const rows: [number, string[]][] = []
  parse(text, {
    bom: true,
    relax_column_count: true,
    skip_empty_lines: true,
    on_record: (cells: string[], { records, empty_lines }) => {
      if (cells.some((cell) => cell !== '')) rows.push([records + empty_lines, cells])
      return null
    }
  })
  return rows
}

it('reads lines without quotes as the parser does', () => {
  const line = fc.string({ unit: fc.constantFrom('a', '1', ' ', ',', '票', '\t', ';'), maxLength: 8 })
  const text = fc
    .record({
      lines: fc.array(line, { maxLength: 12 }),
      end: fc.constantFrom('\n', '\r\n'),
      mark: fc.constantFrom('', '\ufeff')
    })
    .map(({ lines, end, mark }) => mark + lines.join(end))
  fc.assert(
    fc.property(text, (each) => {
      expect(rowsOf(each)).toEqual(parsedRowsOf(each))
    }),
    { numRuns: 2000 }
  )
})

it('leaves lines whose ends differ to the parser', () => {
  for (const text of ['a,b\r\n1,2\n3,4\r\n', 'a,b\n1,2\r\n3,4\n', 'a,b\r1,2\r3,4']) {
    expect(rowsOf(text)).toEqual(parsedRowsOf(text))
  }
})
