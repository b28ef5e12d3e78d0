/** Nonces of logins. Nothing is stored for who only asks: a nonce proves by itself that it is ours and until when. */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { Transaction } from '../database.ts'
import type { Vault } from '../vault.ts'

/** Seconds. */
export const CHALLENGE_LIFE = 300

/** 12 random bytes, the end in unix seconds (4), and 16 of a keyed digest over both; 0x-hex. */
export function newNonce(vault: Vault, use: string, now = Date.now()): { nonce: string; expiresAt: number } {
  const expiresAt = Math.floor(now / 1000) + CHALLENGE_LIFE
  const head = Buffer.concat([randomBytes(12), Buffer.alloc(4)])
  head.writeUInt32BE(expiresAt, 12)
  return { nonce: `0x${Buffer.concat([head, sealOf(vault, use, head)]).toString('hex')}`, expiresAt }
}

/** When a nonce ends, unix seconds; undefined for one that is not ours or has ended. */
export function expiryOf(vault: Vault, use: string, nonce: string, now = Date.now()): number | undefined {
  const bytes = Buffer.from(nonce.slice(2), 'hex')
  if (bytes.length !== 32) return undefined
  const head = bytes.subarray(0, 16)
  if (!timingSafeEqual(sealOf(vault, use, head), bytes.subarray(16))) return undefined
  const expiresAt = head.readUInt32BE(12)
  return expiresAt * 1000 > now ? expiresAt : undefined
}

function sealOf(vault: Vault, use: string, head: Buffer): Buffer {
  return vault.digest([head.toString('hex')], `nonce ${use}`).subarray(0, 16)
}

/**
 * Uses a nonce up.
 * @returns false when it was used before
 */
export async function useNonce(service: Transaction, nonce: string, expiresAt: number): Promise<boolean> {
  await service.query('delete from app.login_nonce where expires_at < now()')
  const { rowCount } = await service.query(
    'insert into app.login_nonce (nonce, expires_at) values ($1, to_timestamp($2)) on conflict do nothing',
    [Buffer.from(nonce.slice(2), 'hex'), expiresAt]
  )
  return rowCount === 1
}
