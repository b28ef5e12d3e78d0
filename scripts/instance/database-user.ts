import { execFileSync, spawnSync } from 'node:child_process'
import { InstanceError } from './instance-error.ts'

/** How to start a Postgres program: PostgreSQL refuses to run as root, so root starts it as another user. */
export interface DatabaseUser {
  /** Owner of the cluster's files; undefined when they are ours. */
  readonly owner: { readonly uid: number; readonly gid: number } | undefined
  /** The command that runs `file` as that user. */
  command(file: string, args: readonly string[]): { file: string; args: string[]; uid?: number; gid?: number }
}

const ACCOUNT = 'postgres'

/**
 * The user that Postgres runs as. For root that is the system user `postgres`, made when there is none. Where a folder
 * above the data or the programs is closed to that user (a clone in /root, a temporary folder), the process keeps the
 * one privilege to pass through folders, by util-linux's `setpriv`.
 * @param postgres path of the postgres program
 * @param dir folder of the cluster, exists
 * @throws InstanceError DATABASE_USER_MISSING, DATABASE_FOLDER_CLOSED
 */
export function databaseUser(postgres: string, dir: string): DatabaseUser {
  if (process.getuid?.() !== 0) return { owner: undefined, command: (file, args) => ({ file, args: [...args] }) }
  const owner = accountIds() ?? createAccount()
  const runs = (file: string, args: readonly string[], ids = {}) =>
    spawnSync(file, args, { ...ids, cwd: '/', stdio: 'ignore', timeout: 10_000 }).status === 0
  const probe = ['-c', '"$0" --version && test -d "$1"/.', postgres, dir]
  if (runs('/bin/sh', probe, owner)) return { owner, command: (file, args) => ({ file, args: [...args], ...owner }) }
  for (const privilege of ['dac_read_search', 'dac_override']) {
    const prefix = ['--reuid', String(owner.uid), '--regid', String(owner.gid), '--clear-groups']
    prefix.push(`--inh-caps=-all,+${privilege}`, `--ambient-caps=-all,+${privilege}`, '--')
    if (runs('setpriv', [...prefix, '/bin/sh', ...probe]))
      return { owner, command: (file, args) => ({ file: 'setpriv', args: [...prefix, file, ...args] }) }
  }
  throw new InstanceError(
    'DATABASE_FOLDER_CLOSED',
    `the system user "${ACCOUNT}", which runs the database for root, may not enter ${dir} or the folder of the programs`,
    'run the command as a normal user, or keep the project and --data under a folder others may enter, such as /srv'
  )
}

function accountIds(): { uid: number; gid: number } | undefined {
  const ask = (flag: string) =>
    Number(execFileSync('id', [flag, ACCOUNT], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }))
  try {
    return { uid: ask('-u'), gid: ask('-g') }
  } catch {
    return undefined
  }
}

function createAccount(): { uid: number; gid: number } {
  spawnSync('groupadd', ['--system', ACCOUNT], { stdio: 'ignore' })
  const args = ['--system', '--no-create-home', '--gid', ACCOUNT, '--shell', '/usr/sbin/nologin', ACCOUNT]
  spawnSync('useradd', args, { stdio: 'ignore' })
  const made = accountIds()
  if (made) return made
  throw new InstanceError(
    'DATABASE_USER_MISSING',
    `PostgreSQL does not run as root, and a system user "${ACCOUNT}" could not be made`,
    `run the command as a normal user, or make the user first: useradd --system ${ACCOUNT}`
  )
}
