/** Registering and confirming many at once: few signatures, and all that can be known is known before. */
import { Type, type Static } from 'typebox'
import { splitBatch, type BatchCommand } from '../../domain/intent/batch.ts'
import type { Services } from '../app.ts'
import type { Transaction } from '../database.ts'
import { invoicesBehind } from '../documents/repository.ts'
import { ApiError, errors } from '../errors.ts'
import { findClaims } from '../fingerprints/claims.ts'
import { createIntent } from '../intents/create.ts'
import type { IntentView } from '../intents/repository.ts'
import type { Caller } from '../plugins/auth.ts'
import { problemOf } from '../plugins/problem.ts'
import { IntentSchema, ReceivableId, strict, Uuid } from '../schemas.ts'
import { RegisterBody } from './fields.ts'
import { registrationOf } from './register.ts'
import { chainTime } from './repository.ts'
import { subjectOf, verbs } from './verbs.ts'

const ITEMS_MAX = 1000

export const RegisterBatchBody = Type.Object(
  { items: Type.Array(RegisterBody, { minItems: 1, maxItems: ITEMS_MAX }) },
  strict
)
export const ConfirmBatchBody = Type.Object(
  { receivableIds: Type.Array(ReceivableId, { minItems: 1, maxItems: ITEMS_MAX }) },
  strict
)

export const IntentBatchSchema = Type.Object(
  {
    intents: Type.Array(IntentSchema, {
      description: 'One, or several where one is more than a transaction holds; each to be signed for itself'
    }),
    items: Type.Array(Type.Object({ receivableId: ReceivableId, intentId: Uuid }, strict), {
      description: 'In the order of the request'
    })
  },
  strict
)

type IntentBatch = Static<typeof IntentBatchSchema>

/** One that can go. */
interface Item {
  command: BatchCommand
  receivableId: string
  label: string
}

/**
 * Throws BATCH_REFUSED with every item that can not go: the chain carries out an intent as a whole or not at all, and a person who
 * signs for 1,000 is not to learn from the chain that one was in the way.
 */
export async function registerBatch(
  tx: Transaction,
  services: Services,
  caller: Caller,
  { items }: Static<typeof RegisterBatchBody>
): Promise<IntentBatch> {
  // Documents made of fields are locked one after another: two batches of one participant might wait for each other.
  if (items.some(({ invoice }) => invoice)) {
    await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 5))', [`fields ${caller.participantId}`])
  }
  const trial = new Trial(items.map(({ documentId, invoice }) => documentId ?? invoice?.number ?? ''))
  for (const [index, item] of items.entries()) {
    await trial.try(index, async () => {
      const { command, receivableId, number } = await registrationOf(tx, services, caller, item)
      const { terms, fingerprints } = command
      return { command: { kind: 'register', terms, fingerprints }, receivableId, label: number }
    })
  }
  const fingerprints = trial.passed.flatMap(([, { command }]) => command.fingerprints)
  const claimed = new Set((await findClaims(tx, fingerprints)).map(({ fingerprint }) => fingerprint))
  const firstBy = new Map<string, number>()
  for (const [index, { command }] of trial.passed) {
    const taken = command.fingerprints.find((one) => claimed.has(one))
    const twin = command.fingerprints.map((one) => firstBy.get(one)).find((one) => one !== undefined)
    const details = { field: 'body/documentId', required: 'a free document' }
    if (taken !== undefined) trial.refuse(index, new ApiError('FINGERPRINT_CLAIMED', details))
    if (twin !== undefined) {
      const reason = `item ${twin} of this batch is the same invoice`
      trial.refuse(index, new ApiError('FINGERPRINT_CLAIMED', { ...details, reason }))
    }
    for (const one of command.fingerprints) if (!firstBy.has(one)) firstBy.set(one, index)
  }
  return propose(tx, services, caller, trial.all())
}

/** As {@link registerBatch}, for what the debtor owes. */
export async function confirmBatch(
  tx: Transaction,
  services: Services,
  caller: Caller,
  { receivableIds }: Static<typeof ConfirmBatchBody>
): Promise<IntentBatch> {
  const verb = verbs.find(({ operationId }) => operationId === 'confirmReceivable')!
  const invoices = await invoicesBehind(tx, services.vault, receivableIds)
  const now = await chainTime(tx)
  const trial = new Trial(receivableIds)
  for (const [index, receivableId] of receivableIds.entries()) {
    await trial.try(index, async () => {
      const { receivable, registered } = await subjectOf(tx, receivableId, caller, verb)
      const twin = receivableIds.indexOf(receivableId)
      if (twin < index) {
        throw new ApiError('REQUEST_INVALID', { required: 'each receivable once', reason: `item ${twin} is the same` })
      }
      if (receivable.maturity <= now) {
        throw new ApiError('MATURITY_INVALID', { presented: receivable.maturity, required: [now + 1] })
      }
      // The number is the debtor's to know: it is a party of the receivable, as was found out above.
      const label = invoices.get(receivableId)?.number ?? receivableId
      return { command: { kind: 'confirm', ...registered }, receivableId, label }
    })
  }
  return propose(tx, services, caller, trial.all())
}

/** Items that passed, and those that did not. */
class Trial {
  readonly #subjects: readonly string[]
  readonly #passed = new Map<number, Item>()
  readonly #refused = new Map<number, object>()

  constructor(subjects: readonly string[]) {
    this.#subjects = subjects
  }

  get passed(): [number, Item][] {
    return [...this.#passed]
  }

  async try(index: number, work: () => Promise<Item>): Promise<void> {
    try {
      this.#passed.set(index, await work())
    } catch (error) {
      if (!(error instanceof ApiError) || errors[error.code].status >= 500) throw error
      this.refuse(index, error)
    }
  }

  refuse(index: number, { code, details }: ApiError): void {
    const field = details.field?.replace(/^body\//, `body/items/${index}/`)
    const problem = problemOf(code, { ...details, ...(field === undefined ? {} : { field }) })
    this.#refused.set(index, { item: index, subject: this.#subjects[index], problem })
  }

  all(): Item[] {
    const refused = [...this.#refused].sort(([one], [other]) => one - other).map(([, problem]) => problem)
    if (refused.length === 0) return [...this.#passed.values()]
    throw new ApiError('BATCH_REFUSED', { presented: refused, required: 'a batch without these items, which would go' })
  }
}

async function propose(
  tx: Transaction,
  { config }: Services,
  caller: Caller,
  items: readonly Item[]
): Promise<IntentBatch> {
  const intents: IntentView[] = []
  const proposed: IntentBatch['items'] = []
  for (const part of splitBatch(items, ({ command }) => command)) {
    const intent = await createIntent(tx, config.deployment, caller, {
      commands: part.map(({ command }) => command) as [BatchCommand, ...BatchCommand[]],
      ...(part.length > 1 ? { labels: part.map(({ label }) => label) } : {}),
      receivableId: part.length === 1 ? part[0]!.receivableId : null,
      currency: 0,
      request: { receivableIds: part.map(({ receivableId }) => receivableId) }
    })
    intents.push(intent)
    proposed.push(...part.map(({ receivableId }) => ({ receivableId, intentId: intent.intentId })))
  }
  return { intents, items: proposed }
}
