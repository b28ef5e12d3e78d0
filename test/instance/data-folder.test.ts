import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findInstance, openDataFolder, wipeDataFolder } from '../../scripts/instance/data-folder.ts'
import { identityOf } from '../../scripts/instance/process-identity.ts'

let dir: string
let other: ChildProcess | undefined

beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), 'tallystick-folder-')), 'data')
})
afterEach(() => {
  other?.kill('SIGKILL')
  other = undefined
  rmSync(join(dir, '..'), { recursive: true, force: true })
})

const lockFile = () => join(dir, 'lock.json')

describe('data folder', () => {
  it('refuses a folder that holds something of others, and changes nothing in it', async () => {
    dir = join(dir, '..')
    writeFileSync(join(dir, 'thesis.txt'), 'years of work')
    await expect(openDataFolder(dir)).rejects.toMatchObject({ code: 'DATA_FOLDER_FOREIGN' })
    expect(readFileSync(join(dir, 'thesis.txt'), 'utf8')).toBe('years of work')
    dir = join(dir, 'none')
  })

  it('refuses a second start on the same folder and names the process', async () => {
    other = spawn('sleep', ['60'])
    const folder = await openDataFolder(dir)
    folder.release()
    writeFileSync(lockFile(), JSON.stringify({ ...identityOf(other.pid!), isStopping: false }))
    const opening = openDataFolder(dir)
    await expect(opening).rejects.toMatchObject({ code: 'DATA_FOLDER_IN_USE' })
    await expect(opening).rejects.toThrow(`process ${other.pid}`)
  })

  it('waits for an instance that is stopping', async () => {
    other = spawn('sleep', ['60'])
    ;(await openDataFolder(dir)).release()
    writeFileSync(lockFile(), JSON.stringify({ ...identityOf(other.pid!), isStopping: true }))
    setTimeout(() => other!.kill('SIGKILL'), 2_500)
    const folder = await openDataFolder(dir)
    folder.release()
  })

  it('takes over a lock whose process is gone', async () => {
    ;(await openDataFolder(dir)).release()
    writeFileSync(lockFile(), JSON.stringify({ pid: 2 ** 22 + 1, started: 'x', isStopping: false }))
    ;(await openDataFolder(dir)).release()
    expect(existsSync(lockFile())).toBe(false)
  })

  it('takes over a lock whose number another process has now', async () => {
    ;(await openDataFolder(dir)).release()
    writeFileSync(lockFile(), JSON.stringify({ pid: process.ppid, started: 'another start', isStopping: false }))
    ;(await openDataFolder(dir)).release()
  })

  it('takes over a lock that was cut off', async () => {
    ;(await openDataFolder(dir)).release()
    writeFileSync(lockFile(), '{"pid":')
    ;(await openDataFolder(dir)).release()
  })

  it('keeps the record of the instance and the keys to their owner', async () => {
    const folder = await openDataFolder(dir)
    const record = { apiUrl: 'a', rpcUrl: 'r', databaseUrl: 'd', dataDir: dir, pid: process.pid, startedAt: 's' }
    folder.publish(record)
    expect(findInstance(dir)).toEqual(record)
    expect(statSync(join(dir, 'instance.json')).mode & 0o777).toBe(0o600)
    expect(statSync(folder.keysDir).mode & 0o777).toBe(0o700)
    folder.release()
    expect(() => findInstance(dir)).toThrow(expect.objectContaining({ code: 'INSTANCE_NOT_RUNNING' }))
  })

  it('wipes what is inside and stays locked and marked', async () => {
    const folder = await openDataFolder(dir)
    folder.rememberStory()
    folder.rememberPorts({ api: 9 })
    wipeDataFolder(folder)
    expect(folder.wasStoryPlayed()).toBe(false)
    expect(folder.ports()).toEqual({})
    expect(existsSync(lockFile())).toBe(true)
    folder.release()
    ;(await openDataFolder(dir)).release()
  })
})
