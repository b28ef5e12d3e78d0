/** Uploads of files that hold several invoices. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { hexlify } from 'ethers'
import { Type, type Static } from 'typebox'
import { sha256 } from '../../domain/crypto/hash.ts'
import type { BatchItem } from '../../domain/documents/batch.ts'
import { parseLedgerMapping } from '../../domain/documents/ledger-mapping.ts'
import type { Services } from '../app.ts'
import { inTransaction, type Transaction } from '../database.ts'
import { ApiError, errors } from '../errors.ts'
import type { Caller } from '../plugins/auth.ts'
import { once, type Answer } from '../plugins/idempotency.ts'
import { problemOf } from '../plugins/problem.ts'
import { Bytes32, ProblemRef, strict } from '../schemas.ts'
import type { DocumentReading } from './reading.ts'
import { DocumentSchema } from './schemas.ts'
import { asProblem, lockFiles, reading as asRead, store } from './store.ts'

/** Documents of one transaction: others wait for the log no longer than for these. */
const CHUNK = 10

const ItemSchema = Type.Object(
  {
    place: Type.String({
      description: '`row 3` of a ledger, `body 2` of a FatturaPA; empty for a file of one invoice'
    }),
    isNew: Type.Optional(Type.Boolean({ description: 'False where the same invoice was uploaded before' })),
    document: Type.Optional(DocumentSchema),
    problem: Type.Optional(ProblemRef)
  },
  { ...strict, description: 'Either a document or a problem' }
)

export const BatchSchema = Type.Object(
  {
    sha256: { ...Bytes32, description: 'Of the file, which is not kept as a whole' },
    documents: Type.Integer(),
    problems: Type.Integer(),
    items: Type.Array(ItemSchema, { description: 'Every invoice of the file, in its order' })
  },
  strict
)

interface Item {
  place: string
  isNew?: boolean
  document?: object
  problem?: Static<typeof ProblemRef>
}

export interface BatchUpload {
  bytes: Uint8Array
  /** JSON of a ledger mapping. */
  mapping: string | undefined
  debtor: number | undefined
}

export class DocumentBatches {
  readonly #services: Services
  readonly #reading: DocumentReading
  /** Ends when the batches of before have. One at a time: each holds a connection while it works with another. */
  #before: Promise<unknown> = Promise.resolve()

  constructor(services: Services, reading: DocumentReading) {
    this.#services = services
    this.#reading = reading
  }

  /**
   * Each invoice for itself: what is refused of one refuses none of the others. Documents claim nothing, so that half of a ledger does
   * no harm; what was broken off goes on when the file is sent again, since the same invoice is the same document.
   * @throws ApiError DOCUMENT_REFUSED, DOCUMENT_TOO_SLOW or DOCUMENT_TOO_HEAVY for what is wrong with the file as a whole
   */
  async upload(request: FastifyRequest, reply: FastifyReply, { bytes, mapping, debtor }: BatchUpload): Promise<object> {
    const items = await asRead(async () =>
      this.#reading.readBatch(bytes, mapping === undefined ? undefined : parseLedgerMapping(mapping))
    )
    const uploading = this.#before.then(() =>
      once(this.#services.pool, request, reply, () => this.#storeAll(request.caller, bytes, items, debtor))
    )
    this.#before = uploading.catch(() => undefined)
    return uploading
  }

  async #storeAll(
    caller: Caller,
    bytes: Uint8Array,
    items: readonly BatchItem[],
    debtor: number | undefined
  ): Promise<Answer> {
    const shown: Item[] = []
    for (let start = 0; start < items.length; start += CHUNK) {
      const chunk = items.slice(start, start + CHUNK)
      const work = (tx: Transaction): Promise<Item[]> => this.#storeChunk(tx, caller, chunk, debtor)
      shown.push(...(await inTransaction(this.#services.pool, work)))
    }
    const problems = shown.filter(({ problem }) => problem).length
    return {
      status: shown.some(({ isNew }) => isNew) ? 201 : 200,
      body: { sha256: hexlify(sha256(bytes)), documents: shown.length - problems, problems, items: shown }
    }
  }

  async #storeChunk(
    tx: Transaction,
    caller: Caller,
    chunk: readonly BatchItem[],
    debtor: number | undefined
  ): Promise<Item[]> {
    const digests = chunk.flatMap((item) => ('extract' in item ? hexlify(sha256(item.extract)) : []))
    await lockFiles(tx, caller.participantId, digests)
    const shown: Item[] = []
    for (const item of chunk) {
      const { place } = item
      try {
        if ('refusal' in item) throw asProblem(item.refusal)
        const { extract, invoice } = item
        const isRow = place.startsWith('row ')
        const upload = { bytes: extract, invoice, debtor, ...(isRow ? { mediaType: 'text/csv' } : {}) }
        const { status, body } = await store(tx, this.#services, caller, upload)
        shown.push({ place, isNew: status === 201, document: body })
      } catch (error) {
        shown.push({ place, problem: problemOfItem(error) })
      }
    }
    return shown
  }
}

/** A document is refused before anything of it is written, so that the transaction goes on. Failures of ours end it. */
function problemOfItem(error: unknown): Static<typeof ProblemRef> {
  const isOfItem =
    error instanceof ApiError && errors[error.code].status < 500 && error.code !== 'ENCRYPTION_KEY_MISSING'
  if (!isOfItem) throw error
  return problemOf(error.code, error.details)
}
