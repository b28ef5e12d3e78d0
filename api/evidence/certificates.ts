import { parseRecord, type CommandRecord } from '../../domain/evidence/record.ts'
import type { Transaction } from '../database.ts'
import type { Leaf } from './leaves.ts'

/** X.509 certificates of the SM2 keys that signed the commands among the leaves, with those above them; DER. */
export async function certificatesBehind(tx: Transaction, leaves: readonly Leaf[]): Promise<Uint8Array[]> {
  const commands = leaves
    .map(({ record }) => parseRecord(record))
    .filter((record): record is CommandRecord => record.kind === 'command')
  const keys = commands.flatMap(({ participantId, signatures }) =>
    signatures.filter(({ signer }) => signer.length > 42).map(({ signer }) => [participantId, `0x${signer.slice(42)}`])
  )
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
