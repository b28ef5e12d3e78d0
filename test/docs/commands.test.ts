import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { glob, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)
const pages: string[] = []
for await (const page of glob(
  ['*.md', '{api,client,contracts,domain,examples,indexer,scripts,test,web,bench,deploy,docs}/**/*.md'],
  {
    cwd: root
  }
)) {
  if (!page.includes('node_modules')) pages.push(page)
}

describe('the documents', () => {
  it('name only npm scripts that exist', async () => {
    const { scripts } = JSON.parse(await readFile(`${root}/package.json`, 'utf8')) as {
      scripts: Record<string, string>
    }
    for (const page of pages) {
      const text = await readFile(`${root}/${page}`, 'utf8')
      for (const [, name] of text.matchAll(/npm run ([a-z:]+)/g))
        expect(scripts, `${page}: npm run ${name}`).toHaveProperty([name!])
    }
  })

  it('have no marks of a merge left in them', async () => {
    for (const page of pages) expect(await readFile(`${root}/${page}`, 'utf8'), page).not.toMatch(/^(<{7}|>{7}) /m)
  })

  it('link only to files that exist', async () => {
    for (const page of pages) {
      const text = await readFile(`${root}/${page}`, 'utf8')
      for (const [, target] of text.matchAll(/\]\((?!https?:)([^)#]+)/g)) {
        expect(existsSync(join(root, dirname(page), target!)), `${page} → ${target}`).toBe(true)
      }
    }
  })

  it('show the fingerprint command of the README as it works: two formats, one fingerprint', async () => {
    const readme = await readFile(`${root}/README.md`, 'utf8')
    const line = /npx tallystick (fingerprint .+)/.exec(readme)![1]!
    const { stdout } = await run(process.execPath, ['scripts/tallystick.ts', ...line.trim().split(' '), '--json'], {
      cwd: root
    })
    const fingerprints = stdout
      .trim()
      .split('\n')
      .map((json) => (JSON.parse(json) as { fingerprint: string }).fingerprint)
    expect(fingerprints).toHaveLength(2)
    expect(new Set(fingerprints).size).toBe(1)
  })

  it('name no option of npm start that its help does not know', async () => {
    const readme = await readFile(`${root}/README.md`, 'utf8')
    const { stdout } = await run(process.execPath, ['scripts/tallystick.ts', 'start', '--help'], { cwd: root })
    for (const [option] of readme.matchAll(/`(--[a-z]+)[ `]/g))
      expect(stdout).toContain(option.slice(1).trim().replace('`', ''))
  })
})
