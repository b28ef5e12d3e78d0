import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { readAny } from '../../../domain/documents/read.ts'
import { samplesCommand } from '../../../scripts/commands/samples.ts'

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'samples-'))
})

afterAll(() => rmSync(folder, { recursive: true }))

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const written = { out: '', err: '' }
  const out = vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((written.out += text), true))
  const err = vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((written.err += text), true))
  try {
    return { code: await samplesCommand(args), ...written }
  } finally {
    out.mockRestore()
    err.mockRestore()
  }
}

describe('tallystick samples', () => {
  it.each([[[]], [['--out']], [['--out', '']], [['x']]])('gives usage and exit code 2 for %j', async (args) => {
    const { code, err } = await run(...args)
    expect(code).toBe(2)
    expect(err).toContain('Usage: tallystick samples')
  })

  it('writes files that are all read', async () => {
    const out = join(folder, 'new', 'set')
    expect((await run('--out', out)).code).toBe(0)
    const names = readdirSync(out)
    expect(names).toHaveLength(21)
    for (const name of names) expect(() => readAny(readFileSync(join(out, name))), name).not.toThrow()
  })

  it('leaves a file that is there and says so', async () => {
    writeFileSync(join(folder, 'invoice.edi'), 'mine')
    const { code, err } = await run('--out', folder)
    expect(code).toBe(1)
    expect(err).toContain('invoice.edi: is there already')
    expect(readFileSync(join(folder, 'invoice.edi'), 'utf8')).toBe('mine')
    expect(readdirSync(folder)).toContain('vat.ofd')
  })
})
