/** Whether the same request can succeed later without a change. */
export type Retry = 'never' | 'later'

interface ErrorDefinition {
  status: number
  retry: Retry
  title: string
}

function define(status: number, title: string, retry: Retry = 'never'): ErrorDefinition {
  return { status, title, retry }
}

/**
 * Every refusal that the API can give. A client acts on `code`; titles are for people and may change.
 * `docs/ERRORS.md` lists them; a test compares the two.
 */
export const errors = {
  REQUEST_INVALID: define(400, 'The request does not match the schema'),
  JSON_MALFORMED: define(400, 'The body is not JSON'),
  IDEMPOTENCY_KEY_MISSING: define(400, 'Each command needs an Idempotency-Key header'),
  CREDENTIAL_MISSING: define(401, 'An API key is needed: Authorization: Bearer <key>'),
  CREDENTIAL_INVALID: define(401, 'The API key is not known'),
  ROLE_MISSING: define(403, 'The participant lacks the role for this'),
  ROUTE_UNKNOWN: define(404, 'There is no such route'),
  RECEIVABLE_NOT_FOUND: define(404, 'The receivable does not exist or is not visible to you'),
  NOTE_NOT_FOUND: define(404, 'The note does not exist or is not visible to you'),
  DOCUMENT_NOT_FOUND: define(404, 'The document does not exist or is not visible to you'),
  ALARM_NOT_FOUND: define(404, 'The alarm does not exist, is not in force or is not visible to you'),
  TRANSACTION_NOT_FOUND: define(404, 'The transaction does not exist or is not visible to you'),
  INTENT_NOT_FOUND: define(404, 'The intent does not exist or is not visible to you'),
  METHOD_NOT_ALLOWED: define(405, 'The route does not take this method'),
  READER_EXISTS: define(409, 'The participant has a key of this document; only its owner grants it anew'),
  ENCRYPTION_KEY_MISSING: define(409, 'You have no encryption key that a document could be sealed to'),
  IDENTITY_CONFLICT: define(409, 'A document of the same identity with other content is registered'),
  RECEIVABLE_STATE_WRONG: define(409, 'The receivable is not in a state for this'),
  NOTE_STATE_WRONG: define(409, 'The note is not in a state for this'),
  INTENT_STATE_WRONG: define(409, 'The intent takes no more signatures'),
  RECEIVABLE_DISPUTED: define(409, 'The receivable is disputed: no new transfer and no new lock'),
  RECEIVABLE_NOT_DISPUTED: define(409, 'The receivable is not disputed'),
  RECEIVABLE_NOT_MATURED: define(409, 'The receivable has not matured', 'later'),
  RECEIVABLE_NOTE_OPEN: define(409, 'A note of the receivable is neither settled nor cancelled'),
  RECEIVABLE_PARTY_WRONG: define(409, 'Another party has to do this'),
  NOTE_PARTY_WRONG: define(409, 'Another party has to do this'),
  NOTE_PURPOSE_WRONG: define(409, 'The note was offered or locked for another purpose'),
  NOTE_FROZEN: define(409, 'The note is frozen by order: nothing but settlement moves it'),
  NOTE_NOT_FROZEN: define(409, 'The note is not frozen'),
  NOTE_DEADLINE_PASSED: define(409, 'The time to act on the note is over'),
  NOTE_DEADLINE_PENDING: define(409, 'The counterparty can still act on the note', 'later'),
  NOTE_RECOURSE_MISSING: define(409, 'The note was taken without recourse'),
  NOTE_NOT_ASSIGNED: define(409, 'The note is still with its first creditor: there is no assignment to tell of'),
  NOTE_SOLD: define(409, 'Only what the creditor never sold can be diluted'),
  NOTES_UNLIKE: define(409, 'The two notes are not neighbours or differ in more than their spans'),
  NOTE_MATURED: define(409, 'The receivable has matured: its notes no longer move'),
  NOTE_NOT_MATURED: define(409, 'The receivable has not matured', 'later'),
  FINGERPRINT_CLAIMED: define(409, 'The document is claimed already'),
  FINGERPRINT_CLAIM_MISSING: define(409, 'You have no claim on the document'),
  FINGERPRINT_EPOCH_WRONG: define(422, 'The fingerprints are not those under the keys in force'),
  LOG_HEAD_UNKNOWN: define(404, 'No head of that size was anchored'),
  LOG_LEAF_UNKNOWN: define(404, 'No leaf of the log has that hash'),
  EVIDENCE_PENDING: define(409, 'The newest evidence is not anchored yet', 'later'),
  ALARM_OPEN: define(409, 'Alarms above your threshold wait for your decision'),
  BODY_TOO_LARGE: define(413, 'The body is larger than allowed'),
  MEDIA_TYPE_UNSUPPORTED: define(415, 'The media type is not read here'),
  IDEMPOTENCY_KEY_REUSED: define(422, 'The Idempotency-Key was used for another request'),
  DOCUMENT_REFUSED: define(422, 'The document can not be read safely'),
  DOCUMENT_TOO_SLOW: define(422, 'The document takes longer to read than allowed'),
  DOCUMENT_TOO_HEAVY: define(422, 'The document takes more memory to read than allowed'),
  DOCUMENT_NOT_RECEIVABLE: define(422, 'The document gives its seller no claim: its effective sign is a credit'),
  SELLER_UNKNOWN: define(422, 'No participant has the identifiers of the seller'),
  SELLER_CONTRADICTORY: define(422, 'The identifiers of the seller are not those of one participant'),
  SELLER_MISMATCH: define(422, 'The seller of the document is another participant'),
  BUYER_UNKNOWN: define(422, 'No participant has the identifiers of the buyer: name the debtor'),
  BUYER_CONTRADICTORY: define(422, 'The identifiers of the buyer are not those of one participant'),
  DEBTOR_MISMATCH: define(422, 'The buyer of the document is another participant than the debtor'),
  PARTICIPANT_UNKNOWN: define(422, 'There is no such participant'),
  AMOUNT_INVALID: define(422, 'The amount is zero, negative or beyond the span'),
  MATURITY_MISSING: define(422, 'The document has no due date: give the maturity'),
  MATURITY_INVALID: define(422, 'The maturity is not within the allowed tenor'),
  DEADLINE_INVALID: define(422, 'The deadline is past or not before maturity'),
  FREEZE_INVALID: define(422, 'The end of the freeze is past or more than three years away'),
  NOTICE_REFUSED: define(422, 'A name or number is too long for the notice, which cuts nothing'),
  SIGNATURE_INVALID: define(422, 'The signature does not verify over the digest'),
  SIGNER_UNKNOWN: define(422, 'The signer is not one of the account'),
  INTERNAL: define(500, 'The registry failed', 'later'),
  CHAIN_UNAVAILABLE: define(503, 'The chain does not answer', 'later'),
  DATABASE_UNAVAILABLE: define(503, 'The database does not answer', 'later'),
  PROJECTION_BEHIND: define(503, 'Nothing is projected yet', 'later')
} as const satisfies Record<string, ErrorDefinition>

export type ErrorCode = keyof typeof errors

export interface ErrorDetails {
  field?: string
  presented?: unknown
  required?: unknown
  reason?: string
}

/** A refusal with a stable code; becomes RFC 9457 problem details on HTTP. */
export class ApiError extends Error {
  readonly code: ErrorCode
  readonly details: ErrorDetails

  constructor(code: ErrorCode, details: ErrorDetails = {}) {
    super(errors[code].title)
    this.code = code
    this.details = details
  }
}
