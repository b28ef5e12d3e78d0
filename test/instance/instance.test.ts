import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Client } from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { askChain } from '../../scripts/instance/chain.ts'
import { findInstance } from '../../scripts/instance/data-folder.ts'
import { runningProcess } from '../../scripts/instance/process-identity.ts'

interface Started {
  readonly process: ChildProcess
  readonly exited: Promise<number | null>
  output(): string
  /** Waits for a piece of output. */
  says(text: string): Promise<void>
}

const program = fileURLToPath(new URL('small-instance.ts', import.meta.url))
let root: string
let started: Started[] = []

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tallystick-instance-'))
})
afterEach(async () => {
  for (const one of started) one.process.kill('SIGTERM')
  await Promise.all(started.map((one) => one.exited))
  // After a test that failed half way: what a killed supervisor left behind.
  for (const name of readdirSync(root)) for (const pid of pidsIn(join(root, name))) process.kill(pid, 'SIGKILL')
  started = []
  rmSync(root, { recursive: true, force: true })
}, 60_000)

function start(args: string[]): Started {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const one: Started = {
    process: child,
    exited,
    output: () => text,
    async says(wanted) {
      const deadline = Date.now() + 45_000
      while (!text.includes(wanted)) {
        if (Date.now() > deadline || child.exitCode !== null) throw new Error(`waited for "${wanted}" in:\n${text}`)
        await sleep(20)
      }
    }
  }
  started.push(one)
  return one
}

const pidFiles = ['chain/anvil.pid', 'postgres.pid', 'run/indexer.pid', 'run/relayer.pid', 'run/api.pid']

/** The processes recorded in a data folder that run now. */
function pidsIn(dir: string): number[] {
  return pidFiles.flatMap((file) => {
    const pid = pidIn(dir, file)
    return pid !== undefined && runningProcess(pid) ? [pid] : []
  })
}

function pidIn(dir: string, file: string): number | undefined {
  try {
    return (JSON.parse(readFileSync(join(dir, file), 'utf8')) as { pid: number }).pid
  } catch {
    return undefined
  }
}

async function ask(dir: string, sql: string) {
  const client = new Client({ connectionString: findInstance(dir).databaseUrl })
  await client.connect()
  try {
    return (await client.query(sql)).rows as unknown[]
  } finally {
    await client.end()
  }
}

async function takenPort(): Promise<{ port: number; server: Server }> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { port: (server.address() as { port: number }).port, server }
}

