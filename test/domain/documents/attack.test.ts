import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readDocument } from '../../../domain/documents/read.ts'
import { identityOf } from '../../../domain/fingerprint/identity.ts'

const folder = new URL('../../../../shared/data/attack/', import.meta.url)
const present = existsSync(new URL('INDEX.json', folder))
if (!present) console.warn('skipped: the hostile files are not beside the project (../shared/data/attack)')

interface Attack {
  readonly file: string
  readonly expect: string
  readonly why: string
}

const attacks: readonly Attack[] = present ? JSON.parse(readFileSync(new URL('INDEX.json', folder), 'utf8')).files : []

/** What the identity says with the seller fixed: the files have none, the number is what they attack. */
function outcomeOf(file: string): { refused?: string; number?: string } {
  try {
    const invoice = readDocument(readFileSync(new URL(file, folder)))
    return { number: identityOf(invoice, () => 'seller')[2]! }
  } catch (error) {
    const { name, code } = error as { name: string; code: string }
    if (name !== 'DocumentRefused') throw error
    return { refused: code }
  }
}

/** Numbers that are meant to come out as something else than A-1001. */
const NUMBERS: Readonly<Record<string, string>> = {
  'xml/latin1-declared.xml': 'Ä1001',
  'xml/number-float-like.xml': '1234567890123456789050'
}

describe.skipIf(!present)('hostile XML', () => {
  it('has 47 files', () => {
    expect(attacks).toHaveLength(47)
  })

  it.each(attacks.filter((attack) => /^reject(?! or)/.test(attack.expect)))('$file is refused: $why', ({ file }) => {
    expect(outcomeOf(file).refused).toMatch(/^[A-Z0-9_]+$/)
  })

  it.each(attacks.filter((attack) => !/^reject(?! or)/.test(attack.expect)))(
    '$file: $expect',
    ({ file, expect: verdict }) => {
      const outcome = outcomeOf(file)
      if (outcome.refused !== undefined) expect(verdict).toContain('reject')
      else expect(outcome.number).toBe(NUMBERS[file] ?? 'A1001')
    }
  )

  it('leaves the object prototype clean', () => {
    outcomeOf('xml/proto-pollution.xml')
    expect(({} as { polluted?: string }).polluted).toBeUndefined()
  })
})
