/** Why a block hash may be trusted: sealed by known validators, anchored in the evidence log, or known from elsewhere. */
import { getBytes, ZeroHash } from 'ethers'
import type { TrustAnchors } from '../anchors.ts'
import type { Verdict } from '../checks.ts'
import { isSameAddress } from '../shape.ts'
import { EvidenceError } from '../errors.ts'
import { contradicted, requireSignedHead } from '../head.ts'
import { verifyInclusion } from '../merkle.ts'
import type { BlockHeader } from '../proof/header.ts'
import { qbftQuorum, qbftSealers } from '../proof/qbft.ts'
import { leafOf } from '../record.ts'
import { recordOfStatement, type Certificate } from './statement.ts'

export interface KnownBlock {
  number: number
  hash: string
}

interface BlockTrust {
  anchors?: TrustAnchors | undefined
  chain?:
    | {
        blockHash(blockNumber: number): Promise<string | undefined>
        headRootOf(evidenceLog: string, size: number): Promise<string>
      }
    | undefined
  blocks?: readonly KnownBlock[] | undefined
}

/**
 * Tries each way. One that holds is enough; one that contradicts refuses, whatever the others say.
 * @throws EvidenceError BLOCK_NOT_TRUSTED, LEAF_NOT_IN_LOG, HEAD_SIGNATURE_INVALID, HEAD_FORKED, HEAD_NOT_ANCHORED, USER_ID_WRONG, CERT_*
 */
export async function checkBlock(
  certificate: Certificate,
  header: BlockHeader | undefined,
  trust: BlockTrust
): Promise<Verdict<void>> {
  const reasons = [
    knownWhy(certificate, trust),
    await anchoredWhy(certificate, trust),
    header && sealedWhy(certificate, header, trust.anchors),
    await nodeWhy(certificate, trust)
  ].filter((reason) => reason !== undefined)
  if (reasons.length > 0) return { detail: reasons.join('; ') }
  return { unchecked: 'no known block, no anchored head, no validators and no chain vouch for that block' }
}

function knownWhy({ statement }: Certificate, { anchors, blocks = [] }: BlockTrust): string | undefined {
  const { number, hash } = statement.asOf
  const known = [...blocks, ...(anchors?.blocks ?? [])].filter((block) => block.number === number)
  const other = known.find((block) => block.hash !== hash)
  if (other) refuse(`block ${number} is known by another hash`, hash, other.hash)
  return known.length > 0 ? `block ${number} is known by that hash` : undefined
}

async function nodeWhy({ statement }: Certificate, { chain }: BlockTrust): Promise<string | undefined> {
  if (!chain) return undefined
  const { number, hash } = statement.asOf
  const there = await chain.blockHash(number)
  if (there !== hash) refuse(`the chain has another block ${number} or none`, hash, there ?? 'none')
  return `the chain has that block ${number}`
}

/** The statement's record, which names the block, is a leaf under a signed head that the anchors saw on the chain, or that the chain has. */
async function anchoredWhy(
  { statement, proof }: Certificate,
  { anchors, chain }: BlockTrust
): Promise<string | undefined> {
  const { anchored } = proof
  if (!anchored) return undefined
  const { head, leafIndex } = anchored
  const { chainId, evidenceLog } = statement.deployment
  if (head.chainId !== chainId || !isSameAddress(head.evidenceLog, evidenceLog)) {
    throw new EvidenceError('DEPLOYMENT_MISMATCH', 'the head is of another log', { presented: head.evidenceLog })
  }
  requireSignedHead(head, anchors)
  const leaf = leafOf(recordOfStatement(statement))
  const path = anchored.proof.map((hash) => getBytes(hash))
  if (!verifyInclusion(leafIndex, head.size, leaf, path, getBytes(head.root))) {
    throw new EvidenceError('LEAF_NOT_IN_LOG', `the statement is not leaf ${leafIndex} of the log`, {
      presented: leafIndex
    })
  }
  const known = anchors?.heads.find(({ size }) => size === head.size)
  if (known && known.root !== head.root) throw contradicted(head, known.root, anchors)
  const where = `the statement and its block are leaf ${leafIndex} of the log of ${head.size} leaves`
  const root = anchors && (await chain?.headRootOf(anchors.deployment.evidenceLog, head.size))
  // A head that is not on the chain vouches for nothing, but contradicts nothing either.
  if (root !== undefined && root !== ZeroHash) {
    if (root !== head.root) throw contradicted(head, root, anchors)
    return `${where}, whose root the chain holds`
  }
  return known && `${where}, anchored in block ${known.blockNumber}`
}

/** Two thirds of the validators that the anchors name sealed it. The header's own list of validators counts for nothing. */
function sealedWhy({ proof }: Certificate, header: BlockHeader, anchors: TrustAnchors | undefined): string | undefined {
  if (proof.hashing !== 'qbft' || !anchors?.validators) return undefined
  const trusted = new Set(anchors.validators.map((one) => one.toLowerCase()))
  const sealers = qbftSealers(header).filter((one) => trusted.has(one))
  const required = qbftQuorum(trusted.size)
  if (sealers.length < required) refuse('too few of the trusted validators sealed it', sealers.length, required)
  return `${sealers.length} of ${trusted.size} validators sealed the block`
}

function refuse(message: string, presented: unknown, required: unknown): never {
  throw new EvidenceError('BLOCK_NOT_TRUSTED', message, { presented, required })
}