describe('instance', { timeout: 120_000 }, () => {
  it('refuses a port that is taken and says what to do', async () => {
    const { port, server } = await takenPort()
    const one = start(['--data', join(root, 'a'), '--port', String(port)])
    expect(await one.exited).toBe(1)
    expect(one.output()).toMatch(new RegExp(`PORT_TAKEN: port ${port}.*\\n  → .*--port`))
    server.close()
  })

  it('stops everything with the end of the log when a program keeps ending', async () => {
    const dir = join(root, 'a')
    const one = start(['--data', dir, 'ends'])
    expect(await one.exited).toBe(1)
    expect(one.output()).toContain('SERVICE_KEEPS_ENDING: relayer ended 6 times')
    expect(one.output()).toContain('this program has something to complain about')
    expect(pidsIn(dir)).toEqual([])
  })

  it('leaves no process behind when it is stopped while it starts', async () => {
    const dir = join(root, 'a')
    const one = start(['--data', dir])
    while (pidIn(dir, 'chain/anvil.pid') === undefined) await sleep(5)
    one.process.kill('SIGTERM')
    expect(await one.exited).toBe(0)
    expect(one.output()).not.toContain('ready in')
    expect(pidsIn(dir)).toEqual([])
  })

  it('stops when npm or the boot script above it is killed', async () => {
    const dir = join(root, 'a')
    const boot = join(root, 'boot.cjs')
    writeFileSync(
      boot,
      `require('node:child_process').spawn(process.execPath, process.argv.slice(2), { stdio: 'inherit' })`
    )
    const above = spawn(process.execPath, [boot, program, '--data', dir, '--empty'], { stdio: 'ignore' })
    const deadline = Date.now() + 45_000
    while (!existsSync(join(dir, 'instance.json')) && Date.now() < deadline) await sleep(50)
    const { pid } = findInstance(dir)
    above.kill('SIGKILL')
    while (runningProcess(pid) && Date.now() < deadline) await sleep(50)
    expect(runningProcess(pid)).toBeUndefined()
    expect(pidsIn(dir)).toEqual([])
    rmSync(boot)
  })

  it('plays the story once, goes on after Ctrl-C where it stopped, and leaves no process behind', async () => {
    const dir = join(root, 'a')
    const first = start(['--data', dir])
    await first.says('story played')
    expect(first.output()).toMatch(/✓ Postgres: .* \d+ ms\n/)
    expect(first.output()).toMatch(/ready in [\d.]+ s\n/)
    const { rpcUrl, apiUrl } = findInstance(dir)
    expect((await fetch(`${apiUrl}/readyz`)).status).toBe(200)
    await ask(dir, 'create table kept as select 1 as n')
    for (let i = 0; i < 3; i++) await askChain(rpcUrl, 'evm_mine')
    const pids = pidsIn(dir)
    expect(pids).toHaveLength(pidFiles.length)
    first.process.kill('SIGINT')
    expect(await first.exited).toBe(0)
    expect(pids.filter(runningProcess)).toEqual([])

    const second = start(['--data', dir])
    await second.says('ready in')
    expect(findInstance(dir)).toMatchObject({ rpcUrl, apiUrl })
    expect(Number(await askChain(rpcUrl, 'eth_blockNumber'))).toBe(3)
    expect(await ask(dir, 'select n from kept')).toEqual([{ n: 1 }])
    await sleep(200)
    expect(second.output()).not.toContain('story played')
  })

  it('refuses a second start on its folder, and runs beside another on its own', async () => {
    const [a, b] = [join(root, 'a'), join(root, 'b')]
    const first = start(['--data', a, '--empty'])
    await first.says('ready in')
    const again = start(['--data', a])
    expect(await again.exited).toBe(1)
    expect(again.output()).toContain(`DATA_FOLDER_IN_USE: process ${first.process.pid}`)
    const beside = start(['--data', b, '--empty'])
    await beside.says('ready in')
    expect(findInstance(a).apiUrl).not.toBe(findInstance(b).apiUrl)
    expect(beside.output()).toMatch(/! port \d+ is taken, the API uses \d+/)
  })

  it('recovers when it was killed itself: what it left behind is ended, nothing is lost', async () => {
    const dir = join(root, 'a')
    const first = start(['--data', dir, '--empty'])
    await first.says('ready in')
    await ask(dir, 'create table kept as select 1 as n')
    const { rpcUrl } = findInstance(dir)
    const left = pidsIn(dir)
    for (let i = 0; i < 4; i++) await askChain(rpcUrl, 'evm_mine')
    first.process.kill('SIGKILL')
    await first.exited
    const second = start(['--data', dir, '--empty'])
    await second.says('ready in')
    expect(left.filter(runningProcess)).toEqual([])
    expect(Number(await askChain(findInstance(dir).rpcUrl, 'eth_blockNumber'))).toBe(4)
    expect(await ask(dir, 'select n from kept')).toEqual([{ n: 1 }])
  })

  it.each(pidFiles)('starts the process of %s again when it was killed', async (file) => {
    const dir = join(root, 'a')
    const one = start(['--data', dir, '--empty'])
    await one.says('ready in')
    const killed = pidIn(dir, file)!
    process.kill(killed, 'SIGKILL')
    await one.says('runs again after')
    expect(pidIn(dir, file)).not.toBe(killed)
    expect(pidsIn(dir)).toHaveLength(pidFiles.length)
    expect(await ask(dir, 'select 1 as n')).toEqual([{ n: 1 }])
    expect((await fetch(`${findInstance(dir).apiUrl}/readyz`)).status).toBe(200)
  })

  it('begins anew with --fresh, also over what a killed run left behind', async () => {
    const dir = join(root, 'a')
    const first = start(['--data', dir, '--empty'])
    await first.says('ready in')
    const left = pidsIn(dir)
    await ask(dir, 'create table kept as select 1 as n')
    first.process.kill('SIGKILL')
    await first.exited
    const second = start(['--data', dir, '--fresh'])
    await second.says('story played')
    expect(left.filter(runningProcess)).toEqual([])
    await expect(ask(dir, 'select n from kept')).rejects.toThrow('does not exist')
  })
})
