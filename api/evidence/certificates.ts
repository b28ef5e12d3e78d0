import { parseRecord, type EvidenceRecord } from '../../domain/evidence/record.ts'
import type { Transaction } from '../database.ts'
import type { Leaf } from './leaves.ts'

/** X.509 certificates of the SM2 keys that signed the commands and quotes among the leaves, with those above them; DER. */
export async function certificatesBehind(tx: Transaction, leaves: readonly Leaf[]): Promise<Uint8Array[]> {
  const signed = leaves.flatMap(({ record }) => {
    const { participantId, signers } = signedBy(parseRecord(record))
    return signers.map((signer) => [participantId, signer] as const)
  })
  const keys = signed.flatMap(([id, signer]) => (signer.length > 42 ? [[id, `0x${signer.slice(42)}`]] : []))
  if (keys.length === 0) return []
  const { rows } = await tx.query<{ der: Buffer; intermediates: Buffer[] }>({
    name: 'evidence.certificates-of-signers',
    text: `select distinct c.sha256, c.der, c.intermediates
             from unnest($1::bigint[], $2::text[]) s (participant_id, public_key)
             join app.participant_certificate c on c.participant_id = s.participant_id and c.public_key = s.public_key
            where c.use = 'signature'
            order by c.sha256`,
    values: [keys.map(([id]) => id), keys.map(([, key]) => key!.toLowerCase())]
  })
  return rows.flatMap(({ der, intermediates }) => [der, ...intermediates].map((one) => new Uint8Array(one)))
}

function signedBy(record: EvidenceRecord): { participantId: string; signers: string[] } {
  if (record.kind === 'command') {
    return { participantId: record.participantId, signers: record.signatures.map(({ signer }) => signer) }
  }
  return record.kind === 'signature' ? { ...record, signers: [record.signer] } : { participantId: '', signers: [] }
}
