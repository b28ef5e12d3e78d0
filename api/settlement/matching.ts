/** Judges entries that came in: what is certain is accepted, what is likely is proposed, what is odd is put before people. */
import { judgeEntry, type Claim, type Finding, type Proposal } from '../../domain/settlement/match.ts'
import type { Services } from '../app.ts'
import type { Transaction } from '../database.ts'
import { claimsFor } from './claims.ts'
import { lockEntries, setFinding, type StoredEntry } from './entries.ts'
import { openException } from './exceptions.ts'
import { acceptMatch, insertMatch } from './matches.ts'
import type { ExceptionKind } from './schemas.ts'
import { takeBack, unmatchedReversals } from './take-back.ts'

/** Findings that a person has to look at, though no note is to be settled by them. */
const EXCEPTIONS: Partial<Record<Finding, ExceptionKind>> = {
  'duplicate-payment': 'duplicate-payment',
  'wrong-currency': 'wrong-currency',
  'parts-differ': 'parts-differ'
}

/** What became of entries: how many of each finding. */
export type Findings = Partial<Record<Finding, number>>

/** Judges these entries. Reversals come last, so that they find what they take back in the same file. */
export async function matchEntries(
  tx: Transaction,
  services: Services,
  entryIds: readonly number[]
): Promise<Findings> {
  const { vault } = services
  const entries = await lockEntries(tx, vault, entryIds)
  const claims = new Map((await claimsFor(tx, services, entries)).map((claim) => [claim.noteId, claim]))
  const findings: Findings = {}
  const reversals: number[] = []
  for (const entry of entries) {
    const verdict = judgeEntry(entry.content, [...claims.values()], entry.isTrusted)
    const { finding, accepted, proposed } = verdict
    findings[finding] = (findings[finding] ?? 0) + 1
    await setFinding(tx, entry.entryId, finding)
    if (finding === 'reversal') reversals.push(entry.entryId)
    if (accepted) await accept(tx, services, entry, accepted, claims)
    for (const proposal of proposed) await insertMatch(tx, entry, proposal)
    const kind = EXCEPTIONS[finding]
    const isOurs = finding !== 'parts-differ' || entry.references.length > 0
    if (kind && isOurs) await openException(tx, entry, kind, notesNamed(entry, claims))
  }
  // A reversal may have come before what it takes back.
  const earlier = await unmatchedReversals(tx, entries)
  for (const entryId of [...earlier, ...reversals]) await takeBack(tx, vault, entryId)
  return findings
}

async function accept(
  tx: Transaction,
  { vault }: Services,
  entry: StoredEntry,
  proposal: Proposal,
  claims: Map<string, Claim>
): Promise<void> {
  const matchId = await insertMatch(tx, entry, proposal)
  await acceptMatch(tx, vault, entry, { matchId, parts: proposal.parts }, null)
  for (const { noteId, amount } of proposal.parts) {
    const claim = claims.get(noteId)!
    claims.set(noteId, { ...claim, open: claim.open - amount })
  }
}

function notesNamed({ references }: StoredEntry, claims: ReadonlyMap<string, Claim>): string[] {
  return [...claims.values()]
    .filter(({ endToEndIds }) => endToEndIds.some((id) => references.includes(id)))
    .map(({ noteId }) => noteId)
}
