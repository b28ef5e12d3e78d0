import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Deployment } from '../../domain/chain/contracts.ts'
import { findInstance } from '../instance/data-folder.ts'
import { cast } from '../world/cast.ts'
import { readKeys, type WorldKeys } from '../world/keys.ts'
import { participantIdOf } from '../world/prepare.ts'
import { Client } from './client.ts'

/** What the story remembers, so that it goes on after any crash. */
export interface StoryState {
  /** Counts the plays of one data folder; invoice numbers carry it, because an invoice is registered once for ever. */
  run: number
  /** Unix seconds of the main receivable. */
  maturity: number
  /** Id of the main receivable, once nothing is left to do but to wait for maturity, settle and prove it. */
  awaitsSettlement?: string
  isComplete: boolean
}

/** The running instance with all its people. */
export interface Stage {
  dataDir: string
  apiUrl: string
  rpcUrl: string
  deployment: Deployment
  keys: WorldKeys
  /** The client of a member of the cast. */
  as: (slug: string) => Client
  accountOf: (slug: string) => Promise<string>
}

export async function openStage(dataDir: string): Promise<Stage> {
  const { apiUrl, rpcUrl } = findInstance(dataDir)
  const keys = await readKeys(dataDir)
  const deployment = JSON.parse(await readFile(join(dataDir, 'deployment.json'), 'utf8')) as Deployment
  const clients = new Map(
    cast.map(({ slug }) => {
      const client = new Client(apiUrl, slug, participantIdOf(slug), keys.participants[slug]!, deployment)
      return [slug, client]
    })
  )
  const as = (slug: string) => clients.get(slug)!
  const accountOf = async (slug: string) => (await as(slug).get<{ account: string }>('/v1/me')).account
  return { dataDir, apiUrl, rpcUrl, deployment, keys, as, accountOf }
}

const stateFile = (dataDir: string) => join(dataDir, 'story.json')

export async function readStory(dataDir: string): Promise<StoryState | undefined> {
  return readFile(stateFile(dataDir), 'utf8').then(
    (text) => JSON.parse(text) as StoryState,
    () => undefined
  )
}

export async function writeStory(dataDir: string, state: StoryState): Promise<void> {
  await writeFile(`${stateFile(dataDir)}.new`, JSON.stringify(state))
  await rename(`${stateFile(dataDir)}.new`, stateFile(dataDir))
}

const folder = new URL('./invoices/', import.meta.url)

/**
 * A shipped invoice. From the second run on its number is a new one: the first is taken for ever. Its day and order are others too, or
 * alarms would rightly take it for the same debt sold again.
 */
export async function invoiceOf(file: string, run: number): Promise<Uint8Array> {
  const text = await readFile(new URL(file, folder), 'utf8')
  if (run === 1) return new TextEncoder().encode(text)
  const renumbered = text
    .replaceAll('AF-2026-0481', `AF-2026-${String(480 + run).padStart(4, '0')}`)
    .replaceAll('PO-77120', `PO-${77_119 + run}`)
    .replaceAll(/2026(-?)11(-?)0([23])(?=[<" ])/g, (_, dash: string, _dash, day: string) =>
      dayBefore(Number(day), run, dash)
    )
    .replaceAll('26322000000000004811', `263220000000${String(4810 + run).padStart(8, '0')}`)
  return new TextEncoder().encode(renumbered)
}

/** So many days earlier as there were runs before. */
function dayBefore(day: number, run: number, dash: string): string {
  return new Date(Date.UTC(2026, 10, day + 1 - run)).toISOString().slice(0, 10).replaceAll('-', dash)
}
