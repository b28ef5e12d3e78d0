import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'tallystick-statement-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const script = fileURLToPath(new URL('../../scripts/tallystick.ts', import.meta.url))
const run = (...args: string[]) => spawnSync(process.execPath, [script, 'statement', ...args], { encoding: 'utf8' })

const good = join(folder, 'day.sta')
writeFileSync(
  good,
  [
    ':20:DAY',
    ':25:999/1',
    ':60F:C261127EUR100,',
    ':61:2611271127C62,50NTRFINV-7//B-1',
    ':86:Invoice \u001b[31m7',
    '-'
  ].join('\n')
)
const bad = join(folder, 'letter.txt')
writeFileSync(bad, 'Dear customer')

it('prints entries for people and for programs, and fails when a file is none', () => {
  const text = run(good)
  expect(text.status).toBe(0)
  expect(text.stdout).toContain('2026-11-27  +62.50 EUR')
  expect(text.stdout).toContain('Invoice')
  expect(text.stdout).not.toContain('\u001b')
  const json = run(good, bad, join(folder, 'absent'), '--json')
  expect(json.status).toBe(1)
  const [first, second, third] = json.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(first).toMatchObject({ statements: [{ entries: [{ amount: '6250', effect: 'credit' }] }] })
  expect(second).toMatchObject({ error: { code: 'XML_MALFORMED' } })
  expect(third).toMatchObject({ error: { code: 'FILE_UNREADABLE' } })
  expect(run().status).toBe(2)
})
