import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { getBytes, hexlify } from 'ethers'
import { Type } from 'typebox'
import type { TrustAnchors } from '../../domain/evidence/anchors.ts'
import { consistencyProof, inclusionProof, rootOf } from '../../domain/evidence/merkle.ts'
import { evidenceDeployment, rfc3339 } from '../../domain/evidence/shape.ts'
import type { Services } from '../app.ts'
import { asService } from '../database.ts'
import { ApiError } from '../errors.ts'
import { Bytes32, Count, refusals, strict } from '../schemas.ts'
import { anchoredRoot, newestAnchoredHead } from './head.ts'
import { leafIndexOf, nodeReader } from './log.ts'

const Proof = Type.Array(Bytes32, { description: 'RFC 9162, section 2.1' })

/** The log itself, open to everybody: heads, proofs and what an offline verification trusts. Hashes tell nobody's business. */
export function logRoutes({ pool, config }: Services): FastifyPluginAsyncTypebox {
  const open = { config: { isPublic: true } }
  const common = { tags: ['evidence'], security: [] }

  return async (app) => {
    app.get(
      '/log/head',
      {
        ...open,
        schema: {
          ...common,
          operationId: 'getLogHead',
          summary: 'The newest anchored head of the evidence log',
          response: { ...refusals, 200: Type.Any() }
        }
      },
      async () => {
        const head = await newestAnchoredHead(pool)
        if (!head) throw new ApiError('EVIDENCE_PENDING')
        return head
      }
    )

    app.get(
      '/log/inclusion',
      {
        ...open,
        schema: {
          ...common,
          operationId: 'getInclusionProof',
          summary:
            'That a record is in the log: by its leaf hash, under an anchored head (the newest when none is named)',
          querystring: Type.Object({ hash: Bytes32, size: Type.Optional(Count) }, strict),
          response: {
            ...refusals,
            200: Type.Object({ leafIndex: Type.Integer(), size: Type.Integer(), root: Bytes32, proof: Proof }, strict)
          }
        }
      },
      async ({ query }) => {
        const size = query.size === undefined ? await newestSize() : Number(query.size)
        const root = await rootOfHead(size)
        const leafIndex = await leafIndexOf(pool, getBytes(query.hash))
        if (leafIndex === undefined || leafIndex >= size) {
          throw new ApiError('LOG_LEAF_UNKNOWN', { presented: query.hash, required: `one of ${size} leaves` })
        }
        const proof = await inclusionProof(leafIndex, size, nodeReader(pool))
        return { leafIndex, size, root, proof: proof.map((hash) => hexlify(hash)) }
      }
    )

    app.get(
      '/log/consistency',
      {
        ...open,
        schema: {
          ...common,
          operationId: 'getConsistencyProof',
          summary: 'That one anchored head only added leaves to an earlier one',
          querystring: Type.Object({ from: Count, to: Type.Optional(Count) }, strict),
          response: {
            ...refusals,
            200: Type.Object(
              { from: Type.Integer(), fromRoot: Bytes32, to: Type.Integer(), toRoot: Bytes32, proof: Proof },
              strict
            )
          }
        }
      },
      async ({ query }) => {
        const from = Number(query.from)
        const to = query.to === undefined ? await newestSize() : Number(query.to)
        const [fromRoot, toRoot] = [await rootOfHead(from), await rootOfHead(to)]
        if (from > to) throw new ApiError('LOG_HEAD_UNKNOWN', { presented: from, required: `at most ${to}` })
        const proof = await consistencyProof(from, to, nodeReader(pool))
        return { from, fromRoot, to, toRoot, proof: proof.map((hash) => hexlify(hash)) }
      }
    )

    app.get(
      '/trust-anchors',
      {
        ...open,
        schema: {
          ...common,
          operationId: 'getTrustAnchors',
          summary: 'What an offline verification trusts: take it once, from a place that you trust',
          description:
            'The authorities are those that this registry accepts. A court takes theirs from the authorities themselves: `tallystick verify --authority FILE`.',
          response: { ...refusals, 200: Type.Any() }
        }
      },
      async () => trustAnchors()
    )
  }

  async function newestSize(): Promise<number> {
    const head = await newestAnchoredHead(pool)
    if (!head) throw new ApiError('EVIDENCE_PENDING')
    return head.signed.size
  }

  /** What the chain holds for that size, held against our own tree: a proof that would not verify is never given out. */
  async function rootOfHead(size: number): Promise<string> {
    const root = await anchoredRoot(pool, size)
    if (root === undefined) throw new ApiError('LOG_HEAD_UNKNOWN', { presented: size })
    const own = hexlify(await rootOf(size, nodeReader(pool)))
    if (own !== root) throw new Error(`the log's tree has another root of ${size} leaves than was anchored`)
    return root
  }

  async function trustAnchors(): Promise<TrustAnchors> {
    const people = await asService(pool, (service) =>
      service.query<TrustAnchors['participants'][number]>(
        `select participant_id as id, account, name, legal_identity as "legalIdentity",
              (select json_agg(s ->> 'signer') from jsonb_array_elements(signers) s) as signers
         from app.participant order by participant_id`
      )
    )
    const heads = await pool.query<Omit<TrustAnchors['heads'][number], 'time'> & { at: number }>(
      `select size::float8 as size, root, changed_block::float8 as "blockNumber", changed_tx as "txHash",
              anchored_at::float8 as at
         from projection.log_head order by size`
    )
    return {
      version: 1,
      deployment: evidenceDeployment(config.deployment),
      logKeys: config.logKeys,
      certificateKeys: config.certificateKeys,
      authorities: config.authorities,
      participants: people.rows,
      heads: heads.rows.map(({ at, ...head }) => ({ ...head, time: rfc3339(at) }))
    }
  }
}
