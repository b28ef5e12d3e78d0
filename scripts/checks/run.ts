import { spawn } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

export interface Outcome {
  /** 0: it passed. */
  code: number
  output: string
}

export interface RunOptions {
  /** Show nothing of what it prints. */
  isQuiet?: boolean
  /** Let everything else on the machine go first. */
  isBackground?: boolean
}

/** Runs a command of node_modules/.bin under this Node; shows what it prints and returns it too. */
export function runBin(name: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const file = realpathSync(`${root}/node_modules/.bin/${name}`)
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [file, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    if (options.isBackground && child.pid !== undefined) {
      setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL)
    }
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8')
      stream.on('data', (chunk: string) => {
        output += chunk
        if (!options.isQuiet) process.stdout.write(chunk)
      })
    }
    child.on('error', reject)
    child.on('close', (code) => resolve({ code: code ?? 1, output }))
  })
}
