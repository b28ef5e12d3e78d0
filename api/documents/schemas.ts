import { Type } from 'typebox'
import { AlarmRuleSchema, Score } from '../alarms/view.ts'
import { Bytes32, strict, Uuid } from '../schemas.ts'

export const DocumentSchema = Type.Object(
  {
    documentId: Uuid,
    format: Type.String(),
    sha256: Bytes32,
    sm3: Bytes32,
    invoice: Type.Any(),
    identity: Type.Array(Type.String()),
    identities: Type.Array(Type.Array(Type.String()), {
      description:
        'All that deliveries of it may have, `identity` first: an invoice may have a code and number beside 20 digits'
    }),
    fingerprint: { ...Bytes32, description: 'Under the current key' },
    fingerprints: Type.Array(Bytes32, {
      description: 'Of every identity under every key in force, the current one first: a registration claims all'
    }),
    contentCommitment: Bytes32,
    receivableId: Type.Union([Type.String(), Type.Null()]),
    identifierFaults: Type.Array(
      Type.Object({ field: Type.String(), code: Type.String(), presented: Type.String() }, strict),
      { description: 'Identifiers of seller and buyer that can be nobody’s: they were left out of account' }
    ),
    alarms: Type.Array(Type.Object({ alarmId: Type.Integer(), rule: AlarmRuleSchema, score: Score }, strict), {
      description: 'What it rings, or would ring once it is registered'
    })
  },
  strict
)

/** In a query string. */
export const Debtor = Type.String({
  pattern: '^[1-9][0-9]{0,9}$',
  description: 'The participant that is the buyer, where the file has none of its identifiers: it can read the file'
})

/** In a query string, as JSON. */
export const Mapping = Type.String({
  minLength: 2,
  maxLength: 8000,
  description:
    'How the columns of a ledger whose headers are not well known are to be understood, as JSON: {"columns": {"number": "Beleg"}, …}'
})

/** Files come as they are; the reader decides what they are, not the header. */
export const MEDIA_TYPES = [
  'application/xml',
  'text/xml',
  'application/pdf',
  'application/ofd',
  'application/zip',
  'application/edifact',
  'text/csv',
  'application/octet-stream'
]
